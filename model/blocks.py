"""8x8 blocks of a picture, ranked by how much happens in them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled import take_and_rank

BLOCK_PX = 8
# Blocks looked at in one picture, spread evenly: half a megapixel. More changes neither means nor ranks
# by more than their noise, and the time for a large picture stays that of decoding it.
MAX_BLOCKS = 8192


@dataclass(frozen=True)
class BlockSample:
    """Blocks of a plane with their places.

    Attributes:
        blocks: (N, 8, 8) uint8, in row order.
        top_px, left_px: (N,) places of their first pixels.
        entropy: (N,) int32 in [0, 28560]: sum of absolute differences of horizontally and vertically adjacent pixels
            inside each block ("Solving xkcd 1683", problem 15).
    """

    blocks: NDArray[np.uint8]
    top_px: NDArray[np.int64]
    left_px: NDArray[np.int64]
    entropy: NDArray[np.int32]


def sample_blocks(plane: NDArray[np.uint8], most: int = MAX_BLOCKS) -> BlockSample:
    """At most `most` whole blocks of the grid at the origin, evenly spread, always the same ones."""
    top, left = block_places(plane.shape[0], plane.shape[1], most)
    blocks, entropy = np.empty((len(top), BLOCK_PX, BLOCK_PX), np.uint8), np.empty(len(top), np.int32)
    take_and_rank(np.ascontiguousarray(plane), top, left, blocks, entropy)
    return BlockSample(blocks, top, left, entropy)


def block_places(
    height_px: int, width_px: int, most: int, side_px: int = BLOCK_PX
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tops and lefts of at most `most` squares of a grid at the origin, evenly spread in row order; (N,) each."""
    rows, columns = height_px // side_px, width_px // side_px
    chosen = spread(rows * columns, most)
    return chosen // max(1, columns) * side_px, chosen % max(1, columns) * side_px


def take_blocks(
    plane: NDArray[Any], top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int = BLOCK_PX
) -> NDArray[Any]:
    """Squares with given first pixels; (N, side, side) or (N, side, side, C), of the plane's dtype.

    Squares that do not lie wholly inside the plane are left out.
    """
    inside = (top_px + side_px <= plane.shape[0]) & (left_px + side_px <= plane.shape[1])
    if plane.shape[0] < side_px or plane.shape[1] < side_px or not inside.any():
        return np.zeros((0, side_px, side_px, *plane.shape[2:]), plane.dtype)
    # A row of a square is one item of so many bytes: four times as quick as copying pixel by pixel.
    plane = np.ascontiguousarray(plane)
    row, pixel = plane.strides[:2]
    shape = (plane.shape[0] - side_px + 1, plane.shape[1] - side_px + 1, side_px)
    windows = np.ndarray(shape, f"V{side_px * pixel}", plane, strides=(row, pixel, row))
    taken = windows[top_px[inside], left_px[inside]].view(plane.dtype)
    return taken.reshape(-1, side_px, side_px, *plane.shape[2:])


def rank_blocks(blocks: NDArray[np.uint8], entropy: NDArray[np.int32], n_blocks: int) -> NDArray[np.uint8]:
    """The `n_blocks` blocks of highest entropy in increasing order, most informative last.

    Ties are broken by position, so the same pixels always give the same order.

    Returns:
        (min(N, n_blocks), 8, 8) uint8.
    """
    # In 16 bits, which hold any entropy and are sorted nine times as quickly.
    top = np.argsort(-entropy.astype(np.int16), kind="stable")[:n_blocks]
    return np.ascontiguousarray(blocks[top[::-1]])


def spread(n: int, most: int) -> NDArray[np.int64]:
    """At most `most` of n indices, evenly spaced, always the same ones."""
    if n <= most:
        return np.arange(n)
    return np.linspace(0, n - 1, most).astype(np.int64)
