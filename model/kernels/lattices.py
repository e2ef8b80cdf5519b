"""Histograms of DCT coefficients. Quantisation leaves them near multiples of its steps. See model/kernels/__init__.py."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import (
        Bytes1,
        Bytes2,
        OutCounts2,
        OutCounts3,
        OutShorts1,
        OutShorts3,
        Real2,
        Whole1,
        float32,
        i8,
        int16,
    )


@cython.ccall
def count_on_grids(
    plane: Bytes2, top: Whole1, left: Whole1, weights: Real2, odd_row: Whole1, odd_column: Whole1, bins: Bytes1,
    counts: OutCounts3,
) -> None:  # fmt: skip
    """Histograms of |DCT coefficient| over patches of 15x15 pixels, each with 64 blocks, one on every possible grid.

    A basis function is even or odd in each direction. So four mirrored pixels are first added or subtracted. All sums are
    exact, because the weights are multiples of 2^-13.

    Args:
        plane: (H, W).
        top, left: (N,) first pixels of the patches, N < 65536.
        weights: (F, 16) upper left quarter of each basis function.
        odd_row, odd_column: (F,) 1 where the basis function is odd in that direction.
        bins: (1024,) bin of each |coefficient|, counted in quarters.
        counts: (F, 64, 256) of zeros, filled, by frequency, grid and bin; grid (left, top) is at 8 top + left.
    """
    columns = cython.declare(cython.float[960])  # (odd column, 4, 15, 8)
    parts = cython.declare(cython.float[4096])  # (odd row, odd column, 16, 64)
    quarters: OutShorts3 = np.empty((weights.shape[0], top.shape[0], 64), np.int16)
    with cython.nogil:
        for i in range(top.shape[0]):
            _add_columns(plane, top[i], left[i], columns)
            _add_rows(columns, parts)
            for f in range(weights.shape[0]):
                _weigh_parts(parts, 2048 * odd_row[f] + 1024 * odd_column[f], weights, f, quarters, i)
        # Frequency by frequency, so that the counts stay in the processor's nearest cache.
        for f in range(weights.shape[0]):
            for i in range(top.shape[0]):
                for grid in range(64):
                    counts[f, grid, bins[quarters[f, i, grid]]] += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_columns(plane: Bytes2, top: i8, left: i8, columns: cython.p_float) -> cython.void:
    """Sums and differences of mirrored pixels in the rows of blocks."""
    for y in range(15):
        for x in range(4):
            at = 120 * x + 8 * y
            for right in range(8):
                near, far = float32(plane[top + y, left + x + right]), float32(plane[top + y, left + 7 - x + right])
                columns[at + right] = near + far
                columns[480 + at + right] = near - far


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_rows(columns: cython.p_float, parts: cython.p_float) -> cython.void:
    """Sums and differences of mirrored results of _add_columns in the columns of blocks."""
    for parity in range(2):
        for x in range(4):
            for y in range(4):
                upper, lower = 480 * parity + 120 * x + 8 * y, 480 * parity + 120 * x + 8 * (7 - y)
                into = 1024 * parity + 64 * (4 * y + x)
                for grid in range(64):
                    parts[into + grid] = columns[upper + grid] + columns[lower + grid]
                    parts[2048 + into + grid] = columns[upper + grid] - columns[lower + grid]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _weigh_parts(parts: cython.p_float, at: i8, weights: Real2, f: i8, quarters: OutShorts3, i: i8) -> cython.void:
    """|coefficient| in quarters, at most 1023, on all 64 grids."""
    for grid in range(at, at + 64):
        coefficient = (
            weights[f, 0] * parts[grid] + weights[f, 1] * parts[grid + 64]
            + weights[f, 2] * parts[grid + 128] + weights[f, 3] * parts[grid + 192]
            + weights[f, 4] * parts[grid + 256] + weights[f, 5] * parts[grid + 320]
            + weights[f, 6] * parts[grid + 384] + weights[f, 7] * parts[grid + 448]
            + weights[f, 8] * parts[grid + 512] + weights[f, 9] * parts[grid + 576]
            + weights[f, 10] * parts[grid + 640] + weights[f, 11] * parts[grid + 704]
            + weights[f, 12] * parts[grid + 768] + weights[f, 13] * parts[grid + 832]
            + weights[f, 14] * parts[grid + 896] + weights[f, 15] * parts[grid + 960]
        )  # fmt: skip
        quarters[f, i, grid - at] = int16(min(abs(coefficient) * float32(4) + float32(0.25), float32(1023)))


@cython.ccall
def count_coefficients(coefficients: Real2, chosen: Whole1, bins: Bytes1, counts: OutCounts2) -> None:
    """Histograms of |coefficient| at given frequencies.

    Args:
        coefficients: (64, N), N < 65536.
        chosen: (F,) frequencies.
        bins: (1024,) as for count_on_grids.
        counts: (F, 256) of zeros, filled.
    """
    quarters: OutShorts1 = np.empty(coefficients.shape[1], np.int16)
    with cython.nogil:
        for f in range(chosen.shape[0]):
            for i in range(coefficients.shape[1]):
                quarter = abs(coefficients[chosen[f], i]) * float32(4) + float32(0.25)
                quarters[i] = int16(min(quarter, float32(1023)))
            for i in range(coefficients.shape[1]):
                counts[f, bins[quarters[i]]] += 1
