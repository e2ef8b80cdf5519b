"""Screenshots of the pages, taken in a real browser that shows the samples."""

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from docs.drawing.collection import copy_samples, scan
from tests.fixtures import ROOT, browsing

CAT = ROOT / "samples/cat"
SHOWN = ("enlarged.jpg", "laundered.png", "original.jpg", "resaved_larger.jpg")  # as in README
DESKTOP, PHONE = {"width": 1200, "height": 950}, {"width": 390, "height": 844}
PADDING_PX = 14
TREE_PX = 830  # width of the tree of all cat samples
TALL_PX = 3200  # taller than the page with that tree
QUALITY = 80


def draw_ranking(browser, url: str, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Draws the web page with a ranking, for a desktop and for a phone, and the family tree of all cat samples.

    Args:
        browser: Playwright's.
        url: of a running service.
        folder: for web-page.webp, web-page-phone.webp and family-tree.webp.
    """
    for name, viewport, scale in (("web-page", DESKTOP, 1.4), ("web-page-phone", PHONE, 1)):
        with ranked_page(browser, url, SHOWN, viewport, scale) as page:
            save(page.screenshot(), folder / f"{name}.webp")
    with ranked_page(browser, url, sorted(path.name for path in CAT.iterdir()), DESKTOP, 1.25) as page:
        page.locator("#trees").scroll_into_view_if_needed()
        page.wait_for_selector("#trees:not(:has(.thumb:not(:has(canvas))))")
        page.set_viewport_size({"width": DESKTOP["width"], "height": TALL_PX})
        save(page.screenshot(clip=_padded(page.locator("#family").bounding_box())), folder / "family-tree.webp")


def _padded(box: dict[str, float]) -> dict[str, float]:
    """The box of the family tree with a margin around it, and without the empty space on the right."""
    return {
        "x": box["x"] - PADDING_PX, "y": box["y"] - PADDING_PX,
        "width": TREE_PX + 2 * PADDING_PX, "height": box["height"] + 2 * PADDING_PX,
    }  # fmt: skip


@contextmanager
def ranked_page(browser, url: str, names, viewport, scale: float) -> Iterator:  # type: ignore[no-untyped-def,type-arg]
    """The web page with a finished ranking of these cat samples."""
    with _page(browser, viewport, scale) as page:
        page.goto(url)
        page.set_input_files("#files", [CAT / name for name in names])
        page.wait_for_selector("#status:not(.busy):has-text('compared')")
        page.wait_for_selector("#image-b[style*=scale]")
        page.wait_for_selector(".version:first-child .thumb canvas")
        page.wait_for_selector("#crops canvas")
        yield page


def draw_collection(browser, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Draws the report of a scan and the page of `genloss review`, for a folder with copies of all samples.

    Args:
        browser: Playwright's.
        folder: for report.webp and review.webp.

    Raises:
        FileExistsError: the temporary folder already holds an entry called `samples`.
    """
    place = Path(tempfile.gettempdir()) / "samples"  # a fixed name, because the pages show it
    place.mkdir()
    try:
        copy_samples(place / "Pictures")
        scan(place)
        with _page(browser, DESKTOP, 1.25) as page:
            page.goto((place / "report/groups-1.html").as_uri())
            page.wait_for_selector(".group img")
            page.wait_for_load_state("networkidle")
            save(page.screenshot(), folder / "report.webp")
        with _review(place) as address, _page(browser, DESKTOP, 1.25) as page:
            page.goto(address)
            page.wait_for_selector("#members:not([aria-busy])")
            page.wait_for_selector("#image-b[src]")
            page.wait_for_load_state("networkidle")
            save(page.screenshot(), folder / "review.webp")
    finally:
        shutil.rmtree(place)


def save(png: bytes, path: Path) -> None:
    """Writes a screenshot as WebP."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)


@contextmanager
def _page(browser, viewport, scale: float) -> Iterator:  # type: ignore[no-untyped-def,type-arg]
    look = {"color_scheme": "light", "reduced_motion": "reduce"}
    with browsing(browser, viewport=viewport, device_scale_factor=scale, **look) as page:
        yield page


@contextmanager
def _review(place: Path) -> Iterator[str]:
    """Runs a review of the plan in a folder; yields its address."""
    words = [sys.executable, "-m", "genloss.cli", "review", "plan.jsonl", "--no-open"]
    with subprocess.Popen(words, cwd=place, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", said)
            if found is None:
                raise RuntimeError(f"genloss review said: {said}")
            yield found[0]
        finally:
            process.terminate()
