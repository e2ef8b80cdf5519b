"""Packs index pictures into N bits a pixel."""

import numpy as np
from numpy.typing import NDArray

MOST_BITS = 8


def pack(indices: NDArray[np.uint8], bits: int) -> bytes:
    """Packs all indices of a picture, highest bit first; zeros fill the last byte.

    Args:
        indices: any shape, each below 2^bits.
        bits: in [1, MOST_BITS].
    """
    planes = indices.reshape(-1, 1) >> np.arange(bits - 1, -1, -1, dtype=np.uint8) & 1
    return np.packbits(planes.ravel()).tobytes()


def unpack(data: NDArray[np.uint8], bits: int, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Inverse of `pack`.

    Args:
        data: (bytes,) packed indices.
        bits: in [1, MOST_BITS].
        shape: (H, W).

    Returns:
        (H, W) uint8 indices.
    """
    n_pixels = shape[0] * shape[1]
    planes = np.unpackbits(data, count=n_pixels * bits).reshape(n_pixels, bits)
    weights = (1 << np.arange(bits - 1, -1, -1)).astype(np.uint8)
    return (planes @ weights).astype(np.uint8).reshape(shape)


def packed_size(bits: int, shape: tuple[int, int]) -> int:
    """Size of a packed picture in bytes."""
    return -(-shape[0] * shape[1] * bits // 8)
