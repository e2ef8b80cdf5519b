"""Index pictures packed into N bits a pixel."""

import numpy as np
from numpy.typing import NDArray

MOST_BITS = 8


def pack(indices: NDArray[np.uint8], bits: int) -> bytes:
    """All indices of a picture, the highest bit first, filled up with zeros to a whole byte.

    Args:
        indices: any shape, each below 2^bits.
        bits: in [1, MOST_BITS].
    """
    planes = indices.reshape(-1, 1) >> np.arange(bits - 1, -1, -1, dtype=np.uint8) & 1
    return np.packbits(planes.ravel()).tobytes()


def unpack(data: NDArray[np.uint8], bits: int, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The (H, W) indices that `pack` made `data` of."""
    n_pixels = shape[0] * shape[1]
    planes = np.unpackbits(data, count=n_pixels * bits).reshape(n_pixels, bits)
    weights = (1 << np.arange(bits - 1, -1, -1)).astype(np.uint8)
    return (planes @ weights).astype(np.uint8).reshape(shape)


def packed_size(bits: int, shape: tuple[int, int]) -> int:
    """Bytes of a packed picture."""
    return -(-shape[0] * shape[1] * bits // 8)
