"""An animated picture of the viewer: the slider moves from one version to the other and back, then both blink in turn."""

import io
from pathlib import Path

from PIL import Image

from docs.drawing.pages import ranked_page

VIEWPORT = {"width": 560, "height": 900}
PAIR = ("original.jpg", "messenger.jpg")
ZOOMS = 2
SLIDER_PERCENT = (50, 40, 30, 20, 12, 20, 30, 40, 50, 60, 70, 80, 88, 80, 70, 60)
SLIDER_MS, BLINK_MS = 130, 700
BLINKS = 2
QUALITY = 62
MOVE = "(range, percent) => { range.value = percent; range.dispatchEvent(new Event('input', { bubbles: true })); }"


def draw_comparison(browser, url: str, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Writes compare.webp.

    Args:
        browser: Playwright's.
        url: of a running service.
        folder: for the file.
    """
    with ranked_page(browser, url, PAIR, VIEWPORT, 1) as page:
        page.locator("#viewer").scroll_into_view_if_needed()
        page.locator("#stage").hover()
        for _ in range(ZOOMS):
            page.locator("#zoom-in").click()
        frames = []
        for percent in SLIDER_PERCENT:
            page.locator("#wipe-range").evaluate(MOVE, str(percent))
            frames.append((_viewer(page), SLIDER_MS))
        page.get_by_text("Blink", exact=True).click()
        for _ in range(BLINKS):
            for _ in "AB":
                frames.append((_viewer(page), BLINK_MS))
                page.locator("#flip").click()
    pictures, milliseconds = zip(*frames, strict=True)
    pictures[0].save(
        folder / "compare.webp", "WEBP", save_all=True, append_images=pictures[1:], duration=list(milliseconds), loop=0,
        quality=QUALITY, method=6,
    )  # fmt: skip


def _viewer(page) -> Image.Image:  # type: ignore[no-untyped-def]
    """The two versions and the buttons below them."""
    stage, bars = page.locator("#stage").bounding_box(), page.locator(".viewer-bar")
    last = bars.last.bounding_box()
    clip = {key: stage[key] for key in ("x", "y", "width")} | {"height": last["y"] + last["height"] - stage["y"]}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
