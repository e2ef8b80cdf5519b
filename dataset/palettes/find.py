"""Finds palettes of 2^N colours that similar pictures share, from the pixels that a network attends to.

Source: "Dataset Color Quantization".
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.palettes.bits import MOST_BITS
from genloss.dataset.palettes.texture import match_texture
from genloss.model.errors import DatasetError
from genloss.model.images.shared_palettes import find_centres, find_palette, rgb_to_lab

Rgb = NDArray[np.uint8]

_MOST_PIXELS = 4096  # of a picture, to find its own colours
_MOST_COLOURS = 60_000  # of a cluster, to find its palette
_MOST_TEXTURE_PICTURES = 64  # of a cluster, for the texture step
_MOST_TEXTURE_SIDE_PX = 256  # of such a picture; larger pictures are cropped to their middle


@dataclass(frozen=True)
class PaletteConfig:
    """How palettes are found.

    Attributes:
        bits: N; a palette has at most 2^N colours.
        n_clusters: most palettes in the set.
        kept: share of a picture's pixels that count for the colours, those with the most attention; above 0, at most 1.
        texture_steps: steps of the optimisation of edges; 0 for none.
        texture_rate: learning rate of these steps, in levels of [0, 255].
        seed: of all random draws.

    Raises:
        DatasetError: a number is out of bounds.
    """

    bits: int
    n_clusters: int = 20
    kept: float = 0.5
    texture_steps: int = 30
    texture_rate: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= MOST_BITS:
            raise DatasetError(f"palettes have 1 to {MOST_BITS} bits, not {self.bits}")
        if self.n_clusters < 1:
            raise DatasetError(f"there is at least one palette, not {self.n_clusters}")
        if not 0 < self.kept <= 1:
            raise DatasetError(f"the share of pixels kept lies above 0 and at most at 1, not at {self.kept}")


def cluster(features: NDArray, n_clusters: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Clusters pictures by k-means.

    Args:
        features: (N, F); their scales matter.
        n_clusters: most clusters; fewer if there are fewer distinct features.
        generator: draws the first centres.

    Returns:
        (N,) numbers of clusters from 0, without gaps.
    """
    labels = find_centres(features.astype(np.float64), n_clusters, generator)[1]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def own_colours(rgb: Rgb, attention: NDArray[np.float32] | None, config: PaletteConfig, generator: np.random.Generator) -> Rgb:
    """(K, 3) sRGB palette of a picture, from the pixels with the most attention.

    Args:
        rgb: (H, W, 3).
        attention: (H, W), or None to count all pixels.
        config: bits and share of pixels.
        generator: for k-means.
    """
    pixels = rgb.reshape(-1, 3)
    if attention is not None and config.kept < 1:
        n_kept = max(2**config.bits, round(config.kept * len(pixels)))
        pixels = pixels[np.argsort(-attention.ravel(), kind="stable")[:n_kept]]
    pixels = pixels[:: max(1, len(pixels) // _MOST_PIXELS)]
    return find_palette(rgb_to_lab(pixels), 2**config.bits, generator)


def shared_palettes(
    clusters: NDArray[np.int64],
    colours: Sequence[Rgb],
    read: Callable[[Sequence[int]], Iterator[Rgb]],
    config: PaletteConfig,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> list[Rgb]:
    """Finds the palette of each cluster, (K, 3) sRGB.

    Args:
        clusters: (N,) cluster of each picture, from 0, without gaps.
        colours: of each of N pictures, from own_colours.
        read: reads the (H, W, 3) pictures at some places, for the texture step.
        config: how palettes are found.
        watch: called with the number of finished clusters and their total.
    """
    n_clusters = int(clusters.max()) + 1
    palettes = []
    for number in range(n_clusters):
        generator = np.random.default_rng([config.seed, 1, number])
        members = np.nonzero(clusters == number)[0].tolist()
        every = np.concatenate([colours[member] for member in members])
        if len(every) > _MOST_COLOURS:
            every = every[generator.permutation(len(every))[:_MOST_COLOURS]]
        palette = find_palette(rgb_to_lab(every), 2**config.bits, generator)
        if config.texture_steps:
            some = np.sort(generator.permutation(members)[:_MOST_TEXTURE_PICTURES]).tolist()
            pictures = [_middle(rgb) for rgb in read(some)]
            pictures = [rgb for rgb in pictures if min(rgb.shape[:2]) >= 3]
            labs = [rgb_to_lab(rgb).astype(np.float32) for rgb in pictures]
            palette = match_texture(pictures, labs, palette, config.texture_steps, config.texture_rate) if pictures else palette
        palettes.append(palette)
        watch(number + 1, n_clusters)
    return palettes


def _middle(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    top, left = max(0, (height - _MOST_TEXTURE_SIDE_PX) // 2), max(0, (width - _MOST_TEXTURE_SIDE_PX) // 2)
    return rgb[top : top + _MOST_TEXTURE_SIDE_PX, left : left + _MOST_TEXTURE_SIDE_PX].copy()
