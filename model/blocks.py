"""8x8 luma blocks of a picture, ranked by how much happens in them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK_PX = 8


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
    signed = blocks.astype(np.int16)
    across = np.abs(np.diff(signed, axis=2)).sum(axis=(1, 2), dtype=np.int32)
    down = np.abs(np.diff(signed, axis=1)).sum(axis=(1, 2), dtype=np.int32)
    return across + down


def rank_blocks(blocks: NDArray[np.uint8], entropy: NDArray[np.int32], n_blocks: int) -> NDArray[np.uint8]:
    """The `n_blocks` blocks of highest entropy in increasing order, most informative last.

    Ties are broken by position, so the same pixels always give the same order.

    Returns:
        (min(N, n_blocks), 8, 8) uint8.
    """
    top = np.argsort(-entropy, kind="stable")[:n_blocks]
    return np.ascontiguousarray(blocks[top[::-1]])
