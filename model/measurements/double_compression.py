"""Double compression on the same grid at a similar quality: some multiples of the step become rare, others frequent.

A coefficient that was a multiple of s becomes the nearest multiple of q. So some multiples of q occur too often, and others too
rarely. The pattern depends on s and q alone.

Source: Lukas and Fridrich, "Estimation of primary quantization matrix in double compressed JPEG images", 2003.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_tables import estimate_quality, ijg_table
from genloss.model.images.squares import spread
from genloss.model.kernels.compiled import count_multiples
from genloss.model.measurements.lattice import LOW

OFFSETS = np.arange(-15, 16)  # of the earlier quality from the file's own
BLOCKS = 4096
MULTIPLES = 24  # of the own step that are looked at
# Rounding to pixels between the two saves moves a coefficient by about this much, in its own units.
BLUR = 0.4
_LEAST = 0.02  # share of its neighbours' counts that a missed multiple still gets
_KERNEL = np.array([1, 2, 3, 4, 3, 2, 1]) / 16


def earlier_saves(blocks: NDArray[np.uint8], own: NDArray[np.uint16] | None) -> NDArray[np.float32]:
    """Log likelihood ratio of an earlier save against none, for each of 31 earlier qualities; (31,).

    Natural logarithm, divided by the number of nonzero coefficients. It is 0 if nothing can be said: the file is no JPEG, the
    quality is outside [1, 100], or both tables are equal.

    Args:
        blocks: (N, 8, 8) luma blocks on the file's own grid.
        own: (8, 8) quantisation table of the file; None if it is no JPEG.
    """
    if own is None or not len(blocks):
        return np.zeros(len(OFFSETS), np.float32)
    steps = np.maximum(own.reshape(64)[LOW], 1).astype(np.float32)  # a damaged table may hold a zero
    chosen = spread(len(blocks), BLOCKS)
    counts = np.zeros((len(LOW), MULTIPLES + 2), np.int64)
    lines = np.ascontiguousarray(blocks).reshape(-1, 8)  # one narrow plane
    count_multiples(lines, 8 * chosen, np.zeros_like(chosen), LOW, steps, counts)
    met = counts[:, 1:-1].astype(np.float64)
    smooth = _smoothed(met)
    logarithms, shares, known = _expected(tuple(int(one) for one in steps), estimate_quality(own)[0])
    n_met = met.sum(axis=1)
    total = (shares * smooth).sum(axis=2) / np.maximum(n_met, 1e-9)
    ratios = (met * logarithms).sum(axis=2) - n_met * known * np.log(np.maximum(total, 1e-9))
    found: NDArray[np.float32] = (ratios.sum(axis=1) / max(1.0, met.sum())).astype(np.float32)
    return found


def _smoothed(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the counts would be without gaps and peaks: a moving geometric mean along each row, straight at its ends."""
    logarithms = np.log(counts + 0.5)
    reach = len(_KERNEL) // 2
    before = 2 * logarithms[:, :1] - logarithms[:, reach:0:-1]
    after = 2 * logarithms[:, -1:] - logarithms[:, -2 : -2 - reach : -1]
    padded = np.concatenate([before, logarithms, after], axis=1)
    means = np.zeros_like(logarithms)
    for place, weight in enumerate(_KERNEL):
        means += padded[:, place : place + logarithms.shape[1]] * weight
    return np.exp(means)


@lru_cache(maxsize=128)
def _expected(own: tuple[int, ...], quality: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """How often each multiple of the own step is met after an earlier save, against never.

    Returns:
        The logarithm and itself, (31, 20, 24) each, and where there is anything to tell, (31, 20).
    """
    found = np.zeros((len(OFFSETS), len(own), MULTIPLES))
    for row, offset in enumerate(OFFSETS):
        if not 1 <= quality + offset <= 100:
            continue
        earlier = ijg_table(quality + int(offset)).reshape(64)[LOW]
        for column, (mine, theirs) in enumerate(zip(own, earlier, strict=True)):
            if mine != theirs:
                found[row, column] = _met(mine, int(theirs))
    return found, np.exp(found), np.abs(found).max(axis=2) > 0


@lru_cache(maxsize=8192)
def _met(own: int, earlier: int) -> NDArray[np.float64]:
    """The same for one step and one earlier step. (24,)"""
    edges = (np.arange(MULTIPLES + 1) + 0.5) * own
    places = np.arange(int((MULTIPLES + 2) * own / earlier) + 2) * earlier
    # The logistic function is within 0.01 of the normal distribution's and needs no library.
    below = 1 / (1 + np.exp(np.clip(-1.702 * (edges[:, None] - places) / BLUR, -50, 50)))
    share = np.diff(below.sum(axis=1)) * earlier / own
    return np.log(np.maximum(share, _LEAST))
