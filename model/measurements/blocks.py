"""8x8 blocks of a picture, ranked by entropy."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.squares import BLOCK_PX, square_places
from genloss.model.kernels.compiled import take_and_rank
from genloss.model.measurements.quantiles import quantiles

# Blocks looked at in one picture, spread evenly: half a megapixel. More changes neither means nor ranks
# by more than their noise, and the time for a large picture stays that of decoding it.
MAX_BLOCKS = 8192
_DECILES = np.linspace(0.1, 0.9, 9)


class BlockSample(NamedTuple):
    """Blocks of a plane with their places.

    Attributes:
        blocks: (N, 8, 8) uint8, in row order.
        top_px: (N,) first rows of the blocks.
        left_px: (N,) first columns of the blocks.
        entropy: (N,) int32 in [0, 28560]: sum of absolute differences of horizontally and vertically adjacent pixels
            inside each block ("Solving xkcd 1683", problem 15).
    """

    blocks: NDArray[np.uint8]
    top_px: NDArray[np.int64]
    left_px: NDArray[np.int64]
    entropy: NDArray[np.int32]


def sample_blocks(plane: NDArray[np.uint8], most: int = MAX_BLOCKS) -> BlockSample:
    """Takes at most `most` whole blocks of the grid at the origin, evenly spread; the same plane gives the same blocks."""
    top, left = square_places(plane.shape[0], plane.shape[1], most)
    blocks, entropy = np.empty((len(top), BLOCK_PX, BLOCK_PX), np.uint8), np.empty(len(top), np.int32)
    take_and_rank(np.ascontiguousarray(plane), top, left, blocks, entropy)
    return BlockSample(blocks, top, left, entropy)


def rank_blocks(blocks: NDArray[np.uint8], entropy: NDArray[np.int32], n_blocks: int) -> NDArray[np.uint8]:
    """The `n_blocks` blocks of highest entropy in increasing order, most informative last.

    Ties are broken by position, so the same pixels always give the same order.

    Returns:
        (min(N, n_blocks), 8, 8) uint8.
    """
    # In 16 bits, which hold any entropy and are sorted nine times as quickly.
    top = np.argsort(-entropy.astype(np.int16), kind="stable")[:n_blocks]
    return np.ascontiguousarray(blocks[top[::-1]])


def entropies(entropy: NDArray[np.int32]) -> NDArray[np.float32]:
    """Deciles of log2(1 + block entropy), and the share of blocks with a single level; (10,)."""
    deciles = quantiles(np.sort(entropy.astype(np.int16)), _DECILES, lambda some: np.log2(1.0 + some))
    return np.append(deciles, np.mean(entropy == 0)).astype(np.float32)
