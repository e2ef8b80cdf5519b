"""Whether a version is another one with ordered dither, whatever its matrix of thresholds.

Such a dither compares each channel with thresholds that repeat every few pixels. So at each place of the matrix, a level always
becomes the same one of few, and no lower one than darker levels become.
"""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

SIDES = (1, 8, 6, 5, 7, 16)  # of matrices in use, or multiples of them; 1 for thresholds that are the same everywhere
MOST_LEVELS = 16  # of a channel of the child
LEAST_OF_GRID = 0.05  # colours, of all combinations of these levels
# Pixels for which a level or two more or less would have become another level, and the same for each threshold: where those
# are few, some matrix fits noise, too.
LEAST_CLOSE, LEAST_CLOSE_EACH = 50, 1.0
# Share of values that moved by a quarter of the distance between two levels. Dither moves them by up to all of it; what was
# made of the child by saving lies near its levels.
LEAST_MOVED = 0.35


def find_matrix(before: Bytes, after: Bytes) -> tuple[int, int] | None:
    """Side of the matrix that gives the one picture from the other at every pixel, and the number of close calls.

    Args:
        before, after: (H, W, 3).

    Returns:
        None where no matrix of SIDES does, or too few pixels lie near a threshold to tell.
    """
    if before.shape != after.shape:
        return None
    levels = [np.unique(after[..., channel]).astype(np.int16) for channel in range(3)]
    if min(map(len, levels)) < 2 or _share_moved(before, after, levels) < LEAST_MOVED:
        return None
    n_thresholds = sum(len(found) - 1 for found in levels)
    for side in SIDES:
        n_close = 0
        for channel in range(3):
            close = _count_close(before[..., channel], after[..., channel], side)
            if close is None:
                break
            n_close += close
        else:
            return (side, n_close) if n_close >= max(LEAST_CLOSE, LEAST_CLOSE_EACH * side**2 * n_thresholds) else None
    return None


def _share_moved(before: Bytes, after: Bytes, levels: list[NDArray[np.int16]]) -> float:
    quarters = np.array([np.diff(found).min() / 4 for found in levels])
    return float(np.mean(np.abs(before.astype(np.int16) - after) > quarters))


def is_grid(palette: Bytes) -> bool:
    """Whether the colours, (N, 3), have few levels in each channel and share them, as ordered dither leaves them."""
    n_levels = [len(np.unique(palette[:, channel])) for channel in range(3)]
    return max(n_levels) <= MOST_LEVELS and len(palette) >= LEAST_OF_GRID * float(np.prod(n_levels))


def _count_close(before: Bytes, after: Bytes, side: int) -> int | None:
    """Pixels of a channel near a threshold; None if it was not dithered with a matrix of this side."""
    height, width = before.shape
    places = np.arange(height)[:, None] % side * side + np.arange(width) % side
    cells = (places * 256 + before).ravel()
    counts = np.bincount(cells, minlength=side * side * 256)
    darkest, lightest = np.full((side * side, 256), 255, np.int16), np.full((side * side, 256), -1, np.int16)
    found = after.ravel().astype(np.int16)
    np.minimum.at(darkest.ravel(), cells, found)
    np.maximum.at(lightest.ravel(), cells, found)
    seen = counts.reshape(-1, 256) > 0
    so_far = np.maximum.accumulate(lightest, axis=1)
    if (lightest[seen] != darkest[seen]).any() or (so_far[:, :-1] > darkest[:, 1:])[seen[:, 1:]].any():
        return None
    close = np.zeros_like(seen)
    for step in (1, 2):
        differ = seen[:, step:] & seen[:, :-step] & (lightest[:, step:] != lightest[:, :-step])
        close[:, step:] |= differ
        close[:, :-step] |= differ
    return int(counts.reshape(-1, 256)[close].sum())
