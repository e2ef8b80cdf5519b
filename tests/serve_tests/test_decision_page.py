"""The page as a tool to decide with: verdict, odds, what to discard, pictures no browser draws, and what goes wrong."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import ImageEnhance, ImageOps

from tests.fixtures import ROOT, browsing, saved, service

SAMPLES = ROOT / "samples"
CAT = SAMPLES / "cat"
ORIGINAL, MESSENGER, WEBP = (CAT / name for name in ("original.jpg", "messenger.jpg", "reposted.webp"))
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def running():
    with service(workers=2, max_body_bytes=2 * MIB) as one:
        yield one


@pytest.fixture
def page(running, browser):
    """The page just opened; afterwards no script failed, and nothing was said on the console but refused requests."""
    complaints = []
    with browsing(browser, viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{running.url}/")
        yield page
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def _rank(page, files):
    given = [file if isinstance(file, dict) else _file(file.name, file.read_bytes()) for file in files]
    page.set_input_files("#files", given)
    page.wait_for_selector("#verdict:not([hidden])")
    page.wait_for_selector("#status:not(.busy):has-text('compared')")


def _file(name, data):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def _uploads(page):
    """Names of endpoints the page sends files to or has rank them, from now on."""
    seen = []

    def see(request):
        name = request.url.split("/v1/")[-1].split("?")[0]
        if name in ("versions", "rankings", "preview"):
            seen.append(name)

    page.on("request", see)
    return seen


def _give(page, answer):
    """Has the page's next rankings answered by `answer`, a function of the service's own answer."""

    def handle(route):
        response = route.fetch()
        document = response.json()
        answer(document)
        route.fulfill(response=response, body=json.dumps(document))

    page.route("**/v1/rankings", handle)


def _odds(document, *odds):
    """States odds between neighbours and against the first place, in the order of the ranking."""
    for place, (closer, worse) in zip(document["ranking"], odds, strict=True):
        place["probability_closer_than_next"], place["probability_worse_than_first"] = closer, worse
        place["too_close_to_call"] = closer is not None and closer < 0.6


def test_the_winner_is_named_with_its_odds_and_every_file_is_sent_once(page):
    seen = _uploads(page)
    _rank(page, [MESSENGER, ORIGINAL])
    assert page.locator("#verdict h2").inner_text() == "original.jpg is closest to the original"
    assert "% sure that it is closer than messenger.jpg" in page.locator("#verdict .odds").inner_text()
    assert "can fool the ranking" in page.locator("#verdict").inner_text()
    _rank(page, [WEBP])
    page.wait_for_selector(".version >> nth=2")
    page.get_by_label("Remove reposted.webp").click()
    page.wait_for_selector(".version >> nth=2", state="detached")
    page.wait_for_selector("#status:has-text('2 versions compared')")
    assert seen == ["versions", "versions", "rankings", "versions", "rankings", "rankings"]


@pytest.mark.parametrize(
    ("odds", "title", "text"),
    [
        (0.55, "Cannot tell these apart: original.jpg, messenger.jpg", "below 60 %"),
        (0.745, "original.jpg is probably closest to the original", "74 % sure"),
        (0.9996, "original.jpg is closest to the original", "More than 99.9 % sure"),
    ],
)
def test_the_words_follow_the_odds_and_uncertainty_is_not_red(page, odds, title, text):
    _give(page, lambda document: _odds(document, (odds, None), (None, odds)))
    _rank(page, [ORIGINAL, MESSENGER])
    assert page.locator("#verdict h2").inner_text() == title
    assert text in page.locator("#verdict .odds").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    between = page.locator(".next").inner_text()
    assert between == ("cannot tell" if odds < 0.6 else f"{text[0].lower()}{text[1:]}: closer than the next")
    assert page.locator(".place").all_inner_texts() == (["1\N{EN DASH}2"] * 2 if odds < 0.6 else ["1", "2"])
    reddish = """() => [...document.querySelectorAll("#verdict, #verdict *, .version, .version *, .next")].some((one) => {
        const style = getComputedStyle(one);
        return [style.color, style.borderTopColor, style.borderLeftColor, style.backgroundColor].some((colour) => {
            const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
            return red > 90 + Math.max(green, blue) || green > 40 + Math.max(red, blue);
        });
    })"""
    assert not page.evaluate(reddish)


def test_scores_are_folded_away(page):
    _rank(page, [ORIGINAL, MESSENGER])
    assert "generation loss" not in page.locator("#results").inner_text()
    page.locator(".version summary").first.click()
    assert "generation loss 0." in page.locator(".figures").first.inner_text()
    assert page.locator(".reasons li").first.is_visible()


def test_different_pictures_have_lists_of_their_own_and_no_winner(page):
    _rank(page, [ORIGINAL, MESSENGER, SAMPLES / "drawing/original.png", SAMPLES / "drawing/messenger.jpg"])
    assert page.locator("#verdict h2").inner_text() == "These files seem to show 2 different pictures"
    assert page.locator("#verdict").get_attribute("data-kind") == "warning"
    assert "closest" not in page.locator("#verdict").inner_text()
    assert page.locator("#lists ol").count() == 2
    assert [ol.locator(".name").count() for ol in page.locator("#lists ol").all()] == [2, 2]
    assert page.locator(".next").count() == 2
    page.get_by_label("Look at messenger.jpg").nth(1).click()
    page.wait_for_selector("#tag-a:has-text('original.png')")


def test_different_pictures_are_ranked_together_if_the_user_says_that_they_are_one(page):
    _rank(page, [ORIGINAL, MESSENGER, SAMPLES / "drawing/original.png"])
    page.get_by_role("button", name="They show one picture").click()
    page.wait_for_selector("#verdict:not([data-kind=warning])")
    assert page.locator("#lists ol").count() == 1
    assert page.locator(".version .name").count() == 3
    assert "your word; it was not checked" in page.locator("#verdict").inner_text()
    _rank(page, [WEBP])
    page.wait_for_selector("#verdict h2:has-text('2 different pictures')")


def test_equal_pixels_share_a_place_and_say_so(page, cat):
    files = [_file("a.png", saved(cat, "PNG")), _file("b.bmp", saved(cat, "BMP")), _file("c.png", saved(cat, "PNG"))]
    _rank(page, files)
    assert page.locator("#verdict h2").inner_text() == "These 3 files have the same pixels"
    assert page.locator(".place").all_inner_texts() == ["1=", "1=", "1="]
    file, pixels = sorted(page.locator(".same").all_inner_texts())
    assert file == "the same file as a.png"
    assert pixels.startswith("the same pixels as a.png (BMP instead of PNG, ")
    assert page.locator("#discard .entry-name").all_inner_texts() == ["b.bmp", "c.png"]


def test_an_edit_of_saturation_is_said(page, cat):
    _rank(page, [_file("strong.png", saved(ImageEnhance.Color(cat).enhance(1.8), "PNG")), ORIGINAL])
    page.wait_for_selector("#verdict strong:has-text('saturat')")  # by the family tree, or by the colours on the page
    page.wait_for_selector("#viewer-note:has-text('differ in saturation')")


def test_a_tiff_is_drawn_by_the_service_and_never_as_another_version(page, cat):
    _rank(page, [_file("scan.tiff", saved(ImageOps.invert(cat), "TIFF")), ORIGINAL])
    page.wait_for_selector("#viewer-note:has-text('the service has drawn it')")
    letter = page.evaluate("document.getElementById('tag-a').textContent.includes('scan.tiff') ? 'a' : 'b'")
    mean = page.evaluate(
        """(id) => { const canvas = document.createElement("canvas"); canvas.width = canvas.height = 8;
        const context = canvas.getContext("2d"); context.drawImage(document.getElementById(id), 0, 0, 8, 8);
        const { data } = context.getImageData(0, 0, 8, 8);
        return data.reduce((sum, value) => sum + value, 0) / data.length; }""",
        f"image-{letter}",
    )
    inverted = (3 * np.asarray(ImageOps.invert(cat)).mean() + 255) / 4  # alpha is counted as well
    assert mean == pytest.approx(inverted, abs=3)


def test_a_version_nobody_can_draw_says_so_in_its_pane(page, cat):
    page.route("**/v1/preview", lambda route: route.fulfill(status=422, body='{"detail": "no picture today"}'))
    _rank(page, [ORIGINAL, _file("scan.tiff", saved(cat.resize((225, 150)), "TIFF"))])
    page.wait_for_selector(".missing:not([hidden])")
    letter = page.evaluate("document.getElementById('tag-a').textContent.includes('scan.tiff') ? 'a' : 'b'")
    assert "scan.tiff cannot be drawn here: no picture today" in page.locator(f"#missing-{letter}").inner_text()
    assert page.locator(f"#image-{letter}").get_attribute("src") is None


def test_the_most_different_place_is_shown_at_its_own_pixels(page, cat):
    changed = cat.copy()
    changed.paste((255, 0, 0), (300, 40, 360, 100))
    _rank(page, [_file("plain.png", saved(cat, "PNG")), _file("changed.jpg", saved(changed, "JPEG", quality=80))])
    page.wait_for_selector("#crops canvas >> nth=1")
    reds = page.evaluate("""[...document.querySelectorAll("#crops canvas")].map((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let red = 0;
        for (let at = 0; at < data.length; at += 4) red += data[at] > 200 && data[at + 1] < 60 && data[at + 2] < 60;
        return red;
    })""")
    assert max(reds) == pytest.approx(3600, rel=0.15)
    assert min(reds) < 50


def test_what_may_be_discarded_follows_the_odds_and_can_be_taken_away(page):
    _give(page, lambda document: _odds(document, (0.85, None), (0.8, 0.85), (None, 0.97)))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _rank(page, [ORIGINAL, _file("=cmd.jpg", MESSENGER.read_bytes()), WEBP])
    entries = page.locator("#discard .entry-name")
    assert entries.count() == 1
    page.get_by_label("Discard only what is worse than the first at").fill("80")
    assert entries.count() == 2
    assert "2 of 3 may be discarded at 80 %" in page.locator("#verdict").inner_text()
    names = entries.all_inner_texts()
    page.get_by_role("button", name="Copy names to discard").click()
    page.wait_for_selector("#status:has-text('2 names copied')")
    assert page.evaluate("navigator.clipboard.readText()") == "".join(f"{name}\n" for name in names)

    def downloaded(button):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        return download.value.path().read_text(encoding="utf-8")

    assert downloaded("Names as text").splitlines() == names
    rows = list(csv.DictReader(io.StringIO(downloaded("Table as CSV"))))
    assert {row["name"]: row["decision"] for row in rows} == {
        "original.jpg": "keep", "'=cmd.jpg": "discard", "reposted.webp": "discard",
    }  # fmt: skip
    assert json.loads(downloaded("All as JSON"))["ranking"][0]["filename"] == "original.jpg"


def test_what_holds_more_than_the_first_is_not_listed_for_discarding(page):
    why = "it shows more of the picture than the first"

    def answer(document):
        _odds(document, (0.99, None), (0.98, 0.99), (None, 0.99))
        document["ranking"][1]["holds_more"] = why

    _give(page, answer)
    _rank(page, [ORIGINAL, MESSENGER, WEBP])
    second = page.locator(".name").all_inner_texts()[1]
    assert f"Look before you discard it: {why}." in page.locator(".version").nth(1).inner_text()
    assert page.locator("#discard .entry-name").count() == 1
    assert second in page.locator("#keep").inner_text()
    assert f"Look at {second}, too: {why}." in page.locator("#verdict").inner_text()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_the_table_is_a_formula(page, name):
    cell = "async (name) => (await import('/web/decide.js')).cell(name)"
    assert page.evaluate(cell, name) == f"'{name}"
    assert page.evaluate(cell, f'{name},"x"') == f'"\'{name},""x"""'
    assert page.evaluate(cell, f"a{name}") == f"a{name}"


