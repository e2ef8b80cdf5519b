"""The report of a scan: what its pages hold, that it goes on where it stopped, and the page in a real browser."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genloss.archive.catalog import Catalog
from genloss.archive.catalog_run import Inventory
from genloss.archive.plan import Action, ActionKind, Group, Relation, make_plan
from genloss.archive.report import check_report_folder, write_report
from genloss.archive.report_spots import cut_spot, find_spot
from genloss.archive.scan import ScanResult
from genloss.archive.scan_store import ScanStore
from genloss.archive.scanned import ScannedFile, Status
from genloss.model.errors import OutputRefusedError
from genloss.model.pairs.placement import Placement, whole_frame
from tests.archive_tests.conftest import CREATED, member
from tests.archive_tests.pictures import NOT_UTF8
from tests.fixtures import ROOT, browsing, saved

FOLDER = "a<"  # before a slash and a name that begins with "script>"
HOSTILE = "script><img src=x onerror=alert(1)> ' \" \u2028 # ? %41.png"


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> ScanResult:
    """Two groups: an original with a copy, a crop and a JPEG in disguise; and two drawings that are alternates."""
    root = tmp_path_factory.mktemp("report").resolve() / "pictures"
    (root / FOLDER).mkdir(parents=True)
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        cat = opened.convert("RGB").resize((226, 150))
    jpeg = saved(cat, "JPEG", quality=70)
    (root / "disguise").write_bytes(jpeg)
    with Image.open(root / "disguise") as opened:
        disguised = saved(opened, "PNG")
    (root / "disguise").unlink()
    contents = {
        f"{FOLDER}/{HOSTILE}": saved(cat, "PNG"),
        NOT_UTF8: saved(cat.crop((26, 10, 226, 150)), "JPEG", quality=90), "d.png": disguised,
        "one.png": saved(cat.rotate(90, expand=True), "PNG"), "two.png": saved(cat.convert("L"), "PNG"),
    }  # fmt: skip
    for name, data in contents.items():
        (root / name).write_bytes(data)
    kept, crop, hidden, one, two = (member(root / name, 1) for name in contents)
    away = Action(ActionKind.QUARANTINE, kept.path, kept.sha256)
    kept = replace(kept, keep=True)
    lying = Placement(0, (150, 226), (140, 200), 1.0, 1.0, -10.0, -26.0)
    crop = replace(
        crop, place=3, relation=Relation.VERSION, odds=0.42, reasons=("shows 83 % of the kept one",), transform=lying
    )
    still = whole_frame((150, 226), (150, 226))
    hidden = replace(hidden, place=2, relation=Relation.VERSION, odds=0.9931, transform=still, action=away)
    one, two = replace(one, keep=True), replace(two, place=2, keep=True, relation=Relation.ALTERNATE, transform=None)
    plan = make_plan(CREATED, [root], [Group(1, (kept, hidden, crop)), Group(2, (one, two))])
    files = [ScannedFile(root / name, Status.OK, size_bytes=len(data)) for name, data in contents.items()]
    broken = root / "broken.jpg"
    files.append(ScannedFile(broken, Status.BROKEN, "image_truncated", f"{broken}: the pixels end early", 12))
    return ScanResult(files, plan, Inventory([root]), 5, 3)


@pytest.fixture(scope="module")
def report(result, tmp_path_factory):
    """Its folder, and what is needed to write it again."""
    folder = tmp_path_factory.mktemp("written")
    with Catalog(folder / "catalog") as catalog:
        store = ScanStore(catalog)
        write_report(result, store, folder / "report", 10**8, False, lambda items, total, doing: items)
        yield folder / "report", store


def _data(path: Path) -> dict:
    text = path.read_text(encoding="ascii")
    assert "<" not in text
    return json.loads(text.removeprefix("window.genloss = ").rstrip(";\n"))


def test_pages_hold_odds_frames_crops_and_what_would_happen(report):
    group = _data(report[0] / "data-1.js")["groups"][0]
    kept, hidden, crop = group["members"]
    assert [one["fate"] for one in (kept, hidden, crop)] == ["kept", "goes", "review"]
    assert (kept["name"], crop["name"]) == (HOSTILE, "caf\\xe9.jpg")
    assert crop["url"].endswith("caf%E9.jpg")
    assert crop["frame"] == {"on": "kept", "x": 0.115, "y": 0.0667, "width": 0.885, "height": 0.9333}
    assert hidden["odds"] == 0.9931
    assert "JPEG of quality about 70 in disguise" in hidden["disguise"]
    assert 0 < hidden["hidden"] < hidden["size"]
    for one in (kept, hidden, crop):
        assert (report[0] / one["small"]).is_file()
    with Image.open(report[0] / crop["crop"]["src"]) as picture:
        assert picture.size == (2 * crop["crop"]["side"], crop["crop"]["side"])


def test_totals_and_files_that_are_no_pictures_are_listed(report):
    index, files = _data(report[0] / "data-index.js"), _data(report[0] / "data-files.js")
    totals = index["totals"]
    assert (totals["files"], totals["broken"], totals["groups"], totals["acted"], totals["review"]) == (6, 1, 2, 1, 1)
    assert [one["state"] for one in index["index"]] == ["review", "related"]
    assert files["files"][0]["message"] == "the pixels end early"


def test_writing_it_again_draws_only_what_is_missing(report, result):
    folder, store = report
    drawn = []

    def watch(items, total, doing):
        drawn.append(total)
        return items

    pictures = sorted((folder / "pictures").rglob("*.webp"))
    before = [path.stat().st_mtime_ns for path in pictures]
    write_report(result, store, folder, 10**8, False, watch)
    assert (drawn, [path.stat().st_mtime_ns for path in pictures]) == ([], before)
    next(path for path in pictures if "small" in path.name).unlink()
    with open(folder / "drawn.jsonl", "a") as ledger:
        ledger.write('{"sha256": "cut o')
    write_report(result, store, folder, 10**8, False, watch)
    assert drawn == [1]
    assert sorted((folder / "pictures").rglob("*.webp")) == pictures


def test_a_page_holds_200_groups_and_pages_of_more_are_removed(report, result):
    folder, store = report
    group = result.plan.groups[1]
    many = replace(result.plan, groups=tuple(replace(group, number=number) for number in range(1, 202)))
    (folder / "groups-9.html").touch()
    write_report(replace(result, plan=many), store, folder, 10**8, False, lambda items, total, doing: items)
    assert len(_data(folder / "data-1.js")["groups"]) == 200
    assert [one["number"] for one in _data(folder / "data-2.js")["groups"]] == [201]
    assert not (folder / "groups-9.html").exists()
    write_report(result, store, folder, 10**8, False, lambda items, total, doing: items)
    assert not (folder / "data-2.js").exists()


def test_folders_that_hold_something_else_are_refused(report, result, tmp_path):
    root = result.plan.roots[0]
    for folder in (root, root / "report"):
        with pytest.raises(OutputRefusedError):
            check_report_folder(folder, [root])
    (tmp_path / "letter.txt").touch()
    with pytest.raises(OutputRefusedError, match="other files"):
        check_report_folder(tmp_path, [root])
    check_report_folder(report[0], [root])


@pytest.mark.parametrize("turn", [0, 1, 6])
def test_the_spot_is_where_a_turned_and_shrunk_version_differs(turn):
    luma = np.random.default_rng(3).integers(60, 190, (300, 400), np.uint8)
    turned = np.rot90(luma[:, ::-1] if turn >= 4 else luma, turn % 4)
    height, width = turned.shape
    other = np.ascontiguousarray(turned.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)).astype(np.uint8))
    other[40:60, 80:100] = 255
    placement = whole_frame((300, 400), other.shape, turn)
    spot = find_spot(luma, other, placement)
    assert abs(spot.x_px - 90) < 45
    assert abs(spot.y_px - 50) < 45
    crops = cut_spot(np.stack([luma] * 3, -1), np.stack([other] * 3, -1), placement, spot)
    assert crops.shape == (spot.side_px, 2 * spot.side_px, 3)
    assert (crops[:, spot.side_px :] == 255).all(axis=2).sum() == 4 * 400  # each pixel of the coarser one four times


def test_the_report_works_from_a_disk_without_asking_anybody(report, browser):
    folder, requests, complaints = report[0], [], []
    with browsing(browser, viewport={"width": 390, "height": 844}, reduced_motion="reduce") as page:
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto((folder / "index.html").as_uri())
        assert page.locator(".rows li").count() == 2
        page.get_by_text("To look at", exact=True).click()
        assert page.locator(".rows li").count() == 1
        page.locator(".rows a").click()
        page.wait_for_selector("#group-1")
        assert page.locator(".group:visible").count() == 1
        words = page.locator("#group-1").inner_text()
        for said in (
            HOSTILE.replace("\u2028", "").split('"')[0],
            "99.3\u00a0%",
            "42\u00a0%",
            "would go to quarantine",
            "without information",
        ):
            assert said in words
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("#group-1 .crops").nth(1).click()
        page.wait_for_function("document.getElementById('image-b').naturalWidth > 0")
        assert "shows 83 %" in page.locator("#viewer-note").inner_text()
        page.keyboard.press("b")
        assert page.locator("#stage").get_attribute("data-mode") == "blink"
        page.keyboard.press(" ")
        assert page.locator("#stage").get_attribute("data-shown") == "b"
        page.keyboard.press("p")
        assert "d.png" in page.locator("#tag-b").inner_text()
        page.keyboard.press("Escape")
        assert page.locator("#viewer").is_hidden()
        page.goto((folder / "files.html").as_uri())
        assert "the pixels end early" in page.locator("table").inner_text()
    assert complaints == []
    assert [url for url in requests if not url.startswith(folder.as_uri())] == []
