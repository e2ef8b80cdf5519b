"""Luma levels: histogram, fine structure, noise, and flat borders."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.squares import spread
from genloss.model.kernels.compiled import count_fine_structure, count_flat_lines, count_levels

Vector = NDArray[np.float32]

NOISE_PIXELS = 1 << 18
NOISE_BAND_PX = 16  # rows of a band looked at together
EDGE_LINES = 256


def histogram(luma: NDArray[np.uint8]) -> Vector:
    """Luma histogram, (7,): share of used levels, holes inside the range, comb strength, clipped shares, range, entropy.

    Holes and combs are traces of tone curves, posterising and small palettes.
    """
    rows = spread(luma.shape[0], max(64, NOISE_PIXELS // luma.shape[1]))
    tables = np.zeros((4, 256), np.int64)
    count_levels(luma, rows, tables)
    counts = tables.sum(axis=0) / (len(rows) * luma.shape[1])
    used = np.flatnonzero(counts)
    low, high = used[0], used[-1]
    inside = counts[low : high + 1]
    comb = np.abs(counts[1:-1] - (counts[:-2] + counts[2:]) / 2).sum()
    entropy = -(counts[used] * np.log2(counts[used])).sum()
    return np.array(
        [used.size / 256, np.mean(inside == 0), comb, counts[0], counts[255], (high - low) / 255, entropy], np.float32
    )


def noise(luma: NDArray[np.uint8]) -> Vector:
    """Fine structure, (13,): moments and quantiles of the Laplacian, quiet areas, equal neighbours."""
    height, width = min(NOISE_BAND_PX, luma.shape[0]), luma.shape[1]
    starts = spread(luma.shape[0] // height, max(4, NOISE_PIXELS // (height * width))) * height
    tables, sums = np.zeros((4, 4 * 255 + 1), np.int64), np.zeros(5, np.int64)
    count_fine_structure(luma, starts, height, tables, sums)
    counts = tables.sum(axis=0)[: max(256, np.flatnonzero(tables.any(axis=0))[-1] + 1)]
    levels = np.arange(counts.size)
    n_inner = len(starts) * (height - 2) * (width - 2)
    cumulative = np.cumsum(counts) / n_inner
    quantiles = np.searchsorted(cumulative, [0.1, 0.25, 0.5, 0.75, 0.9, 0.97])
    # From counts, which are exact: the variance does not depend on the order of any sum.
    mean = counts @ levels / n_inner
    variance = counts @ (levels - mean) ** 2 / n_inner
    across, down, n_even, n_odd, n_under = (int(one) for one in sums)
    n_across, n_down = len(starts) * height * (width - 1), len(starts) * (height - 1) * width
    size_even = len(starts) * height * (width // 2)
    pairs = [n_even / max(1, size_even), n_odd / max(1, n_across - size_even)]
    return np.array(
        [
            *np.log2(quantiles + 0.5),
            np.log2(variance + 0.1),
            np.log2(across / n_across + 0.05),
            np.log2(down / n_down + 0.05),
            (n_even + n_odd) / n_across,
            n_under / n_down,
            abs(pairs[0] - pairs[1]),
            cumulative[2],
        ],
        dtype=np.float32,
    )


def edges(luma: NDArray[np.uint8]) -> Vector:
    """Share of the picture that a flat border takes at the top, bottom, left and right; (4,).

    A border ends at the first line where more than one pixel in 200 differs from the corner's colour.
    """
    height, width = luma.shape
    corner = int(luma[0, 0])
    low, high = max(0, corner - 6), min(255, corner + 6)
    across, down = spread(width, EDGE_LINES), spread(height, EDGE_LINES)
    rows = [count_flat_lines(luma, across, True, at, way, low, high) / height for at, way in ((0, 1), (height - 1, -1))]
    columns = [count_flat_lines(luma, down, False, at, way, low, high) / width for at, way in ((0, 1), (width - 1, -1))]
    return np.array(rows + columns, dtype=np.float32)