def test_a_name_that_is_kept_as_well_is_not_listed(page):
    _rank(page, [ORIGINAL, _file("original.jpg", MESSENGER.read_bytes()), WEBP])
    assert "original.jpg (2)" in page.locator("#discard .entry-name").all_inner_texts()
    assert "a file to keep is called the same: original.jpg (2)" in page.locator("#same-names").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Names as text").click()
    assert download.value.path().read_text() == "reposted.webp\n"


def test_a_name_cannot_turn_the_words_around_it(page):
    name = "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe\N{LINE SEPARATOR}\x1b[31m.jpg"
    _rank(page, [_file(name, ORIGINAL.read_bytes()), MESSENGER])
    shown = r"\u{202e}gpj.exe\u{2028}\u{1b}[31m.jpg"
    assert page.locator("#verdict h2").inner_text() == f"{shown} is closest to the original"
    page.get_by_label("Discard only what is worse than the first at").fill("60")
    with page.expect_download() as download:
        page.get_by_role("button", name="All as JSON").click()
    assert json.loads(download.value.path().read_text())["ranking"][0]["filename"] == name


def test_samples_can_be_tried_on_the_empty_page(page):
    page.get_by_role("button", name="a photo in four versions").click()
    page.wait_for_selector(".version >> nth=3")
    assert page.locator("#verdict h2").inner_text() == "cat-original.jpg is closest to the original"
    page.get_by_role("button", name="Start again").click()
    page.wait_for_selector("#samples:not([hidden])")
    assert page.locator("#results").is_hidden()


