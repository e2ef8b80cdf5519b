"""Parts of a plane that measurements look at: whole 8x8 blocks, and pixels spread evenly over it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import find_ranks

_PRIME = 7919  # pixels are sampled at its multiples: spread evenly, always the same


def cut_blocks(plane: NDArray) -> NDArray:
    """(N, 64) the 8x8 blocks of a plane, one per row; incomplete blocks at the edges are left out."""
    height, width = (length // 8 for length in plane.shape)
    return plane[: height * 8, : width * 8].reshape(height, 8, width, 8).swapaxes(1, 2).reshape(-1, 64)


def median_of(numbers: NDArray[np.float32]) -> float:
    """np.median of float32 numbers without NaN, but faster."""
    n = numbers.size
    low, high = _neighbours(np.ascontiguousarray(numbers).ravel(), (n - 1) // 2)
    return float(low if n % 2 else (low + high) / np.float32(2))


def quantiles_of(numbers: NDArray[np.float32], shares: Sequence[float]) -> list[float]:
    """np.quantile of float32 numbers without NaN at shares in [0, 1], but faster."""
    flat = np.ascontiguousarray(numbers).ravel()
    found = []
    for share in shares:
        at = (flat.size - 1) * share
        low, high = _neighbours(flat, int(at))
        step, gamma = float(high - low), at - int(at)
        found.append(float(high) - step * (1 - gamma) if gamma >= 0.5 else float(low) + step * gamma)
    return found


def _neighbours(numbers: NDArray[np.float32], rank: int) -> NDArray[np.float32]:
    """(2,) the number of a rank and the next one."""
    found = np.empty(2, np.float32)
    find_ranks(numbers, rank, found)
    return found


def spread_places(most: int, n_pixels: int) -> NDArray[np.int64]:
    """At most `most` of `n_pixels` places, spread over all of them."""
    return np.arange(min(most, n_pixels), dtype=np.int64) * _PRIME % n_pixels
