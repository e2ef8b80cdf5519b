"""Palettes of 2^N colours that alike pictures share, found where a network looks.

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

_MOST_PIXELS = 4096  # of a picture, from which its own colours are found
_MOST_COLOURS = 60_000  # of a cluster, from which its shared ones are
_MOST_TEXTURE_PICTURES = 64  # of a cluster, whose edges its palette is moved to
_MOST_TEXTURE_SIDE_PX = 256  # of such a picture; the middle of larger ones


@dataclass(frozen=True)
class PaletteConfig:
    """How palettes are found.

    Attributes:
        bits: N; a palette has 2^N colours, or less.
        n_clusters: palettes in all.
        kept: share of a picture's pixels, those that are looked at most, whose colours count.
        texture_steps: that the entries are moved; 0 leaves them.
        texture_rate: levels of [0, 255] a step.
        seed: of k-means.

    Raises:
        DatasetError: a number out of bounds.
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
    """(N,) numbers from 0 of k-means clusters, none of them empty.

    Args:
        features: (N, F); their scales count.
        n_clusters: at most; as many as differ where these are fewer.
        generator: of the first centres.
    """
    labels = find_centres(features.astype(np.float64), n_clusters, generator)[1]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def own_colours(rgb: Rgb, attention: NDArray[np.float32] | None, config: PaletteConfig, generator: np.random.Generator) -> Rgb:
    """(K, 3) sRGB: a picture's own palette, of its pixels that are looked at most.

    Args:
        rgb: (H, W, 3).
        attention: (H, W), or None to count all pixels.
        config: bits and share of pixels.
        generator: of k-means.
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
    """The palette of each cluster, (K, 3) sRGB.

    Args:
        clusters: (N,) numbers of the pictures' clusters, from 0, none empty.
        colours: of N pictures, from own_colours.
        read: gives (H, W, 3) pictures at some places, for the texture step.
        config: how.
        watch: told how many clusters are done, of how many.
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
