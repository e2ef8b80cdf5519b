"""Levels of luma: how often each occurs, fine structure, flat borders. See model/kernels/__init__.py."""

import numpy as np

from genloss.model.kernels import Bytes, Whole


def count_levels(plane: Bytes, chosen: Whole, counts: Whole) -> None:
    """How often each level occurs in some rows; in four tables by turns, as adding to the same place twice has to wait.

    Args:
        plane: (H, W).
        chosen: (R,) rows.
        counts: (4, 256) of zeros, filled.
    """
    width = plane.shape[1]
    for i in range(len(chosen)):
        row = plane[chosen[i]]
        for x in range(width):
            counts[x & 3, row[x]] += 1


def count_fine_structure(plane: Bytes, start: Whole, height: int, laplacian: Whole, sums: Whole) -> None:
    """Histogram of |4 pixel - its four neighbours|, and sums of |difference| and counts of equal neighbours, in bands.

    Args:
        plane: (H, W).
        start: (N,) first rows of the bands.
        height: their height.
        laplacian: (4, 1021) of zeros, filled: four tables by turns.
        sums: (5,) of zeros, filled: |difference| across and down; equal neighbours across, the left one in an even
            column and in an odd one; equal neighbours down.
    """
    width = plane.shape[1]
    across, down, even, odd, under = np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    found = np.empty(width, np.int16)
    for i in range(len(start)):
        for y in range(height):
            row = plane[start[i] + y]
            steps = np.int32(0)
            still = np.int32(0)
            still_even = np.int32(0)
            for x in range(width - 1):
                steps += abs(np.int32(row[x + 1]) - np.int32(row[x]))
            for x in range(width - 1):
                still += np.int32(row[x + 1] == row[x])
            for x in range(0, width - 1, 2):
                still_even += np.int32(row[x + 1] == row[x])
            across += steps
            even += still_even
            odd += still - still_even
            if y == height - 1:
                continue
            below = plane[start[i] + y + 1]
            steps = np.int32(0)
            still = np.int32(0)
            for x in range(width):
                steps += abs(np.int32(below[x]) - np.int32(row[x]))
            for x in range(width):
                still += np.int32(below[x] == row[x])
            down += steps
            under += still
            if y == 0:
                continue
            above = plane[start[i] + y - 1]
            for x in range(width - 2):
                around = np.int16(above[x + 1]) + np.int16(below[x + 1]) + np.int16(row[x]) + np.int16(row[x + 2])
                found[x] = abs(np.int16(4 * np.int16(row[x + 1]) - around))
            for x in range(width - 2):
                laplacian[x & 3, found[x]] += 1
    sums[0], sums[1], sums[2], sums[3], sums[4] = across, down, even, odd, under


def count_flat_lines(plane: Bytes, places: Whole, of_rows: bool, first: int, step: int, low: int, high: int) -> int:
    """Lines, one after the other, before the first that leaves [low, high] at more than one in 200 of some places.

    Args:
        plane: (H, W).
        places: (N,) the places along a line.
        of_rows: whether lines are rows; else columns.
        first, step: the first line, and 1 or -1.
    """
    n_lines = plane.shape[0] if of_rows else plane.shape[1]
    line, n_flat = first, 0
    while 0 <= line < n_lines:
        n_other = 0
        for i in range(len(places)):
            value = plane[line, places[i]] if of_rows else plane[places[i], line]
            n_other += int((value < low) | (value > high))
        if 200 * n_other > len(places):
            break
        n_flat += 1
        line += step
    return n_flat


SIGNATURES = {
    count_levels: "void(u1[:,::1],i8[::1],i8[:,::1])",
    count_fine_structure: "void(u1[:,::1],i8[::1],i8,i8[:,::1],i8[::1])",
    count_flat_lines: "i8(u1[:,::1],i8[::1],b1,i8,i8,i8,i8)",
}
