"""Blocks of 8x8 pixels: their entropy, their DCT, and how its coefficients lie. See model/kernels/__init__.py."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels import Bytes, Real, Whole

# cos(k pi / 16) / 2, the constants of the orthonormal DCT of eight values.
_C1, _C2, _C3, _C4, _C5, _C6, _C7 = (np.float32(np.cos(k * np.pi / 16) / 2) for k in range(1, 8))
_TOGETHER = 16  # blocks transformed side by side


def take_and_rank(plane: Bytes, top: Whole, left: Whole, blocks: Bytes, entropy: NDArray[np.int32]) -> None:
    """Copies the 8x8 blocks at the given places and adds up their entropies (model/measurements/blocks.py).

    Args:
        plane: (H, W).
        top, left: (N,).
        blocks: (N, 8, 8), filled.
        entropy: (N,), filled.
    """
    inside = np.ones(64, np.int16)  # all but the last of each row have a neighbour on the right
    inside[7::8] = 0
    for i in range(len(top)):
        block = plane[top[i] : top[i] + 8, left[i] : left[i] + 8]
        for row in range(8):
            for column in range(8):
                blocks[i, row, column] = block[row, column]
        lines = blocks[i].reshape(64)
        across = np.int16(0)
        down = np.int16(0)
        for place in range(63):
            across += np.int16(inside[place] * abs(np.int16(np.int16(lines[place + 1]) - np.int16(lines[place]))))
        for place in range(56):
            down += np.int16(abs(np.int16(np.int16(lines[place + 8]) - np.int16(lines[place]))))
        entropy[i] = across + down


def transform(blocks: Real, coefficients: Real) -> None:
    """The orthonormal DCT of 8x8 blocks.

    Args:
        blocks: (N, 64), in [0, 255]; 128 is taken off.
        coefficients: (64, N), filled; frequency (u, v) is row 8 u + v.

    Source: ITU-T T.81, A.3.3.
    """
    columns, pixels = np.zeros((64, _TOGETHER), np.float32), np.zeros((64, _TOGETHER), np.float32)
    for start in range(0, len(blocks), _TOGETHER):
        for y in range(8):
            for k in range(_TOGETHER):
                block = blocks[min(start + k, len(blocks) - 1)]  # the last one again where there is no other
                for x in range(8):
                    pixels[8 * y + x, k] = block[8 * y + x] - np.float32(128)
        _transform_together(pixels, columns)
        _put(pixels, coefficients, start)


def transform_at(plane: Bytes, top: Whole, left: Whole, coefficients: Real) -> None:
    """The same of the blocks of a plane at some places.

    Args:
        plane: (H, W).
        top, left: (N,) first pixels of the blocks.
        coefficients: (64, N), filled.
    """
    columns, pixels = np.zeros((64, _TOGETHER), np.float32), np.zeros((64, _TOGETHER), np.float32)
    for start in range(0, len(top), _TOGETHER):
        _take(plane, top, left, start, pixels)
        _transform_together(pixels, columns)
        _put(pixels, coefficients, start)


def count_multiples(plane: Bytes, top: Whole, left: Whole, chosen: Whole, steps: Real, counts: Whole) -> None:
    """How often each multiple of its step a coefficient of those blocks is nearest to.

    Args:
        plane: (H, W).
        top, left: (N,) first pixels of the blocks.
        chosen: (F,) frequencies.
        steps: (F,) of each of them.
        counts: (F, M) of zeros, filled; the last column is for all further multiples.
    """
    columns, pixels = np.zeros((64, _TOGETHER), np.float32), np.zeros((64, _TOGETHER), np.float32)
    multiples = np.empty(_TOGETHER, np.int32)
    last = np.float32(counts.shape[1] - 1)
    for start in range(0, len(top), _TOGETHER):
        _take(plane, top, left, start, pixels)
        _transform_together(pixels, columns)
        for f in range(len(chosen)):
            row, step, found = pixels[chosen[f]], steps[f], counts[f]
            for k in range(_TOGETHER):
                multiples[k] = np.int32(min(np.rint(abs(row[k]) / step), last))
            for k in range(min(_TOGETHER, len(top) - start)):
                found[multiples[k]] += 1


def _take(plane: Bytes, top: Whole, left: Whole, start: int, pixels: Real) -> None:
    """Some blocks side by side, (64, 16), less 128; the last one again where there is no other."""
    for y in range(8):
        for k in range(_TOGETHER):
            i = min(start + k, len(top) - 1)
            row = plane[top[i] + y, left[i] : left[i] + 8]
            for x in range(8):
                pixels[8 * y + x, k] = np.float32(row[x]) - np.float32(128)


def _transform_together(pixels: Real, columns: Real) -> None:
    """DCT of blocks side by side, (64, 16), in place; sums and differences of mirrored values first."""
    for stage in range(2):
        # First down the columns, then along the rows.
        step, other = (8, 1) if stage == 0 else (1, 8)
        values, found = (pixels, columns) if stage == 0 else (columns, pixels)
        for line in range(8):
            first = line * other
            for k in range(_TOGETHER):
                x0, x7 = values[first, k], values[first + 7 * step, k]
                x1, x6 = values[first + step, k], values[first + 6 * step, k]
                x2, x5 = values[first + 2 * step, k], values[first + 5 * step, k]
                x3, x4 = values[first + 3 * step, k], values[first + 4 * step, k]
                outer, inner = (x0 + x7) + (x3 + x4), (x1 + x6) + (x2 + x5)
                far, near = (x0 + x7) - (x3 + x4), (x1 + x6) - (x2 + x5)
                d0, d1, d2, d3 = x0 - x7, x1 - x6, x2 - x5, x3 - x4
                found[first, k] = _C4 * (outer + inner)
                found[first + step, k] = (_C1 * d0 + _C3 * d1) + (_C5 * d2 + _C7 * d3)
                found[first + 2 * step, k] = _C2 * far + _C6 * near
                found[first + 3 * step, k] = (_C3 * d0 - _C7 * d1) - (_C1 * d2 + _C5 * d3)
                found[first + 4 * step, k] = _C4 * (outer - inner)
                found[first + 5 * step, k] = (_C5 * d0 - _C1 * d1) + (_C7 * d2 + _C3 * d3)
                found[first + 6 * step, k] = _C6 * far - _C2 * near
                found[first + 7 * step, k] = (_C7 * d0 - _C5 * d1) + (_C3 * d2 - _C1 * d3)


def _put(pixels: Real, coefficients: Real, start: int) -> None:
    """Copies transformed blocks to their place, as many as there is place for."""
    n = min(_TOGETHER, coefficients.shape[1] - start)
    for f in range(64):
        into = coefficients[f, start : start + n]
        if n == _TOGETHER:
            for k in range(_TOGETHER):
                into[k] = pixels[f, k]
        else:
            for k in range(n):
                into[k] = pixels[f, k]


def weigh(coefficients: Real, least: float, products: Real, n_small: Whole) -> None:
    """Products of |coefficient| + 1/4, and how many of each frequency are small.

    Args:
        coefficients: (64, N).
        least: those of less are small.
        products: (64, M), filled: of N / M numbers each, or one less.
        n_small: (64,), filled.
    """
    n, n_products = coefficients.shape[1], products.shape[1]
    for f in range(64):
        row, into = coefficients[f], products[f]
        small = np.int32(0)
        for i in range(n):
            small += np.int32(abs(row[i]) < least)
        n_small[f] = small
        for i in range(n_products):
            into[i] = np.float32(1)
        for start in range(0, n, n_products):
            some = row[start : start + n_products]
            for i in range(len(some)):
                into[i] *= abs(some[i]) + np.float32(0.25)


def add_energies(coefficients: Real, group: Whole, energies: Real) -> None:
    """Sums of squares of each block's coefficients over groups of frequencies.

    Args:
        coefficients: (64, N).
        group: (64,) the group of each frequency, negative for none.
        energies: (G, N) of zeros, filled.
    """
    for f in range(64):
        if group[f] >= 0:
            row, into = coefficients[f], energies[group[f]]
            for i in range(len(row)):
                into[i] += row[i] * row[i]


SIGNATURES = {
    take_and_rank: "void(u1[:,::1],i8[::1],i8[::1],u1[:,:,::1],i4[::1])",
    transform: "void(f4[:,::1],f4[:,::1])",
    transform_at: "void(u1[:,::1],i8[::1],i8[::1],f4[:,::1])",
    count_multiples: "void(u1[:,::1],i8[::1],i8[::1],i8[::1],f4[::1],i8[:,::1])",
    weigh: "void(f4[:,::1],f4,f4[:,::1],i8[::1])",
    add_energies: "void(f4[:,::1],i8[::1],f4[:,::1])",
}
INNER = (_take, _transform_together, _put)  # called by the others
