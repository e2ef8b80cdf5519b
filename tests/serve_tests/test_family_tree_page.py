"""The page shows who was made from whom, and lays versions on each other as the service's registration says."""

import io
import json

import pytest
from PIL import Image, ImageEnhance

from tests.fixtures import browsing, saved, service

PROOF = "saved as JPEG of quality 82: 99.7 % of 9,000 coefficients lie within half a step of it and fill the step evenly"
RULE = {"rule": "quantised", "sentence": PROOF}
# What each was made from, how that is known, and what was done; in the order of the ranking.
FAMILY = {
    "original.png": None,
    "posted.jpg": ("original.png", {"proof": RULE}, ["saved as JPEG 82, 4:2:0"]),
    "cropped.jpg": ("posted.jpg", {"proof": RULE}, ["cropped to 59 %", "saved as JPEG 75, 4:2:0"]),
    "turned.jpg": ("cropped.jpg", {"proof": None}, ["turned 90° left", "saved as JPEG 70, 4:2:0"]),
    "shrunk.png": ("original.png", {"proof": None, "probability": 0.12, "direct": False}, ["shrunk to 50 %", "saved as PNG"]),
    "vivid.webp": ("original.png", {"proof": None}, ["brighter", "more saturated", "saved as WebP"]),
    "alone.gif": None,
    "copy.bmp": None,
}


@pytest.fixture(scope="module")
def running():
    with service(workers=2) as one:
        yield one


@pytest.fixture(scope="module")
def group(clean_cat):
    """Eight files whose family tree is known: bytes by name."""
    posted = saved(clean_cat, "JPEG", quality=82)
    with Image.open(io.BytesIO(posted)) as opened:
        cropped = saved(opened.crop((30, 10, 200, 130)), "JPEG", quality=75)
    with Image.open(io.BytesIO(cropped)) as opened:
        turned = saved(opened.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=70)
    vivid = ImageEnhance.Color(ImageEnhance.Brightness(clean_cat).enhance(1.15)).enhance(1.5)
    return {
        "original.png": saved(clean_cat, "PNG"),
        "posted.jpg": posted,
        "cropped.jpg": cropped,
        "turned.jpg": turned,
        "shrunk.png": saved(clean_cat.resize((112, 75), Image.Resampling.BICUBIC), "PNG"),
        "vivid.webp": saved(vivid, "WEBP", quality=90),
        "alone.gif": saved(clean_cat.convert("L").quantize(8), "GIF"),
        "copy.bmp": saved(clean_cat, "BMP"),
    }


