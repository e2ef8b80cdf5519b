"""Parts of a plane that measurements look at: whole 8x8 blocks, and pixels spread evenly over it."""

import numpy as np
from numpy.typing import NDArray

_PRIME = 7919  # pixels are taken at multiples of it: spread evenly, the same ones every time


def cut_blocks(plane: NDArray) -> NDArray:
    """(N, 64): the 8x8 blocks of a plane, one a row; what is left over at the edges is left out."""
    height, width = (length // 8 for length in plane.shape)
    return plane[: height * 8, : width * 8].reshape(height, 8, width, 8).swapaxes(1, 2).reshape(-1, 64)


def spread_places(most: int, n_pixels: int) -> NDArray[np.int64]:
    """At most `most` of `n_pixels` places, spread over all of them."""
    return np.arange(min(most, n_pixels), dtype=np.int64) * _PRIME % n_pixels
