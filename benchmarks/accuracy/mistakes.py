"""Pictures of the worst mistakes of `rank`: enlarged crops of both versions where they differ most."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from genloss.model.pairs.difference import differing_windows
from genloss.model.scoring.evaluation import Pair

CROP_PX = 96
SHOWN_PX = 192
CAPTION_PX = 26
COLUMNS = 5  # mistakes side by side


def draw_mistakes(pairs: Sequence[Pair], log_odds: Sequence[float], folder: Path, most: int, path: Path) -> int:
    """Draws the `most` mistakes of highest stated probability, and returns how many it drew.

    Args:
        log_odds: that the better version of each pair is better; negative values are mistakes.
        folder: root of the paths in the pairs.
        path: of the lossless WebP; each mistake is two crops, the truly better version on the left.
    """
    order = [index for index in np.argsort(log_odds, kind="stable")[:most] if log_odds[index] < 0]
    rows = -(-len(order) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (2 * SHOWN_PX + 12), max(1, rows) * (SHOWN_PX + CAPTION_PX)), "white")
    draw = ImageDraw.Draw(sheet)
    for place, index in enumerate(order):
        pair = pairs[index]
        left, top = place % COLUMNS * (2 * SHOWN_PX + 12), place // COLUMNS * (SHOWN_PX + CAPTION_PX)
        better, worse = (_pixels(folder / one) for one in (pair.better, pair.worse))
        for side, crop in enumerate(_crops(better, worse)):
            sheet.paste(
                Image.fromarray(crop).resize((SHOWN_PX, SHOWN_PX), Image.Resampling.NEAREST), (left + side * SHOWN_PX, top)
            )
        odds = 1 / (1 + np.exp(log_odds[index]))
        draw.text((left + 2, top + SHOWN_PX + 4), f"{pair.category}: called {100 * odds:.0f} % the other way", fill="black")
    sheet.save(path, lossless=True, quality=100, method=6)
    return len(order)


def _crops(better: NDArray[np.uint8], worse: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    windows = differing_windows(better, worse, 1, CROP_PX)
    return windows[0].left, windows[0].right


def _pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))
