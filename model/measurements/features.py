"""The inputs of the network for one picture. Training, search, command line and service all use this module."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.facts import facts_vector
from genloss.model.images.squares import spread
from genloss.model.measurements import FEATURE_VERSION as FEATURE_VERSION
from genloss.model.measurements.blocks import BlockSample, entropies, rank_blocks, sample_blocks
from genloss.model.measurements.chroma import chroma
from genloss.model.measurements.colours import colours
from genloss.model.measurements.dct import dct_at, energy_spread, profile
from genloss.model.measurements.double_compression import earlier_saves
from genloss.model.measurements.lattice import luma_lattices
from genloss.model.measurements.levels import edges, histogram, noise
from genloss.model.measurements.spectra import likeliest_grid, line_traces

Vector = NDArray[np.float32]

LUMA_BLOCKS = 1536  # for coefficients on the usual grid
SHIFTED_BLOCKS = 768  # on each shifted one


@dataclass(frozen=True)
class FeatureConfig:
    """Settings of the features.

    Attributes:
        n_blocks: most 8x8 blocks of a picture, in [1, 512].
    """

    n_blocks: int = 512


class Features(NamedTuple):
    """The network's inputs for one picture, unscaled; the network scales them itself.

    Attributes:
        blocks: (N, 8, 8) uint8 luma, 1 <= N <= n_blocks, in increasing order of entropy.
        metadata: (M,) float32: facts of the container, followed by whole-image measurements.
    """

    blocks: NDArray[np.uint8]
    metadata: NDArray[np.float32]


class FeatureBatch(NamedTuple):
    """Pictures stacked for the network; padding blocks are zero and come last.

    Attributes:
        blocks: (B, N, 8, 8) uint8.
        presence: (B, N) float32, 1 for a block, 0 for padding.
        metadata: (B, M) float32.
    """

    blocks: NDArray[np.uint8]
    presence: NDArray[np.float32]
    metadata: NDArray[np.float32]


def extract(image: DecodedImage, config: FeatureConfig) -> Features:
    """Computes the features of a decoded picture; deterministic."""
    sample = sample_blocks(image.luma)
    ranked = rank_blocks(sample.blocks, sample.entropy, config.n_blocks)
    return Features(ranked, np.concatenate([facts_vector(image), measure(image, sample)]))


def measure(image: DecodedImage, sample: BlockSample) -> Vector:
    """All measurements of a picture, concatenated; (M,) float32, finite.

    Order and content are part of FEATURE_VERSION.

    Args:
        sample: blocks of the luma plane.
    """
    luma = image.luma
    chosen = spread(len(sample.blocks), LUMA_BLOCKS)
    coefficients = dct_at(luma, sample.top_px[chosen], sample.left_px[chosen])
    lattices, grid = luma_lattices(luma, sample, coefficients, image.luma_table)
    steps, resampled, spectra = line_traces(luma)
    usual = profile(coefficients)
    here = spread(len(sample.blocks), SHIFTED_BLOCKS)

    def moved(right: int, down: int) -> Vector:
        return profile(dct_at(luma, sample.top_px[here] + down, sample.left_px[here] + right))

    left, top = likeliest_grid(steps) if grid is None else grid
    parts: list[NDArray | list[float]] = [
        colours(image),
        histogram(luma),
        entropies(sample.entropy),
        usual,
        # Calibration: what differs from a grid shifted by (4, 4) was done by a codec working on this grid,
        # not by the subject (Fridrich, "Feature-based steganalysis for JPEG images", 2004).
        usual - moved(4, 4),
        *chroma(image),
        energy_spread(coefficients),
        steps,
        lattices,
        [float(left == 0), float(top == 0)],
        moved(left, top) - moved((left + 4) % 8, (top + 4) % 8),
        resampled,
        spectra,
        noise(luma),
        edges(luma),
        earlier_saves(sample.blocks, image.luma_table),
    ]
    values: Vector = np.concatenate(parts).astype(np.float32)
    if not np.isfinite(values).all():
        np.nan_to_num(values, copy=False, nan=0.0, posinf=50.0, neginf=-50.0)
    return values


def stack(features: list[Features], n_blocks: int) -> FeatureBatch:
    """Stacks pictures with padding at the end; a picture with more than `n_blocks` keeps the blocks of highest entropy.

    Args:
        features: one or more pictures.
        n_blocks: blocks of a picture in the batch.
    """
    blocks = np.zeros((len(features), n_blocks, 8, 8), dtype=np.uint8)
    presence = np.zeros((len(features), n_blocks), dtype=np.float32)
    for row, one in enumerate(features):
        kept = one.blocks[-n_blocks:]
        blocks[row, : len(kept)] = kept
        presence[row, : len(kept)] = 1.0
    return FeatureBatch(blocks, presence, np.stack([one.metadata for one in features]))
