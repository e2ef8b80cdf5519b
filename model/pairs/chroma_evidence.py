"""What became of the colours: energy, gain, and how much of the child's the parent explains."""

from dataclasses import dataclass

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
        gain: by which the parent's chroma became the child's; above 1 is more saturated.
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
        parent, child: (2, h, w), Cb and Cr in levels.
    """
    if max(float(np.ptp(parent)), float(np.ptp(child))) < 2:
        return NO_CHROMA
    means = parent.mean(axis=(1, 2), keepdims=True), child.mean(axis=(1, 2), keepdims=True)
    one, other = parent - means[0], child - means[1]
    energy, gain, coherence = _compare(one, other)
    fine_energy, _, fine_coherence = _compare(np.diff(one, axis=2), np.diff(other, axis=2))
    residual = float(np.log(np.mean((parent - child) ** 2) + 0.05))
    shift = float(np.abs(means[1] - means[0]).mean())
    return ChromaEvidence(energy, fine_energy, gain, coherence, fine_coherence, residual, shift)


def _compare(parent: Plane, child: Plane) -> tuple[float, float, float]:
    """Log ratio of energies, gain and coherence."""
    powers = float(np.mean(parent**2)) + _FLOOR * 0.1, float(np.mean(child**2)) + _FLOOR * 0.1
    both = float(np.mean(parent * child))
    return float(np.log(powers[1] / powers[0])), both / powers[0], both**2 / (powers[0] * powers[1])
