"""How levels changed on the way from parent to child: tone, clipping, and gaps in the histogram."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_SMOOTHING = np.array([1, 2, 3, 4, 3, 2, 1], float) / 16
_PRIOR = 20.0  # pixels that say "no change" at every level


@dataclass(frozen=True)
class ToneEvidence:
    """What a change of levels leaves.

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


def measure_tone(lying: Plane, child: NDArray[np.uint8]) -> tuple[ToneEvidence, NDArray[np.float32]]:
    """The evidence, and the tone curve.

    Args:
        lying: (h, w) the parent as it lies on the child.
        child: (h, w).

    Returns:
        Evidence, and (256,) float32: the level that the child has where the parent has each level.
    """
    levels = np.clip(np.rint(lying), 0, 255).astype(np.uint8).ravel()
    values = child.ravel()
    counts = np.bincount(levels, minlength=256).astype(float)
    sums = np.bincount(levels, weights=values, minlength=256)
    at = np.arange(256.0)
    shift = np.convolve(sums - counts * at, _SMOOTHING, "same") / (np.convolve(counts, _SMOOTHING, "same") + _PRIOR)
    weights = counts / max(1.0, counts.sum())
    mean = float(weights @ at)
    variance = float(weights @ (at - mean) ** 2)
    slope = float(weights @ ((at - mean) * (shift - weights @ shift))) / variance if variance > 1e-6 else 0.0
    child_counts = np.bincount(values, minlength=256).astype(float)
    clipped = (child_counts[[0, 255]].sum() - counts[[0, 255]].sum()) / max(1, values.size)
    moved = float(weights @ shift), float(weights @ np.abs(shift))
    evidence = ToneEvidence(
        *moved, slope, float(clipped), _empty(counts), _empty(child_counts), _rough(counts), _rough(child_counts)
    )
    return evidence, (at + shift).astype(np.float32)


def apply_tone(lying: Plane, curve: NDArray[np.float32]) -> Plane:
    """The parent with the child's tone; levels between two of the curve are interpolated."""
    clipped = np.clip(lying, 0, 254.999)
    below = clipped.astype(np.intp)
    share = (clipped - below).astype(np.float32)
    shift = curve - np.arange(256, dtype=np.float32)
    found = lying + shift[below] * (1 - share) + shift[below + 1] * share
    return found.astype(np.float32, copy=False)


def _empty(counts: NDArray[np.float64]) -> float:
    used = np.flatnonzero(counts)
    return float(np.mean(counts[used[0] : used[-1] + 1] == 0)) if len(used) > 1 else 0.0


def _rough(counts: NDArray[np.float64]) -> float:
    """Zero for a smooth histogram; about 1 for one whose every second level is empty."""
    inner = counts[1:255]
    second = np.abs(inner[:-2] - 2 * inner[1:-1] + inner[2:]).sum()
    return float(second / max(1.0, 4 * inner.sum()))
