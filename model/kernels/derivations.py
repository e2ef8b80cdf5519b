"""Inner loops that compare a version with a supposed parent that lies on it: levels, tone curves, blocks."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels import Bytes, Real, Whole


def compare_levels(parent: Real, child: Bytes, counts: Whole, sums: Whole, child_counts: Whole, agreement: Whole) -> None:
    """Which levels the child has where the parent has each level, rounded and clipped.

    Args:
        parent, child: (N,) levels.
        counts, sums: (256,) of zeros, filled: pixels of each of the parent's levels; the child's levels there.
        child_counts: (256,) of zeros, filled.
        agreement: (3,) of zeros, filled: sum of the absolute differences, equal pixels, pixels within one level.
    """
    for i in range(len(parent)):
        level = np.int64(np.rint(min(max(parent[i], np.float32(0)), np.float32(255))))
        own = np.int64(child[i])
        counts[level] += 1
        sums[level] += own
        child_counts[own] += 1
        away = abs(level - own)
        agreement[0] += away
        agreement[1] += away == 0
        agreement[2] += away <= 1


def apply_curve(levels: Real, shift: Real, found: Real) -> None:
    """Levels moved by a curve; what lies between two of its points is interpolated.

    Args:
        levels: (N,).
        shift: (256,) by which each level moves.
        found: (N,), filled.
    """
    for i in range(len(levels)):
        clipped = min(max(levels[i], np.float32(0)), np.float32(254.999))
        below = np.int64(clipped)
        share = clipped - np.float32(below)
        found[i] = levels[i] + shift[below] * (np.float32(1) - share) + shift[below + 1] * share


def measure_blocks(toned: Real, child: Bytes, fitted: Real, found: Real) -> None:
    """Activity and differences of whole 8x8 blocks, summed up as numpy does it.

    Args:
        toned, child, fitted: (H, W) the parent with the child's tone, the child, and the parent after the filter.
        found: (4, N), filled for each block: variance of `toned`, mean absolute difference of child and `fitted`, mean and
            standard deviation of child less `toned`.
    """
    n_across = toned.shape[1] // 8
    width = 8 * n_across
    means, sums = np.zeros((4, width), np.float32), np.zeros((4, width), np.float32)
    for down in range(toned.shape[0] // 8):
        sums[:] = np.float32(0)
        for y in range(8 * down, 8 * down + 8):
            level, own, fit = toned[y, :width], child[y, :width], fitted[y, :width]
            activity, error, change = sums[0], sums[1], sums[2]
            for x in range(width):
                activity[x] += level[x]
                error[x] += abs(np.float32(own[x]) - fit[x])
                change[x] += np.float32(own[x]) - level[x]
        for kind in range(3):
            for across in range(n_across):
                means[kind, 8 * across : 8 * across + 8] = _sum_of_eight(sums[kind], 8 * across) / np.float32(64)
        sums[:] = np.float32(0)
        for y in range(8 * down, 8 * down + 8):
            level, own = toned[y, :width], child[y, :width]
            activity, change, usual, shift = sums[0], sums[2], means[0], means[2]
            for x in range(width):
                activity[x] += (level[x] - usual[x]) * (level[x] - usual[x])
                away = (np.float32(own[x]) - level[x]) - shift[x]
                change[x] += away * away
        for across in range(n_across):
            block = down * n_across + across
            found[0, block] = _sum_of_eight(sums[0], 8 * across) / np.float32(64)
            found[1, block] = means[1, 8 * across]
            found[2, block] = means[2, 8 * across]
            found[3, block] = np.sqrt(_sum_of_eight(sums[2], 8 * across) / np.float32(64))


def _sum_of_eight(sums: Real, start: int) -> np.float32:
    one = (sums[start] + sums[start + 1]) + (sums[start + 2] + sums[start + 3])
    other = (sums[start + 4] + sums[start + 5]) + (sums[start + 6] + sums[start + 7])
    found: np.float32 = one + other
    return found


def find_ranks(numbers: Real, rank: int, found: Real) -> None:
    """The number of a rank and the next larger one, as sorting would place them; by counting their bits.

    Args:
        numbers: (N,), none of them NaN.
        rank: in [0, N).
        found: (2,), filled; twice the last number where there is no next one.
    """
    n = len(numbers)
    bits = numbers.view(np.uint32)
    keys = np.empty(n, np.int64)  # in the order of the numbers: of negative ones, a larger pattern is a smaller number
    for i in range(n):
        pattern = np.int64(bits[i])
        keys[i] = 0xFFFFFFFF - pattern if pattern >= 0x80000000 else pattern + 0x80000000
    kept, left, key = n, rank, 0
    counts = np.zeros(2048, np.int64)
    for shift in (21, 10, 0):
        mask = 1023 if shift == 0 else 2047
        counts[:] = 0
        for i in range(kept):
            counts[keys[i] >> shift & mask] += 1
        digit = 0
        while left >= counts[digit]:
            left -= counts[digit]
            digit += 1
        key |= digit << shift
        into = 0
        for i in range(kept):
            candidate = keys[i]
            keys[into] = candidate
            into += (candidate >> shift & mask) == digit
        kept = into
    above = np.int64(0xFFFFFFFF if left + 1 >= kept and rank + 1 < n else key)
    if above != key:
        for i in range(n):
            pattern = np.int64(bits[i])
            candidate = 0xFFFFFFFF - pattern if pattern >= 0x80000000 else pattern + 0x80000000
            if candidate > key:
                above = min(above, candidate)
    patterns = found.view(np.uint32)
    patterns[0] = np.uint32(key - 0x80000000 if key >= 0x80000000 else 0xFFFFFFFF - key)
    patterns[1] = np.uint32(above - 0x80000000 if above >= 0x80000000 else 0xFFFFFFFF - above)


def count_distances(
    parent: Real, multiples: Real, steps: Real, third: Whole, per_step: int, counts: Whole, squares: NDArray[np.float64],
    others: Whole,
) -> None:  # fmt: skip
    """How far a supposed parent's coefficients are from the middles of the child's bins.

    Args:
        parent: (64, N) coefficients.
        multiples: (64, N) of the steps, that the child has; whole numbers.
        steps: (64,) quantisation steps.
        third: (64,) third of the frequencies, 0 to 2.
        per_step: classes of distance for one step.
        counts: (3, C) of zeros, filled: coefficients by third and distance; the last class holds all that are farther.
        squares: (3,) of zeros, filled: sums of squared distances of at most half a step.
        others: (4,) of zeros, filled: zeros of the child; those with a distance above 0.55; coefficients where child or
            parent quantise to something else than zero; those where both are equal.
    """
    last = counts.shape[1] - 1
    for f in range(1, 64):
        inverse = np.float32(1) / steps[f]
        row, own = parent[f], multiples[f]
        n_zero, n_violated, n_either, n_exact = 0, 0, 0, 0
        for i in range(row.shape[0]):
            scaled = row[i] * inverse
            is_zero = own[i] == 0
            nearest = np.rint(scaled)
            either = (nearest != 0) | (not is_zero)
            n_zero += is_zero
            n_violated += is_zero & (abs(scaled) > np.float32(0.55))
            n_either += either
            n_exact += either & (nearest == own[i])
        others[0] += n_zero
        others[1] += n_violated
        others[2] += n_either
        others[3] += n_exact
        if n_zero == row.shape[0]:
            continue
        group = counts[third[f]]
        total = 0.0
        for i in range(row.shape[0]):
            if own[i] != 0:
                away = abs(row[i] * inverse - own[i])
                place = min(np.int64(away * np.float32(per_step)), np.int64(last))
                group[place] += 1
                near = min(away, np.float32(0.5))
                total += np.float64(near) * np.float64(near)
        squares[third[f]] += total


def add_filter_equations(
    plane: Real, middle: Whole, offsets: Whole, mean: float, wanted: Real, chosen: Real, products: NDArray[np.float64],
    sides: NDArray[np.float64],
) -> None:  # fmt: skip
    """The normal equations of the filter that makes wanted levels from the neighbourhoods of pixels.

    Args:
        plane: (H * W,) pixels.
        middle: (N,) places whose neighbourhoods lie inside.
        offsets: (K,) of the neighbours.
        mean: is taken off every pixel.
        wanted: (N,) levels.
        chosen: (N,) weights; pixels of weight zero are left out.
        products: (K + 1, K + 1) of zeros, filled; the last one is for a constant.
        sides: (K + 1,) of zeros, filled.
    """
    n = len(offsets) + 1
    wide = (n + 7) // 8 * 8  # whole vectors
    columns = np.zeros(wide, np.float32)
    columns[n - 1] = np.float32(1)
    lines = np.zeros((n, wide), np.float32)
    ends = np.zeros(wide, np.float32)
    for start in range(0, len(middle), 512):
        lines[:] = np.float32(0)
        ends[:] = np.float32(0)
        for i in range(start, min(start + 512, len(middle))):
            if chosen[i] == 0:
                continue
            for k in range(n - 1):
                columns[k] = plane[middle[i] + offsets[k]] - np.float32(mean)
            for k in range(n):
                line, factor = lines[k], columns[k]
                for other in range(k // 8 * 8 + 8):  # the other half is the same
                    line[other] += factor * columns[other]
            for k in range(wide):
                ends[k] += columns[k] * wanted[i]
        for k in range(n):
            sides[k] += ends[k]
            for other in range(k + 1):
                products[k, other] += lines[k, other]
    for k in range(n):
        for other in range(k):
            products[other, k] = products[k, other]


SIGNATURES = {
    compare_levels: "void(f4[::1],u1[::1],i8[::1],i8[::1],i8[::1],i8[::1])",
    apply_curve: "void(f4[::1],f4[::1],f4[::1])",
    find_ranks: "void(f4[::1],i8,f4[::1])",
    measure_blocks: "void(f4[:,::1],u1[:,::1],f4[:,::1],f4[:,::1])",
    add_filter_equations: "void(f4[::1],i8[::1],i8[::1],f4,f4[::1],f4[::1],f8[:,::1],f8[::1])",
    count_distances: "void(f4[:,::1],f4[:,::1],f4[::1],i8[::1],i8,i8[:,::1],f8[::1],i8[::1])",
}
INNER = (_sum_of_eight,)  # called by the others
