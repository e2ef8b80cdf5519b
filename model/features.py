"""Everything the network gets of one picture; training, search, CLI and service all come through here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.blocks import rank_blocks, sample_blocks
from model.decode import DecodedImage
from model.facts import facts_vector
from model.statistics import measure

# Raised whenever the same bytes would give other features; a bundle made for another one is refused.
FEATURE_VERSION = 3


@dataclass(frozen=True)
class FeatureConfig:
    """What is taken of a picture.

    Attributes:
        n_blocks: most 8x8 blocks per picture, in [1, 512].
    """

    n_blocks: int = 512


@dataclass(frozen=True)
class Features:
    """The network's inputs for one picture, raw: all scaling happens inside the network.

    Attributes:
        blocks: (N, 8, 8) uint8 luma, 1 <= N <= n_blocks, in increasing order of entropy.
        metadata: (M,) float32: facts of the container, then whole-image measurements.
    """

    blocks: NDArray[np.uint8]
    metadata: NDArray[np.float32]


@dataclass(frozen=True)
class FeatureBatch:
    """Pictures stacked for the network; absent blocks are zero and come last.

    Attributes:
        blocks: (B, N, 8, 8) uint8.
        presence: (B, N) float32, 1 where a block is present, 0 where it is padding.
        metadata: (B, M) float32.
    """

    blocks: NDArray[np.uint8]
    presence: NDArray[np.float32]
    metadata: NDArray[np.float32]


def extract(image: DecodedImage, config: FeatureConfig) -> Features:
    """Features of a decoded picture; deterministic."""
    sample = sample_blocks(image.luma)
    ranked = rank_blocks(sample.blocks, sample.entropy, config.n_blocks)
    return Features(ranked, np.concatenate([facts_vector(image), measure(image, sample)]))


def stack(features: list[Features], n_blocks: int) -> FeatureBatch:
    """Pads to `n_blocks` at the end and stacks; pictures with more blocks keep those of highest entropy.

    Args:
        features: one or more pictures.
        n_blocks: blocks per picture in the batch.
    """
    blocks = np.zeros((len(features), n_blocks, 8, 8), dtype=np.uint8)
    presence = np.zeros((len(features), n_blocks), dtype=np.float32)
    for row, one in enumerate(features):
        kept = one.blocks[-n_blocks:]
        blocks[row, : len(kept)] = kept
        presence[row, : len(kept)] = 1.0
    return FeatureBatch(blocks, presence, np.stack([one.metadata for one in features]))
