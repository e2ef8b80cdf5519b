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
_EVEN_BYTES = np.uint64(0x00FF00FF00FF00FF)
_EVEN_BYTES_BUT_LAST = np.uint64(0x000000FF00FF00FF)
_BYTE = np.uint64(8)


@dataclass(frozen=True)
class BlockSample:
    """Blocks of a plane with their places.

    Attributes:
        blocks: (N, 8, 8) uint8, in row order.
        top_px, left_px: (N,) places of their first pixels.
        entropy: (N,) int32, see block_entropy.
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


def split_blocks(plane: NDArray[Any], left_px: int = 0, top_px: int = 0) -> NDArray[Any]:
    """All whole 8x8 blocks of a plane in row order, on a grid that starts at (left, top).

    Args:
        plane: (H, W), any dtype.
        left_px, top_px: origin of the grid, each in [0, 7].

    Returns:
        (N, 8, 8) of the same dtype; pixels right of and below the last whole block are left out; N may be 0.
    """
    rows = max(0, (plane.shape[0] - top_px) // BLOCK_PX)
    columns = max(0, (plane.shape[1] - left_px) // BLOCK_PX)
    part = plane[top_px : top_px + rows * BLOCK_PX, left_px : left_px + columns * BLOCK_PX]
    return part.reshape(rows, BLOCK_PX, columns, BLOCK_PX).swapaxes(1, 2).reshape(-1, BLOCK_PX, BLOCK_PX)


def block_entropy(blocks: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Sum of absolute differences of horizontally and vertically adjacent pixels inside each block.

    Args:
        blocks: (N, 8, 8) uint8.

    Returns:
        (N,) int32 in [0, 28560].

    Source: "Solving xkcd 1683", problem 15.
    """
    pixels = np.ascontiguousarray(blocks).reshape(-1)
    if not pixels.size:
        return np.zeros(0, np.int32)
    # All blocks as one line of bytes, which is quickest to subtract.
    after = np.zeros_like(pixels)
    after[:-1] = _distance(pixels[1:], pixels[:-1])
    below = np.zeros_like(pixels)
    below[:-BLOCK_PX] = _distance(pixels[BLOCK_PX:], pixels[:-BLOCK_PX])
    # A word is a row: its eight bytes are added at once, as two times four numbers of 16 bits, which never exceed 8160.
    # Every eighth pixel is followed by the next row's first, every eighth row by the next block's: no neighbours.
    rows, under = after.view("<u8"), below.view("<u8")
    under[BLOCK_PX - 1 :: BLOCK_PX] = 0
    fours = (rows & _EVEN_BYTES) + (rows >> _BYTE & _EVEN_BYTES_BUT_LAST)
    fours += under & _EVEN_BYTES
    fours += under >> _BYTE & _EVEN_BYTES
    fours = fours.reshape(-1, BLOCK_PX)
    for half in (4, 2, 1):  # quicker than a sum over a short axis
        fours = fours[:, :half] + fours[:, half:]
    total = fours.view(np.uint16)
    entropy: NDArray[np.int32] = (total[:, 0] + total[:, 1] + total[:, 2] + total[:, 3]).astype(np.int32)
    return entropy


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


def _distance(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """|left - right| without leaving eight bits."""
    return np.maximum(left, right) - np.minimum(left, right)
