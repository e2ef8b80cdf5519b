"""The page in a real browser: Debian's Chromium, driven by Playwright."""

import re

import pytest

from tests.fixtures import ROOT, browsing, http, service

CAT = ROOT / "samples/cat"
VERSIONS = [CAT / name for name in ("messenger.jpg", "original.jpg", "laundered.png")]
COMPARED = "#status:not(.busy):has-text('compared')"


@pytest.fixture(scope="module")
def running():
    with service(workers=2) as one:
        yield one


@pytest.fixture
def page(running, browser):
    """The page just opened; afterwards: nothing was asked of another host, and nothing complained but refused requests."""
    requests, complaints = [], []
    with browsing(browser, viewport={"width": 1200, "height": 900}, reduced_motion="reduce") as page:
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{running.url}/")
        yield page
    assert f"{running.url}/" in requests
    assert [url for url in requests if not url.startswith((f"{running.url}/", f"blob:{running.url}/"))] == []
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def _rank(page, files):
    page.set_input_files("#files", files)
    page.wait_for_selector(COMPARED)


def _view(page):
    return page.evaluate("['image-a', 'image-b'].map((id) => document.getElementById(id).style.transform)")


def test_chosen_versions_are_ranked_with_pictures_odds_and_reasons(page, running):
    _rank(page, VERSIONS)
    files = [("files", (path.name, path.read_bytes())) for path in VERSIONS]
    ranked = http.post(f"{running.url}/v1/rank?reasons=false", files=files).json()["ranking"]
    names = page.locator(".name").all_inner_texts()
    assert names == [one["filename"] for one in ranked]
    assert names[0] == "original.jpg"
    page.locator(".version summary").nth(names.index("laundered.png")).click()
    assert "earlier JPEG of quality about 30" in page.locator(".version").nth(names.index("laundered.png")).inner_text()
    certain = [
        re.match(r"(more than )?\d+(\.\d)? % sure", text) is not None for text in page.locator(".next").all_inner_texts()
    ]
    assert certain == [not one["too_close_to_call"] for one in ranked[:2]]
    page.wait_for_selector("#lists:not(:has(.thumb:not(:has(canvas))))")
    page.get_by_label("Remove laundered.png").click()
    page.wait_for_selector(".version >> nth=2", state="detached")
    assert page.locator(".name").all_inner_texts() == ["original.jpg", "messenger.jpg"]


def test_the_viewer_moves_both_versions_together(page):
    _rank(page, VERSIONS)
    page.wait_for_selector("#image-a[style*=scale]")
    seen = [_view(page)]

    def moved():
        seen.append(_view(page))
        assert seen[-1] != seen[-2]
        assert seen[-1][0] == seen[-1][1]

    page.focus("#stage")
    page.keyboard.press("+")
    moved()
    page.keyboard.press("ArrowLeft")
    moved()
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.wheel(0, -240)
    moved()
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 230, steps=3)
    page.mouse.up()
    moved()
    page.keyboard.press("0")
    moved()
    assert seen[-1] == seen[0]
    clip = "document.getElementById('pane-b').style.clipPath"
    before = page.evaluate(clip)
    page.keyboard.press("]")
    assert page.evaluate(clip) != before
    middle = box["x"] + 0.55 * box["width"]
    page.mouse.move(middle, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 300, steps=3)
    page.mouse.up()
    assert float(page.input_value("#wipe-range")) < 20
    assert _view(page) == seen[-1]


def test_blink_and_split_show_one_version_or_both(page):
    _rank(page, VERSIONS)
    visible = "['pane-a', 'pane-b'].map((id) => getComputedStyle(document.getElementById(id)).visibility)"
    page.get_by_text("Blink", exact=True).click()
    assert page.evaluate(visible) == ["visible", "hidden"]
    page.get_by_role("button", name="Show B").click()
    assert page.evaluate(visible) == ["hidden", "visible"]
    page.get_by_text("Side by side", exact=True).click()
    assert page.evaluate(visible) == ["visible", "visible"]
    a, b = (page.locator(f"#pane-{name}").bounding_box() for name in "ab")
    assert a["x"] + a["width"] == pytest.approx(b["x"], abs=1)
    page.locator(".thumb").nth(2).click()
    assert page.locator(".name").nth(2).inner_text() in page.locator("#tag-b").inner_text()


def test_a_text_file_is_named_and_the_pictures_are_ranked(page, tmp_path):
    words = tmp_path / "<b>notes.jpg"
    words.write_text("just words")
    _rank(page, [*VERSIONS, words])
    assert page.locator("#problems li").count() == 1
    assert "<b>notes.jpg: not a JPEG" in page.locator("#problems").inner_text()
    assert page.locator(".version").count() == 3


def test_blinking_goes_on_by_itself_unless_less_motion_is_wished(running, browser):
    with browsing(browser, reduced_motion="no-preference") as page:
        page.goto(f"{running.url}/")
        _rank(page, VERSIONS[:2])
        page.get_by_text("Blink", exact=True).click()
        for shown in ("b", "a", "b"):
            page.wait_for_selector(f"#stage[data-shown={shown}]")


def test_everything_can_be_reached_by_keyboard_and_fits_a_phone(running, browser):
    with browsing(browser, viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
        page.goto(f"{running.url}/")
        _rank(page, VERSIONS)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 150
        page.evaluate("document.activeElement.blur()")
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        wanted = {"files", "clear", "thumb", "remove", "pick-a", "pick-b", "swap", "stage", "wipe-range", "zoom-in", "zoom-fit"}
        assert wanted <= set(reached)


def test_pasted_and_dropped_files_are_taken(page):
    data = [(path.name, list(path.read_bytes())) for path in VERSIONS[:2]]
    script = """([files, kind]) => {
        const transfer = new DataTransfer();
        for (const [name, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
        const event = kind === "paste"
            ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true })
            : new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
        document.getElementById("drop").dispatchEvent(event);
    }"""
    page.evaluate(script, [data[:1], "paste"])
    page.wait_for_selector("#status:has-text('at least one more')")
    page.evaluate(script, [data[1:], "drop"])
    page.wait_for_selector(COMPARED)
    assert page.locator(".version").count() == 2
