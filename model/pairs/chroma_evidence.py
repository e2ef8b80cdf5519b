"""Chroma of parent and child: energy, gain, and the share of the child's energy that the parent explains."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_FLOOR = 0.5  # squared levels


@dataclass(frozen=True)
class ChromaEvidence:
    """Both chroma planes together; NaN where neither version has colour.

    Attributes:
        energy: log of the child's variance over the parent's.
        fine_energy: the same of the steps from pixel to pixel.
        gain: factor from the parent's chroma to the child's; above 1 is more saturated.
        coherence, fine_coherence: share of the child's energy that is the parent's, in [0, 1].
        residual: log of the mean squared difference, in squared levels.
        shift: mean absolute difference of the planes' means, in levels.
    """

    energy: float
    fine_energy: float
    gain: float
    coherence: float
    fine_coherence: float
    residual: float
    shift: float


NO_CHROMA = ChromaEvidence(*[float("nan")] * 7)


def measure_chroma(parent: Plane, child: Plane) -> ChromaEvidence:
    """Compares chroma where the parent lies on the child.

    Args:
        parent, child: (2, h, w), Cb and Cr in levels; whole numbers for the child.
    """
    if max(float(np.ptp(parent)), float(np.ptp(child))) < 2:
        return NO_CHROMA
    means = parent.mean(axis=(1, 2), keepdims=True), child.mean(axis=(1, 2), keepdims=True)
    one, other = parent - means[0], child - means[1]
    side_by_side = np.asarray(cv2.merge([other[0], other[1]]))
    energy, gain, coherence = _compare(one, other, side_by_side)
    fine_energy, _, fine_coherence = _compare(
        np.diff(one, axis=2), np.diff(other, axis=2), side_by_side[:, 1:] - side_by_side[:, :-1]
    )
    difference = parent - child
    residual = float(np.log(np.multiply(difference, difference, out=difference).mean() + 0.05))
    shift = float(np.abs(means[1] - means[0]).mean())
    return ChromaEvidence(energy, fine_energy, gain, coherence, fine_coherence, residual, shift)


def _compare(parent: Plane, child: Plane, side_by_side: Plane) -> tuple[float, float, float]:
    """Log ratio of energies, gain and coherence.

    Args:
        side_by_side: the child's planes, interleaved. Squares are summed in this order, because the trees split at "no
            change", where the last digits of another order would decide.
    """
    powers = float(np.mean(parent**2)) + _FLOOR * 0.1, float(np.mean(side_by_side**2)) + _FLOOR * 0.1
    both = float(np.mean(parent * child))
    return float(np.log(powers[1] / powers[0])), both / powers[0], both**2 / (powers[0] * powers[1])