@pytest.fixture
def page(running, browser):
    """The page just opened; afterwards no script failed."""
    complaints = []
    with browsing(browser, viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as page:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{running.url}/")
        yield page
    assert complaints == []


def _rank(page, files):
    page.set_input_files(
        "#files", [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files.items()]
    )
    page.wait_for_selector("#status:not(.busy):has-text('compared')")


def _tell(page, names):
    """Has the service's ranking of files of FAMILY carry their descents: the page is tested here, not the odds of a model."""

    def place(answered, number, name):
        known = FAMILY[name]
        descent = None
        if known is not None:
            parent, how, changes = known
            edits = [change for change in changes if change in ("brighter", "more saturated")]
            descent = {
                "parent": names.index(parent), "probability": 0.9, "direct": True, "changes": changes, "edited": bool(edits),
                "edits": edits, **how,
            }  # fmt: skip
        copied = name == "copy.bmp"
        same = {"same": "pixels" if copied else None, "same_as": names.index("original.png") if copied else None}
        return {**answered, **same, "place": 1 if copied else number, "picture": 1, "descent": descent}

    def handle(route):
        response = route.fetch()
        document = response.json()
        answered = {names[one["index"]]: one for one in document["ranking"]}
        document["ranking"] = [
            place(answered[name], number, name) for number, name in enumerate(FAMILY, start=1) if name in names
        ]
        route.fulfill(response=response, body=json.dumps(document))

    page.route("**/v1/rankings", handle)


def _parents(page):
    """What the tree says each version was made from, by name."""
    return page.evaluate("""() => {
        const name = (item) => item.querySelector(":scope > .member .kin-name").textContent.replace(/^\\d+\\. /, "");
        return Object.fromEntries([...document.querySelectorAll("#trees .kin")].map((item) => {
            const parent = item.parentElement.closest(".kin");
            return [name(item), parent ? name(parent) : null];
        }));
    }""")


def _member(page, name):
    return page.locator("#trees .member").filter(has=page.get_by_text(name))


def test_a_group_of_eight_is_drawn_as_its_family_tree(page, group):
    _tell(page, list(group))
    _rank(page, group)
    page.wait_for_selector("#family:not([hidden])")
    assert _parents(page) == {name: known and known[0] for name, known in FAMILY.items() if name != "copy.bmp"}
    assert page.locator("#trees .tree").first.evaluate("tree => tree.classList.contains('across')")
    edges = [edge.inner_text().split("\n") for edge in page.locator("#trees .edge").all()]
    said = [" ".join(" ".join(edge).replace("\N{NO-BREAK SPACE}", " ").split()) for edge in edges]
    assert "made from posted.jpg: cropped to 59 %, saved as JPEG 75, 4:2:0 proved" in said
    assert "made from cropped.jpg: turned 90° left, saved as JPEG 70, 4:2:0 likely, 90 %" in said
    assert any(text.endswith("a version seems to be missing between or above the two (directly: 12 %)") for text in said)
    assert "edited: brighter, more saturated" in _member(page, "vivid.webp").inner_text()
    assert "same pixels: copy.bmp" in _member(page, "original.png").inner_text()
    styles = page.evaluate("""[...document.querySelectorAll("#trees .edge")].map((edge) =>
        [edge.querySelector(".proof") !== null, getComputedStyle(edge.querySelector(".line")).borderTopStyle])""")
    assert {tuple(style) for style in styles} == {(True, "solid"), (False, "dashed")}
    heading = page.locator("#trees .apart")
    assert heading.inner_text() == "Not known to be made from any of the others"
    assert page.locator("#trees .apart + .tree .kin-name").inner_text() == "7. alone.gif"
    assert (
        "vivid.webp was edited: brighter, more saturated, compared with original.png" in page.locator("#verdict").inner_text()
    )


def test_proofs_and_versions_are_reached_by_keyboard_and_fit_a_small_phone(running, browser, group):
    files = {name: group[name] for name in ("original.png", "posted.jpg", "cropped.jpg")}
    with browsing(browser, viewport={"width": 360, "height": 740}, reduced_motion="reduce") as page:
        page.goto(f"{running.url}/")
        _tell(page, list(files))
        _rank(page, files)
        page.wait_for_selector("#family:not([hidden])")
        proof = page.locator("#trees .proof").nth(1)
        tip = page.locator(f"#{proof.get_attribute('aria-describedby')}")
        assert tip.text_content() == PROOF
        assert not tip.is_visible()
        proof.focus()
        assert tip.is_visible()
        assert tip.bounding_box()["x"] + tip.bounding_box()["width"] <= 360
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert not page.locator("#trees .tree").first.evaluate("tree => tree.classList.contains('across')")
        page.keyboard.press("Escape")
        assert not tip.is_visible()
        proof.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#viewer.full")
        assert (page.locator("#tag-a").inner_text(), page.locator("#tag-b").inner_text()) == ("A: posted.jpg", "B: cropped.jpg")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.textContent").startswith("3. cropped.jpg")


def test_without_descents_there_is_no_tree(page, group):
    def forget(route):
        response = route.fetch()
        document = response.json()
        for place in document["ranking"]:
            place["descent"] = None
        route.fulfill(response=response, body=json.dumps(document))

    page.route("**/v1/rankings", forget)
    _rank(page, {name: group[name] for name in ("original.png", "posted.jpg")})
    assert page.locator("#family").is_hidden()
    assert "Who was made from whom" not in page.locator("#verdict").inner_text()


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (None, "B is enlarged to 150 % to lie on A."),
        (Image.Transpose.ROTATE_90, "B is turned 90° to the right and enlarged to 150 %"),
    ],
    ids=["cropped", "turned"],
)
def test_the_viewer_lays_a_cropped_and_shrunk_copy_on_its_original(page, cat, turn, said):
    left, top, right, bottom = box = (60, 20, 360, 270)
    copy = cat.crop(box).resize((200, 167), Image.Resampling.LANCZOS)
    copy = copy.transpose(turn) if turn is not None else copy
    _rank(page, {"original.png": saved(cat, "PNG"), "copy.jpg": saved(copy, "JPEG", quality=85)})
    page.get_by_label("Look at copy.jpg").click()
    page.wait_for_selector("#stage[data-aligned=true]")
    note = page.locator("#viewer-note").inner_text()
    assert said in note
    assert "B shows 55 % of A." in note
    whole, part = (page.locator(f"#image-{letter}").bounding_box() for letter in "ab")
    scale = whole["width"] / cat.width
    expected = (left * scale, top * scale, (right - left) * scale, (bottom - top) * scale)
    found = (part["x"] - whole["x"], part["y"] - whole["y"], part["width"], part["height"])
    assert found == pytest.approx(expected, abs=2 * scale)


def test_what_cannot_be_aligned_is_shown_whole_side_by_side(page, cat):
    copy = saved(cat.crop((60, 20, 300, 260)), "JPEG", quality=60)
    page.route("**/v1/alignments", lambda route: route.fulfill(body='{"placement": null, "likeness": null}'))
    _rank(page, {"original.png": saved(cat, "PNG"), "copy.jpg": copy})
    page.wait_for_selector("#viewer-note:has-text('do not seem to show the same picture: each is shown whole, side by side')")
    assert page.get_by_label("Side by side").is_checked()
    square = page.locator("#image-b").bounding_box()
    assert square["width"] == pytest.approx(square["height"], abs=1)
    assert page.locator("#crops canvas").count() == 0
    page.unroute("**/v1/alignments")
    failure = '{"code": "decode_timeout", "detail": "not scored within 30 s"}'
    page.route("**/v1/alignments", lambda route: route.fulfill(status=422, body=failure))
    page.get_by_role("button", name="Swap").click()
    page.wait_for_selector("#viewer-note:has-text('could not be laid on each other (not scored within 30 s)')")
    page.unroute("**/v1/alignments")
    page.get_by_role("button", name="Swap").click()
    page.get_by_role("button", name="Swap").click()
    page.wait_for_selector("#stage[data-aligned=true][data-mode=slider]")
