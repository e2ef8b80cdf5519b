"""Energy by frequency in parent and child, and the share of the child's energy that the parent explains."""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import transform
from genloss.model.pairs.sampling import cut_blocks

Plane = NDArray[np.float32]

EDGES = (0.5, 1.5, 2.5, 4.0, 5.5, 7.0, 11.0)  # radii of the bands, in cycles per 16 pixels
_FLOOR = 0.02  # of an energy, in squared levels a coefficient

_FREQUENCIES = np.hypot(*np.mgrid[:8, :8]).ravel()
_BANDS = np.array([[float(low <= radius < high) for radius in _FREQUENCIES] for low, high in itertools.pairwise(EDGES)])


@dataclass(frozen=True)
class BandEvidence:
    """One number for each of six radial bands of the 8x8 DCT, the lowest first.

    Attributes:
        energy: log of the child's energy over the parent's.
        coherence: share of the child's energy that is the parent's, in [0, 1].
        gain: factor from the parent's coefficients to the child's.
        residual: log energy of what a 5x5 filter of the parent does not explain, in squared levels a coefficient.
        power: log of the child's energy, in squared levels a coefficient.
        blockiness_parent, blockiness: steps across the child's 8x8 grid over steps elsewhere; 1 without blocking.
    """

    energy: tuple[float, ...]
    coherence: tuple[float, ...]
    gain: tuple[float, ...]
    residual: tuple[float, ...]
    power: tuple[float, ...]
    blockiness_parent: float
    blockiness: float


def measure_bands(
    parent: NDArray[np.float32], child: NDArray[np.float32], fitted: NDArray[np.float32], planes: tuple[Plane, Plane]
) -> BandEvidence:
    """Compares coefficients of the same blocks.

    Args:
        parent, child, fitted: (64, N) coefficients of the parent as it lies on the child, of the child, and of the parent
            after the filter.
        planes: the pixels of parent and child behind these coefficients.
    """
    n_blocks = parent.shape[1]
    in_band = _BANDS / (_BANDS.sum(axis=1, keepdims=True) * n_blocks)
    parents = in_band @ np.einsum("ij,ij->i", parent, parent) + _FLOOR
    children = in_band @ np.einsum("ij,ij->i", child, child) + _FLOOR
    both = in_band @ np.einsum("ij,ij->i", parent, child)
    left = child - fitted
    residual = in_band @ np.einsum("ij,ij->i", left, left) + _FLOOR
    rows = (np.log(children / parents), both**2 / (parents * children), both / parents, np.log(residual), np.log(children))
    energy, coherence, gain, left_over, power = (tuple(float(number) for number in row) for row in rows)
    return BandEvidence(energy, coherence, gain, left_over, power, blockiness(planes[0]), blockiness(planes[1]))


def block_coefficients(plane: NDArray) -> NDArray[np.float32]:
    """(64, N) DCT coefficients of a plane's 8x8 blocks from its first pixel on; see kernels/blocks.py."""
    blocks = cut_blocks(plane)
    found = np.empty((64, len(blocks)), np.float32)
    transform(np.ascontiguousarray(blocks, dtype=np.float32), found)
    return found


def blockiness(plane: Plane) -> float:
    """Mean step across the borders of the 8x8 grid over the mean step inside the blocks, both directions."""
    at_grid, inside = 0.0, 0.0
    for steps in (
        cv2.absdiff(plane[1:], plane[:-1]).mean(axis=1), cv2.absdiff(plane[:, 1:], plane[:, :-1]).mean(axis=0),
    ):  # fmt: skip
        on_border = np.arange(len(steps)) % 8 == 7
        at_grid += float(steps[on_border].mean()) if on_border.any() else 0.0
        inside += float(steps[~on_border].mean())
    return (at_grid + 0.02) / (inside + 0.02)
