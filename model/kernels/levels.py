"""Levels of luma: histogram, fine structure, flat borders. See model/kernels/__init__.py."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import Bytes2, OutShorts1, OutWhole1, OutWhole2, Whole1, flag, i8, int16, int32, int64


@cython.ccall
def count_levels(plane: Bytes2, chosen: Whole1, counts: OutWhole2) -> None:
    """Histogram of levels in given rows, in four tables by turns, because consecutive additions to one place have to wait.

    Args:
        plane: (H, W).
        chosen: (R,) rows.
        counts: (4, 256) of zeros, filled.
    """
    with cython.nogil:
        for i in range(chosen.shape[0]):
            row = chosen[i]
            for x in range(0, plane.shape[1] - 3, 4):
                counts[0, plane[row, x]] += 1
                counts[1, plane[row, x + 1]] += 1
                counts[2, plane[row, x + 2]] += 1
                counts[3, plane[row, x + 3]] += 1
            for x in range(plane.shape[1] // 4 * 4, plane.shape[1]):
                counts[x & 3, plane[row, x]] += 1


@cython.ccall
def count_fine_structure(plane: Bytes2, start: Whole1, height: i8, laplacian: OutWhole2, sums: OutWhole1) -> None:
    """Histogram of |4 pixel - sum of its four neighbours|, sums of |difference|, and counts of equal neighbours, in bands.

    Args:
        plane: (H, W).
        start: (N,) first rows of the bands.
        height: rows of a band.
        laplacian: (4, 1021) of zeros, filled: the histogram, in four tables by turns.
        sums: (5,) of zeros, filled: |difference| across; |difference| down; equal neighbours across, if the left pixel is
            in an even column; the same for an odd column; equal neighbours down.
    """
    found: OutShorts1 = np.empty(plane.shape[1], np.int16)
    with cython.nogil:
        for i in range(start.shape[0]):
            for y in range(height):
                _add_across(plane, start[i] + y, sums)
                if y < height - 1:
                    _add_down(plane, start[i] + y, sums)
                if 0 < y < height - 1:
                    _add_laplacian(plane, start[i] + y, found, laplacian)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_across(plane: Bytes2, row: i8, sums: OutWhole1) -> cython.void:
    width = plane.shape[1]
    steps, still, still_even = int32(0), int32(0), int32(0)
    for x in range(width - 1):
        steps += abs(int32(plane[row, x + 1]) - int32(plane[row, x]))
    for x in range(width - 1):
        still += int32(plane[row, x + 1] == plane[row, x])
    for x in range(0, width - 1, 2):
        still_even += int32(plane[row, x + 1] == plane[row, x])
    sums[0] += steps
    sums[2] += still_even
    sums[3] += still - still_even


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_down(plane: Bytes2, row: i8, sums: OutWhole1) -> cython.void:
    steps, still = int32(0), int32(0)
    for x in range(plane.shape[1]):
        steps += abs(int32(plane[row + 1, x]) - int32(plane[row, x]))
    for x in range(plane.shape[1]):
        still += int32(plane[row + 1, x] == plane[row, x])
    sums[1] += steps
    sums[4] += still


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_laplacian(plane: Bytes2, row: i8, found: OutShorts1, laplacian: OutWhole2) -> cython.void:
    for x in range(plane.shape[1] - 2):
        around = int16(plane[row - 1, x + 1]) + int16(plane[row + 1, x + 1]) + int16(plane[row, x]) + int16(plane[row, x + 2])
        found[x] = abs(4 * int16(plane[row, x + 1]) - around)
    for x in range(plane.shape[1] - 2):
        laplacian[x & 3, found[x]] += 1


@cython.ccall
def count_flat_lines(plane: Bytes2, places: Whole1, of_rows: flag, first: i8, step: i8, low: i8, high: i8) -> i8:
    """Number of consecutive flat lines. A line is flat if at most one in 200 tested levels is outside [low, high].

    Args:
        plane: (H, W).
        places: (N,) the places along a line that are tested.
        of_rows: whether lines are rows, not columns.
        first, step: the first line, and the step to the next, 1 or -1.
    """
    n_lines = int64(plane.shape[0] if of_rows else plane.shape[1])
    line, n_flat = first, int64(0)
    with cython.nogil:
        while 0 <= line < n_lines:
            n_other = int64(0)
            for i in range(places.shape[0]):
                value = int32(plane[line, places[i]] if of_rows else plane[places[i], line])
                n_other += int32((value < low) | (value > high))
            if 200 * n_other > places.shape[0]:
                break
            n_flat += 1
            line += step
    return n_flat
