"""Palettes that many pictures share: clusters of pictures with similar colours, then k-means in CIELAB for each cluster.

After "Dataset Color Quantization", with clusters by colour statistics instead of a network's features.
"""

from dataclasses import replace

import numpy as np

from genloss.datagen.sources import Source
from genloss.model.images.shared_palettes import find_centres, find_palette, rgb_to_lab

PALETTE_SIZES = (16, 48, 128, 256)
PICTURES_PER_CLUSTER = 40
MAX_CLUSTERS = 12
MAX_PIXELS_PER_CLUSTER = 12_000


def assign_palettes(sources: list[Source], seed: int) -> tuple[list[Source], dict[int, tuple[str, ...]]]:
    """Assigns a cluster to every usable source, and palettes to every cluster.

    Args:
        seed: seed of the first centres; the same sources and seed give the same palettes.

    Returns:
        The sources, and for each cluster its palettes as concatenated hexadecimal rrggbb.
    """
    usable = [source for source in sources if not source.skipped]
    if not usable:
        return sources, {}
    generator = np.random.default_rng([seed, 2**32])
    rgb = np.array([list(bytes.fromhex(source.colours)) for source in usable], np.uint8).reshape(len(usable), -1, 3)
    lab = rgb_to_lab(rgb)
    described = np.concatenate([lab.mean(axis=1), lab.std(axis=1)], axis=1)
    n_clusters = int(np.clip(len(usable) // PICTURES_PER_CLUSTER, 1, MAX_CLUSTERS))
    labels = find_centres(described, n_clusters, generator)[1]
    palettes = {}
    for cluster in range(n_clusters):
        pixels = lab[labels == cluster].reshape(-1, 3)
        if len(pixels):
            pixels = pixels[:: max(1, len(pixels) // MAX_PIXELS_PER_CLUSTER)]
            palettes[cluster] = tuple(
                find_palette(pixels, size, generator).tobytes().hex() for size in PALETTE_SIZES if size <= len(pixels)
            )
    clusters = dict(zip((source.path for source in usable), labels.tolist(), strict=True))
    return [replace(source, cluster=clusters.get(source.path, 0)) for source in sources], palettes