def test_a_file_that_is_too_large_or_no_picture_is_named_and_the_others_go_on(page):
    large = np.random.default_rng(1).integers(0, 256, 3 * MIB, dtype=np.uint8).tobytes()
    _rank(page, [ORIGINAL, _file("large.tif", large), MESSENGER, _file("notes.txt", b"just words")])
    lines = page.locator("#problems li").all_inner_texts()
    assert sorted(line.split(":")[0] for line in lines) == ["large.tif", "notes.txt"]
    assert "body_too_large" in " ".join(lines)
    assert page.locator(".version").count() == 2


def test_a_busy_service_is_asked_again(page):
    tries = []

    def busy(route):
        tries.append(route)
        if len(tries) < 3:
            route.fulfill(status=429, headers={"Retry-After": "1"}, body='{"code": "overloaded", "detail": "busy"}')
        else:
            route.continue_()

    page.route("**/v1/versions*", busy)
    _rank(page, [ORIGINAL, MESSENGER])
    assert len(tries) == 4
    assert page.locator("#problems li").count() == 0


def test_a_lost_network_loses_nothing_that_was_sent(page):
    seen = []

    def lost(route):
        seen.append(route.request.post_data_buffer)
        if len(seen) == 1:
            route.continue_()
        else:
            route.abort()

    page.route("**/v1/versions*", lost)
    page.set_input_files("#files", [ORIGINAL])
    page.wait_for_selector("#status:has-text('at least one more')")
    page.set_input_files("#files", [MESSENGER, WEBP])
    page.wait_for_selector("#again:not([hidden])")
    assert "cannot be reached" in page.locator("#again").inner_text()
    assert "1 of 3 are scored; nothing is lost" in page.locator("#again").inner_text()
    page.unroute("**/v1/versions*")
    seen = _uploads(page)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("#verdict:not([hidden])")
    assert seen == ["versions", "versions", "rankings"]
    assert page.locator("#again").is_hidden()


