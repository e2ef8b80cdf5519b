"""A 256-bit hash of what a picture looks like, the same whatever its tone and size, in all eight turns at once."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.placement import N_TURNS

HASH_BYTES = 32
STRANGE_BITS = 100  # of 256 in which hashes of different pictures differ, and more
_SIDE_PX = 64
_FREQUENCIES = 16

Hashes = NDArray[np.uint8]


def hash_plane(luma: NDArray[np.uint8]) -> Hashes:
    """(32,) uint8: the signs of the 16 x 16 lowest frequencies without the mean, squeezed into a square.

    Signs, not a comparison with the median, so that a turn changes them in a known way.

    Source: Davis, Rosen and others, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019.
    """
    small = cv2.resize(luma, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    coefficients = cv2.dct(small - small.mean())[1 : _FREQUENCIES + 1, 1 : _FREQUENCIES + 1]
    return np.packbits(coefficients > 0)


def hash_turns(hashes: Hashes) -> Hashes:
    """(8, N, 32) uint8: the hashes of the pictures turned, in the order of Placement.turn.

    Args:
        hashes: (N, 32).
    """
    bits = np.unpackbits(hashes, axis=1).reshape(-1, _FREQUENCIES, _FREQUENCIES).astype(bool)
    odd = np.arange(1, _FREQUENCIES + 1) % 2 == 1
    found = []
    for turn in range(N_TURNS):
        turned = bits ^ odd[None, None, :] if turn >= 4 else bits
        for _ in range(turn % 4):  # numpy.rot90 transposes, then turns upside down
            turned = turned.transpose(0, 2, 1) ^ odd[None, :, None]
        found.append(np.packbits(turned.reshape(len(bits), -1), axis=1))
    return np.stack(found)


def count_different_bits(first: Hashes, second: Hashes) -> NDArray[np.int64]:
    """(8, N, M) bits in which the (N, 32) first hashes, turned in eight ways, differ from the (M, 32) second ones."""
    return np.bitwise_count(hash_turns(first)[:, :, None] ^ second).sum(axis=-1).astype(np.int64)


def hash_boxes(luma: NDArray[np.uint8], boxes: Sequence[tuple[int, int, int, int]]) -> Hashes:
    """(1 + N, 32) uint8: of the whole picture, then of N boxes (top, left, bottom, right) in pixels."""
    return np.stack([hash_plane(luma), *(hash_plane(luma[top:bottom, left:right]) for top, left, bottom, right in boxes)])
