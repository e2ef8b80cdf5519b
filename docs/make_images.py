"""Draws the pictures of README and docs from the samples: python -m docs.make_images [NAME...]

The names are chart, ranking, comparison and collection; without a name all are drawn. Needs Chromium and the packages
of `make setup-dev`. The drawings of the network and of the pipeline are SVG files written by hand.
"""

import sys

from playwright.sync_api import sync_playwright

from docs.drawing.chart import draw_chart
from docs.drawing.comparison import draw_comparison
from docs.drawing.pages import draw_collection, draw_ranking
from tests.fixtures import CHROMIUM, CHROMIUM_FLAGS, ROOT, service

IMAGES = ROOT / "docs/images"
NAMES = ("chart", "ranking", "comparison", "collection")


def main(names: list[str]) -> None:
    """Draws the named pictures, or all without a name.

    Raises:
        SystemExit: a name is unknown, or Chromium is missing.
    """
    if unknown := [name for name in names if name not in NAMES]:
        raise SystemExit(f"unknown: {', '.join(unknown)}; the names are {', '.join(NAMES)}")
    if CHROMIUM is None:
        raise SystemExit("Chromium is missing (Debian: apt-get install chromium)")
    wanted = names or NAMES
    if "chart" in wanted:
        draw_chart(ROOT / "README.md", IMAGES / "accuracy.svg")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        if "ranking" in wanted or "comparison" in wanted:
            with service(workers=1) as running:
                if "ranking" in wanted:
                    draw_ranking(browser, f"{running.url}/", IMAGES)
                if "comparison" in wanted:
                    draw_comparison(browser, f"{running.url}/", IMAGES)
        if "collection" in wanted:
            draw_collection(browser, IMAGES)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
