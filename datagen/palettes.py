"""Palettes shared by many pictures: clusters of similar colours, then k-means in CIELAB over each cluster.

After "Dataset Color Quantization"; clusters here go by colour statistics instead of a network's features.
"""

import warnings
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from genloss.datagen.sources import Source

PALETTE_SIZES = (16, 48, 128, 256)
PICTURES_PER_CLUSTER = 40
MAX_CLUSTERS = 12
MAX_PIXELS_PER_CLUSTER = 12_000
# IEC 61966-2-1 (sRGB) to CIE XYZ, D65 white.
_RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _RGB_TO_XYZ.sum(axis=1)


def assign_palettes(sources: list[Source], seed: int) -> tuple[list[Source], dict[int, tuple[str, ...]]]:
    """Gives every usable source its cluster, and every cluster its palettes.

    Args:
        seed: of the k-means starts; the same sources and seed give the same palettes.

    Returns:
        The sources, and per cluster its palettes as hexadecimal rrggbb after rrggbb.
    """
    usable = [source for source in sources if not source.skipped]
    if not usable:
        return sources, {}
    generator = np.random.default_rng([seed, 2**32])
    rgb = np.array([list(bytes.fromhex(source.colours)) for source in usable], np.uint8).reshape(len(usable), -1, 3)
    lab = rgb_to_lab(rgb)
    described = np.concatenate([lab.mean(axis=1), lab.std(axis=1)], axis=1)
    n_clusters = int(np.clip(len(usable) // PICTURES_PER_CLUSTER, 1, MAX_CLUSTERS))
    labels = _kmeans(described, n_clusters, generator)[1]
    palettes = {}
    for cluster in range(n_clusters):
        pixels = lab[labels == cluster].reshape(-1, 3)
        if len(pixels):
            pixels = pixels[:: max(1, len(pixels) // MAX_PIXELS_PER_CLUSTER)]
            palettes[cluster] = tuple(_palette(pixels, size, generator) for size in PALETTE_SIZES if size <= len(pixels))
    clusters = dict(zip((source.path for source in usable), labels.tolist(), strict=True))
    return [replace(source, cluster=clusters.get(source.path, 0)) for source in sources], palettes


def rgb_to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIE L*a*b* (D65) of sRGB colours; (..., 3) uint8 to (..., 3), L in [0, 100]. Source: CIE 15:2004."""
    linear = rgb / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    ratio = linear @ _RGB_TO_XYZ.T / _WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_rgb(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The inverse, clipped to sRGB's gamut and rounded to 8 bits."""
    y = (lab[..., 0] + 16) / 116
    root = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    ratio = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    linear = np.clip(ratio * _WHITE @ np.linalg.inv(_RGB_TO_XYZ).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


def _palette(lab: NDArray[np.float64], size: int, generator: np.random.Generator) -> str:
    colours = lab_to_rgb(_kmeans(lab, size, generator)[0])
    return np.unique(colours, axis=0).tobytes().hex()


def _kmeans(
    data: NDArray[np.float64], k: int, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.integer]]:
    """Centres and the index of each point's centre; as many centres as distinct points where these are fewer than k."""
    distinct, inverse = np.unique(data, axis=0, return_inverse=True)
    if len(distinct) <= k:
        return distinct, inverse
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a cluster may run empty on the way: one colour fewer
        return kmeans2(data, k, iter=12, minit="++", rng=generator)
