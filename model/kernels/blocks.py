"""Blocks of 8x8 pixels: entropy, DCT, and the distribution of coefficients. See model/kernels/__init__.py."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import (
        Bytes2,
        OutBytes3,
        OutInts1,
        OutReal2,
        OutWhole1,
        OutWhole2,
        Real1,
        Real2,
        Whole1,
        f4,
        float32,
        i8,
        int32,
        rint,
    )

# cos(k pi / 16) / 2, the constants of the orthonormal DCT of eight values.
_C1 = cython.declare(f4, np.float32(np.cos(1 * np.pi / 16) / 2))
_C2 = cython.declare(f4, np.float32(np.cos(2 * np.pi / 16) / 2))
_C3 = cython.declare(f4, np.float32(np.cos(3 * np.pi / 16) / 2))
_C4 = cython.declare(f4, np.float32(np.cos(4 * np.pi / 16) / 2))
_C5 = cython.declare(f4, np.float32(np.cos(5 * np.pi / 16) / 2))
_C6 = cython.declare(f4, np.float32(np.cos(6 * np.pi / 16) / 2))
_C7 = cython.declare(f4, np.float32(np.cos(7 * np.pi / 16) / 2))
# The DCT transforms sixteen blocks side by side: value f of block k is at 16 f + k.


@cython.ccall
def take_and_rank(plane: Bytes2, top: Whole1, left: Whole1, blocks: OutBytes3, entropy: OutInts1) -> None:
    """Copies the 8x8 blocks at the given places and adds up their entropies (model/measurements/blocks.py).

    Args:
        plane: (H, W).
        top, left: (N,) first pixels of the blocks.
        blocks: (N, 8, 8), filled.
        entropy: (N,), filled.
    """
    with cython.nogil:
        for i in range(top.shape[0]):
            y, x = top[i], left[i]
            for row in range(8):
                for column in range(8):
                    blocks[i, row, column] = plane[y + row, x + column]
        for i in range(top.shape[0]):
            entropy[i] = _add_changes(blocks, i)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_changes(blocks: OutBytes3, i: i8) -> i8:
    """Sum of absolute differences between neighbouring pixels of a block."""
    lines = cython.declare(cython.uchar[64])
    for row in range(8):
        for column in range(8):
            lines[8 * row + column] = blocks[i, row, column]
    change = int32(0)
    for place in range(63):
        change += abs(int32(lines[place + 1]) - int32(lines[place]))
    for row in range(7):  # the last of each row has no neighbour on the right
        change -= abs(int32(lines[8 * row + 8]) - int32(lines[8 * row + 7]))
    for place in range(56):
        change += abs(int32(lines[place + 8]) - int32(lines[place]))
    return change


@cython.ccall
def transform(blocks: Real2, coefficients: OutReal2) -> None:
    """The orthonormal DCT of 8x8 blocks.

    Args:
        blocks: (N, 64), in [0, 255]; 128 is subtracted.
        coefficients: (64, N), filled; frequency (u, v) is row 8 u + v.

    Source: ITU-T T.81, A.3.3.
    """
    pixels = cython.declare(cython.float[1024])
    with cython.nogil:
        for start in range(0, blocks.shape[0], 16):
            for k in range(16):
                block = min(start + k, blocks.shape[0] - 1)  # the last block fills the group
                for f in range(64):
                    pixels[16 * f + k] = blocks[block, f] - float32(128)
            _transform_together(pixels)
            _put(pixels, coefficients, start)


@cython.ccall
def transform_at(plane: Bytes2, top: Whole1, left: Whole1, coefficients: OutReal2) -> None:
    """Like `transform`, for the blocks of a plane at given places.

    Args:
        plane: (H, W).
        top, left: (N,) first pixels of the blocks.
        coefficients: (64, N), filled.
    """
    pixels = cython.declare(cython.float[1024])
    with cython.nogil:
        for start in range(0, top.shape[0], 16):
            _take(plane, top, left, start, pixels)
            _transform_together(pixels)
            _put(pixels, coefficients, start)


@cython.ccall
def count_multiples(plane: Bytes2, top: Whole1, left: Whole1, chosen: Whole1, steps: Real1, counts: OutWhole2) -> None:
    """Counts, over blocks, which multiple of its step each coefficient is nearest to.

    Args:
        plane: (H, W).
        top, left: (N,) first pixels of the blocks.
        chosen: (F,) frequencies.
        steps: (F,) quantisation step of each frequency.
        counts: (F, M) of zeros, filled: blocks by multiple of |coefficient|; the last column also holds larger multiples.
    """
    pixels = cython.declare(cython.float[1024])
    multiples = cython.declare(cython.int[16])
    last = float32(counts.shape[1] - 1)
    with cython.nogil:
        for start in range(0, top.shape[0], 16):
            _take(plane, top, left, start, pixels)
            _transform_together(pixels)
            for f in range(chosen.shape[0]):
                row, step = 16 * chosen[f], steps[f]
                for k in range(16):
                    multiples[k] = int32(min(rint(abs(pixels[row + k]) / step), last))
                for k in range(min(16, top.shape[0] - start)):
                    counts[f, multiples[k]] += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _take(plane: Bytes2, top: Whole1, left: Whole1, start: i8, pixels: cython.p_float) -> cython.void:
    """Copies sixteen blocks side by side, less 128; the last block fills the group."""
    for k in range(16):
        i = min(start + k, top.shape[0] - 1)
        for y in range(8):
            for x in range(8):
                pixels[16 * (8 * y + x) + k] = float32(plane[top[i] + y, left[i] + x]) - float32(128)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _transform_together(pixels: cython.p_float) -> cython.void:
    """DCT of blocks side by side, in place: first down the columns, then along the rows."""
    columns = cython.declare(cython.float[1024])
    _transform_lines(pixels, columns, 8, 1)
    _transform_lines(columns, pixels, 1, 8)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _transform_lines(values: cython.p_float, found: cython.p_float, step: i8, other: i8) -> cython.void:
    """DCT of eight lines of eight values, `step` apart; lines are `other` apart. Adds and subtracts mirrored values first."""
    for line in range(8):
        at, by = 16 * line * other, 16 * step
        for k in range(at, at + 16):
            x0, x7 = values[k], values[k + 7 * by]
            x1, x6 = values[k + by], values[k + 6 * by]
            x2, x5 = values[k + 2 * by], values[k + 5 * by]
            x3, x4 = values[k + 3 * by], values[k + 4 * by]
            outer, inner = (x0 + x7) + (x3 + x4), (x1 + x6) + (x2 + x5)
            far, near = (x0 + x7) - (x3 + x4), (x1 + x6) - (x2 + x5)
            d0, d1, d2, d3 = x0 - x7, x1 - x6, x2 - x5, x3 - x4
            found[k] = _C4 * (outer + inner)
            found[k + by] = (_C1 * d0 + _C3 * d1) + (_C5 * d2 + _C7 * d3)
            found[k + 2 * by] = _C2 * far + _C6 * near
            found[k + 3 * by] = (_C3 * d0 - _C7 * d1) - (_C1 * d2 + _C5 * d3)
            found[k + 4 * by] = _C4 * (outer - inner)
            found[k + 5 * by] = (_C5 * d0 - _C1 * d1) + (_C7 * d2 + _C3 * d3)
            found[k + 6 * by] = _C6 * far - _C2 * near
            found[k + 7 * by] = (_C7 * d0 - _C5 * d1) + (_C3 * d2 - _C1 * d3)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _put(pixels: cython.p_float, coefficients: OutReal2, start: i8) -> cython.void:
    """Copies transformed blocks to their columns; drops those beyond the last column."""
    n = min(16, coefficients.shape[1] - start)
    for f in range(64):
        for k in range(n):
            coefficients[f, start + k] = pixels[16 * f + k]


@cython.ccall
def weigh(coefficients: Real2, least: f4, products: OutReal2, n_small: OutWhole1) -> None:
    """Products of |coefficient| + 1/4, and the number of small coefficients, by frequency.

    Args:
        coefficients: (64, N).
        least: a coefficient is small if |coefficient| is less than this.
        products: (64, M), filled: each of N / M factors, rounded up or down.
        n_small: (64,), filled.
    """
    with cython.nogil:
        for f in range(64):
            small = int32(0)
            for i in range(coefficients.shape[1]):
                small += int32(abs(coefficients[f, i]) < least)
            n_small[f] = small
            for k in range(products.shape[1]):
                products[f, k] = float32(1)
            start = 0
            while start < coefficients.shape[1]:
                for k in range(min(products.shape[1], coefficients.shape[1] - start)):
                    products[f, k] *= abs(coefficients[f, start + k]) + float32(0.25)
                start += products.shape[1]


@cython.ccall
def add_energies(coefficients: Real2, group: Whole1, energies: OutReal2) -> None:
    """Energy of each block in groups of frequencies: sums of squared coefficients.

    Args:
        coefficients: (64, N).
        group: (64,) number of each frequency's group in [0, G), negative for no group.
        energies: (G, N) of zeros, filled.
    """
    with cython.nogil:
        for f in range(64):
            if group[f] >= 0:
                for i in range(coefficients.shape[1]):
                    energies[group[f], i] += coefficients[f, i] * coefficients[f, i]
