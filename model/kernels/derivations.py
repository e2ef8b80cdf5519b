"""Inner loops that compare a version with an aligned, supposed parent: levels, tone curves, coefficients."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import (
        Bytes1,
        Codes1,
        OutCodes1,
        OutDouble1,
        OutReal1,
        OutWhole1,
        OutWhole2,
        Real1,
        Real2,
        Whole1,
        f4,
        float32,
        float64,
        i8,
        int32,
        int64,
        rint,
        u4,
        uint32,
    )


@cython.ccall
def compare_levels(
    parent: Real1, child: Bytes1, counts: OutWhole1, sums: OutWhole1, child_counts: OutWhole1, agreement: OutWhole1
) -> None:
    """The child's levels for each level of the parent, which is rounded and clipped.

    Args:
        parent, child: (N,) levels.
        counts, sums: (256,) of zeros, filled: pixels at each level of the parent; sum of the child's levels there.
        child_counts: (256,) of zeros, filled: pixels at each level of the child.
        agreement: (3,) of zeros, filled: sum of absolute differences, number of equal pixels, and of pixels within one level.
    """
    total, n_equal, n_near = int64(0), int64(0), int64(0)
    with cython.nogil:
        for i in range(parent.shape[0]):
            level = int64(rint(min(max(parent[i], float32(0)), float32(255))))
            own = int64(child[i])
            counts[level] += 1
            sums[level] += own
            child_counts[own] += 1
            away: i8 = abs(level - own)
            total += away
            n_equal += int32(away == 0)
            n_near += int32(away <= 1)
        agreement[0] += total
        agreement[1] += n_equal
        agreement[2] += n_near


@cython.ccall
def apply_curve(levels: Real1, shift: Real1, found: OutReal1) -> None:
    """Levels moved by a curve, which is interpolated linearly between its points.

    Args:
        levels: (N,).
        shift: (256,) the shift of each level, in levels.
        found: (N,), filled.
    """
    with cython.nogil:
        for i in range(levels.shape[0]):
            clipped = min(max(levels[i], float32(0)), float32(254.999))
            below = int32(clipped)
            share = clipped - float32(below)
            found[i] = levels[i] + shift[below] * (float32(1) - share) + shift[below + 1] * share


@cython.ccall
def find_ranks(numbers: Real1, rank: i8, found: OutReal1) -> None:
    """The number at a rank of the sorted numbers, and the number at the next rank; a radix selection.

    Args:
        numbers: (N,), none of them NaN.
        rank: in [0, N).
        found: (2,), filled; both are the last number if there is no next rank.
    """
    n = numbers.shape[0]
    bits: Codes1 = np.asarray(numbers).view(np.uint32)
    patterns: OutCodes1 = np.asarray(found).view(np.uint32)
    keys: OutCodes1 = np.empty(n, np.uint32)
    counts: OutWhole1 = np.zeros(2048, np.int64)
    half = uint32(0x80000000)
    with cython.nogil:
        # Keys sort as the numbers do: among negative numbers, a larger bit pattern is a smaller number.
        for i in range(n):
            keys[i] = ~bits[i] if bits[i] >= half else bits[i] | half
        kept, left, key = int64(n), int64(rank), uint32(0)
        for turn in range(3):
            shift = uint32(max(21 - 11 * turn, 0))
            mask = uint32(1023 if turn == 2 else 2047)
            digit = _find_digit(keys, kept, shift, mask, left, counts)
            for lower in range(digit):
                left -= counts[lower]
            key |= uint32(digit) << shift
            into = int64(0)
            for i in range(kept):
                candidate = keys[i]
                keys[into] = candidate
                into += int32(((candidate >> shift) & mask) == digit)
            kept = into
        above = uint32(0xFFFFFFFF) if left + 1 >= kept and rank + 1 < n else key
        if above != key:
            for i in range(n):
                candidate = ~bits[i] if bits[i] >= half else bits[i] | half
                if candidate > key:
                    above = min(above, candidate)
        patterns[0] = key ^ half if key >= half else ~key
        patterns[1] = above ^ half if above >= half else ~above


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _find_digit(keys: OutCodes1, kept: i8, shift: u4, mask: u4, left: i8, counts: OutWhole1) -> u4:
    """The digit of the key at rank `left` among the first `kept` keys; `counts` gets the number of each digit."""
    for k in range(2048):
        counts[k] = 0
    for i in range(kept):
        counts[(keys[i] >> shift) & mask] += 1
    digit = 0
    while left >= counts[digit]:
        left -= counts[digit]
        digit += 1
    return digit


@cython.ccall
def count_distances(
    parent: Real2, multiples: Real2, steps: Real1, third: Whole1, per_step: i8, counts: OutWhole2, squares: OutDouble1,
    others: OutWhole1,
) -> None:  # fmt: skip
    """Distances of a supposed parent's coefficients from the middles of the child's bins.

    Args:
        parent: (64, N) coefficients.
        multiples: (64, N) the child's coefficients in steps; whole numbers.
        steps: (64,) quantisation steps.
        third: (64,) the third, 0 to 2, to which each frequency belongs.
        per_step: classes of distance for one step.
        counts: (3, C) of zeros, filled: coefficients by third and distance; the last class also holds all larger distances.
        squares: (3,) of zeros, filled: sums of squared distances, each clipped at half a step.
        others: (4,) of zeros, filled: the child's zeros; those of them with a distance above 0.55; coefficients that are
            not zero in the child or in the quantised parent; those of them that are equal in both.
    """
    with cython.nogil:
        for f in range(1, 64):
            inverse = float32(1) / steps[f]
            n_zero, n_violated, n_either, n_exact = int32(0), int32(0), int32(0), int32(0)
            for i in range(parent.shape[1]):
                scaled = parent[f, i] * inverse
                is_zero = int32(multiples[f, i] == 0)
                nearest = rint(scaled)
                either = int32((nearest != 0) | (multiples[f, i] != 0))
                n_zero += is_zero
                n_violated += int32(is_zero & (abs(scaled) > float32(0.55)))
                n_either += either
                n_exact += int32(either & (nearest == multiples[f, i]))
            others[0] += n_zero
            others[1] += n_violated
            others[2] += n_either
            others[3] += n_exact
            if n_zero < parent.shape[1]:
                _add_distances(parent, multiples, f, inverse, third[f], float32(per_step), counts, squares)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_distances(
    parent: Real2, multiples: Real2, f: i8, inverse: f4, third: i8, per_step: f4, counts: OutWhole2, squares: OutDouble1
) -> cython.void:
    """Adds the distances at one frequency, where the child is not zero."""
    last = int64(counts.shape[1] - 1)
    total = 0.0
    for i in range(parent.shape[1]):
        if multiples[f, i] != 0:
            away = abs(parent[f, i] * inverse - multiples[f, i])
            counts[third, min(int64(away * per_step), last)] += 1
            near = min(away, float32(0.5))
            total += float64(near) * float64(near)
    squares[third] += total
