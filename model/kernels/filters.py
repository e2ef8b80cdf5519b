"""Inner loops that fit the filter between a version and an aligned, supposed parent: equations and blocks."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import (
        Bytes2,
        OutDouble1,
        OutDouble2,
        OutReal2,
        Real1,
        Real2,
        Whole1,
        f4,
        float32,
        i8,
        sqrt,
    )


@cython.ccall
def measure_blocks(toned: Real2, child: Bytes2, fitted: Real2, found: OutReal2) -> None:
    """Activity and differences of whole 8x8 blocks, summed in the order of NumPy.

    Args:
        toned, child, fitted: (H, W) the parent in the child's tones, the child, and the parent after the filter.
        found: (4, N), filled, for each block: variance of `toned`, mean absolute difference of child and `fitted`, mean and
            standard deviation of child less `toned`.
    """
    n_across = toned.shape[1] // 8
    means: OutReal2 = np.zeros((3, 8 * n_across), np.float32)
    sums: OutReal2 = np.zeros((3, 8 * n_across), np.float32)
    with cython.nogil:
        for down in range(toned.shape[0] // 8):
            _sum_levels(toned, child, fitted, 8 * down, sums)
            for kind in range(3):
                for across in range(n_across):
                    mean = _sum_of_eight(sums, kind, 8 * across) / float32(64)
                    for x in range(8):
                        means[kind, 8 * across + x] = mean
            _sum_squares(toned, child, 8 * down, means, sums)
            for across in range(n_across):
                block = down * n_across + across
                found[0, block] = _sum_of_eight(sums, 0, 8 * across) / float32(64)
                found[1, block] = means[1, 8 * across]
                found[2, block] = means[2, 8 * across]
                found[3, block] = sqrt(_sum_of_eight(sums, 2, 8 * across) / float32(64))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _sum_levels(toned: Real2, child: Bytes2, fitted: Real2, top: i8, sums: OutReal2) -> cython.void:
    """Sums down the columns in a row of blocks: levels of `toned`, |child - fitted| and child - toned."""
    for kind in range(3):
        for x in range(sums.shape[1]):
            sums[kind, x] = float32(0)
    for y in range(top, top + 8):
        for x in range(sums.shape[1]):
            sums[0, x] += toned[y, x]
        for x in range(sums.shape[1]):
            sums[1, x] += abs(float32(child[y, x]) - fitted[y, x])
        for x in range(sums.shape[1]):
            sums[2, x] += float32(child[y, x]) - toned[y, x]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _sum_squares(toned: Real2, child: Bytes2, top: i8, means: OutReal2, sums: OutReal2) -> cython.void:
    """Sums of squares down the columns: `toned` and child - toned, each less the mean of its block."""
    for kind in range(3):
        for x in range(sums.shape[1]):
            sums[kind, x] = float32(0)
    for y in range(top, top + 8):
        for x in range(sums.shape[1]):
            sums[0, x] += (toned[y, x] - means[0, x]) * (toned[y, x] - means[0, x])
        for x in range(sums.shape[1]):
            away = (float32(child[y, x]) - toned[y, x]) - means[2, x]
            sums[2, x] += away * away


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _sum_of_eight(sums: OutReal2, kind: i8, start: i8) -> f4:
    one = (sums[kind, start] + sums[kind, start + 1]) + (sums[kind, start + 2] + sums[kind, start + 3])
    other = (sums[kind, start + 4] + sums[kind, start + 5]) + (sums[kind, start + 6] + sums[kind, start + 7])
    return one + other


@cython.ccall
def add_filter_equations(
    plane: Real1, middle: Whole1, offsets: Whole1, mean: f4, wanted: Real1, chosen: Real1, products: OutDouble2,
    sides: OutDouble1,
) -> None:  # fmt: skip
    """Adds the normal equations of a filter that predicts wanted levels from the neighbourhoods of pixels.

    Args:
        plane: (H * W,) pixels.
        middle: (N,) places of pixels whose neighbourhoods lie inside the plane.
        offsets: (K,) from a pixel's place to its neighbours', K < 32.
        mean: level subtracted from every pixel.
        wanted: (N,) levels.
        chosen: (N,) mask; pixels where it is 0 are left out.
        products: (K + 1, K + 1) of zeros, filled; the last row and column are for a constant.
        sides: (K + 1,) of zeros, filled.
    """
    n = offsets.shape[0] + 1
    columns = cython.declare(cython.float[32])
    lines = cython.declare(cython.float[1024])
    ends = cython.declare(cython.float[32])
    if n > 32:
        raise ValueError(f"a filter has at most 31 neighbours, this one {n - 1}")
    with cython.nogil:
        for k in range(32):
            columns[k] = float32(0)
        columns[n - 1] = float32(1)
        for start in range(0, middle.shape[0], 512):
            for k in range(1024):
                lines[k] = float32(0)
            for k in range(32):
                ends[k] = float32(0)
            for i in range(start, min(start + 512, middle.shape[0])):
                if chosen[i] != 0:
                    for k in range(n - 1):
                        columns[k] = plane[middle[i] + offsets[k]] - mean
                    _add_products(columns, wanted[i], n, lines, ends)
            for k in range(n):
                sides[k] += ends[k]
                for other in range(k + 1):
                    products[k, other] += lines[32 * k + other]
        for k in range(n):
            for other in range(k):
                products[other, k] = products[k, other]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_products(columns: cython.p_float, wanted: f4, n: i8, lines: cython.p_float, ends: cython.p_float) -> cython.void:
    """Adds products of one pixel's neighbours with each other, and with the wanted level; eight at a time."""
    for k in range(n):
        for eight in range(k // 8 + 1):  # the other half is symmetric
            for lane in range(8):
                lines[32 * k + 8 * eight + lane] += columns[k] * columns[8 * eight + lane]
    for k in range(32):
        ends[k] += columns[k] * wanted
