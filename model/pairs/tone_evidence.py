"""Change of levels from parent to child: tone, clipping, and gaps in the histogram."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import apply_curve, compare_levels

Plane = NDArray[np.float32]

_SMOOTHING = np.array([1, 2, 3, 4, 3, 2, 1], float) / 16
_PRIOR = 20.0  # pixels of "no change" added at every level


@dataclass(frozen=True)
class ToneEvidence:
    """Traces of a change of levels.

    Attributes:
        shift: mean change of level, in levels; above 0 is brighter.
        mean_shift: mean absolute change of level, in levels.
        slope: of the change over the levels in use, 0 for none.
        clipped_change: share of the child's pixels at 0 or 255 less the parent's.
        empty_levels_parent, empty_levels: share of the levels in use that no pixel has.
        roughness_parent, roughness: mean change from one level's count to the next, relative to the counts.
    """

    shift: float
    mean_shift: float
    slope: float
    clipped_change: float
    empty_levels_parent: float
    empty_levels: float
    roughness_parent: float
    roughness: float


@dataclass(frozen=True)
class Levels:
    """A child's levels and its parent's, rounded and clipped, at the same pixels.

    Attributes:
        counts, sums: (256,) pixels of each of the parent's levels, and the sum of the child's levels there.
        child_counts: (256,) pixels of each of the child's levels.
        n_pixels, difference, n_equal, n_within_one: pixels, the sum of their absolute differences, how many are equal, and
            how many differ by one level at most.
    """

    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    child_counts: NDArray[np.float64]
    n_pixels: int
    difference: int
    n_equal: int
    n_within_one: int


def count_levels(lying: Plane, child: NDArray[np.uint8]) -> Levels:
    """Counts levels.

    Args:
        lying: (h, w) the parent as it lies on the child.
        child: (h, w).
    """
    counts, sums, child_counts = (np.zeros(256, np.int64) for _ in range(3))
    agreement = np.zeros(3, np.int64)
    compare_levels(lying.ravel(), child.ravel(), counts, sums, child_counts, agreement)
    difference, n_equal, n_within_one = agreement.tolist()
    return Levels(
        counts.astype(float), sums.astype(float), child_counts.astype(float), child.size, difference, n_equal, n_within_one
    )


def measure_tone(levels: Levels) -> tuple[ToneEvidence, NDArray[np.float32]]:
    """The evidence, and the tone curve: (256,) float32, the level that the child has where the parent has each level."""
    counts, sums, child_counts = levels.counts, levels.sums, levels.child_counts
    at = np.arange(256.0)
    shift = np.convolve(sums - counts * at, _SMOOTHING, "same") / (np.convolve(counts, _SMOOTHING, "same") + _PRIOR)
    weights = counts / max(1.0, counts.sum())
    mean = float(weights @ at)
    variance = float(weights @ (at - mean) ** 2)
    slope = float(weights @ ((at - mean) * (shift - weights @ shift))) / variance if variance > 1e-6 else 0.0
    clipped = (child_counts[[0, 255]].sum() - counts[[0, 255]].sum()) / max(1, levels.n_pixels)
    moved = float(weights @ shift), float(weights @ np.abs(shift))
    evidence = ToneEvidence(
        *moved, slope, float(clipped), _empty(counts), _empty(child_counts), _rough(counts), _rough(child_counts)
    )
    return evidence, (at + shift).astype(np.float32)


def apply_tone(lying: Plane, curve: NDArray[np.float32]) -> Plane:
    """The parent with the child's tone; levels between two of the curve are interpolated."""
    found = np.empty_like(lying)
    shift = np.asarray(curve - np.arange(256, dtype=np.float32), np.float32)
    apply_curve(lying.ravel(), shift, found.ravel())
    return found


def _empty(counts: NDArray[np.float64]) -> float:
    used = np.flatnonzero(counts)
    return float(np.mean(counts[used[0] : used[-1] + 1] == 0)) if len(used) > 1 else 0.0


def _rough(counts: NDArray[np.float64]) -> float:
    """Zero for a smooth histogram; about 1 for one whose every second level is empty."""
    inner = counts[1:255]
    second = np.abs(inner[:-2] - 2 * inner[1:-1] + inner[2:]).sum()
    return float(second / max(1.0, 4 * inner.sum()))