def test_a_token_is_asked_for_and_nothing_has_to_be_chosen_again(page):
    def guard(route):
        if route.request.headers.get("authorization") == "Bearer the right token":
            route.continue_()
        else:
            route.fulfill(status=401, body='{"code": "token_missing", "detail": "this needs a token"}')

    page.route("**/v1/*", guard)
    page.set_input_files("#files", [ORIGINAL, MESSENGER])
    page.get_by_label("This service asks for a token.").fill("the right token")
    page.get_by_role("button", name="Use it").click()
    page.wait_for_selector("#verdict:not([hidden])")
    assert page.locator("#token").is_hidden()


def test_what_the_service_has_forgotten_is_sent_again_once(page):
    asked = []

    def forget(route):
        asked.append(json.loads(route.request.post_data)["versions"])
        if len(asked) == 1:
            problem = {"code": "version_unknown", "detail": "one is not known", "unknown": asked[0][:1]}
            route.fulfill(status=404, body=json.dumps(problem))
        else:
            route.continue_()

    page.route("**/v1/rankings", forget)
    seen = _uploads(page)
    _rank(page, [ORIGINAL, MESSENGER])
    assert seen == ["versions", "versions", "rankings", "versions", "rankings"]
    assert asked[0] == asked[1]


def test_a_phone_shows_two_versions_on_the_whole_screen_and_swipes(running, browser):
    with browsing(browser, viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce") as page:
        page.goto(f"{running.url}/")
        _rank(page, [ORIGINAL, MESSENGER, WEBP])
        page.get_by_label("Look at messenger.jpg").click()
        page.wait_for_selector("#viewer.full")
        assert page.locator("#viewer").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        before = page.locator("#tag-b").inner_text()
        page.evaluate("""() => {
            const stage = document.getElementById("stage");
            stage.setPointerCapture = () => {}; // there is no such pointer
            const box = stage.getBoundingClientRect();
            const at = (x) => ({ pointerId: 7, pointerType: "touch", clientX: x, clientY: box.top + 80, bubbles: true });
            stage.dispatchEvent(new PointerEvent("pointerdown", at(330)));
            stage.dispatchEvent(new PointerEvent("pointermove", at(200)));
            stage.dispatchEvent(new PointerEvent("pointerup", at(120)));
        }""")
        page.wait_for_selector(f"#tag-b:not(:has-text('{before}'))")
        page.keyboard.press("Escape")
        page.wait_for_selector("#viewer:not(.full)")


def test_the_page_of_endpoints_has_a_command_for_each(page, running):
    page.goto(f"{running.url}/docs")
    page.wait_for_selector(".endpoint")
    text = page.locator("#endpoints").inner_text()
    assert f"curl --data-binary @copy.jpg {running.url}/v1/score" in text
    assert f"{running.url}/v1/rankings" in text
    assert page.locator(".endpoint").count() == page.locator("#contents a").count() > 10
