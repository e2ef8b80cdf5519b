"""Palettes for one picture or many: sRGB and CIELAB, k-means over colours, and the nearest entry of each pixel.

Needs the extra `datagen` or `audit`, because k-means is scipy's.

Source: CIE 15:2004; IEC 61966-2-1; "Dataset Color Quantization".
"""

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

# IEC 61966-2-1 (sRGB) to CIE XYZ, D65 white.
_RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _RGB_TO_XYZ.sum(axis=1)
_PASSES = 12
_MOST_AT_ONCE = 1 << 18  # pixels in CIELAB: a photograph's would take gigabytes


def rgb_to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Converts sRGB colours, (..., 3) uint8, to CIE L*a*b* (D65), (..., 3), L in [0, 100]. Source: CIE 15:2004."""
    linear = rgb / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    ratio = linear @ _RGB_TO_XYZ.T / _WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_rgb(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Converts CIE L*a*b* to sRGB, clipped to the gamut and rounded to 8 bits."""
    y = (lab[..., 0] + 16) / 116
    root = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    ratio = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    linear = np.clip(ratio * _WHITE @ np.linalg.inv(_RGB_TO_XYZ).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


def find_palette(lab: NDArray[np.float64], size: int, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Finds a palette by k-means: (K, 3) sRGB colours, sorted. K is `size`, or less if centres coincide.

    Args:
        lab: (N, 3) colours in CIELAB: the pixels of a picture, or the palettes of many pictures.
        size: number of colours.
        generator: draws the first centres.
    """
    colours: NDArray[np.uint8] = np.unique(lab_to_rgb(find_centres(lab, size, generator)[0]), axis=0)
    return colours


def nearest_entries(lab: NDArray[np.floating], palette_lab: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Index of the nearest palette entry, (K, 3), for each colour, (..., 3), both in CIELAB; (...) uint8."""
    flat = np.ascontiguousarray(lab.reshape(-1, 3), np.float32)
    entries = np.asarray(palette_lab, np.float32)
    # The colour's own length does not change which entry is nearest.
    nearest = ((entries**2).sum(axis=1) - 2 * flat @ entries.T).argmin(axis=1)
    return nearest.astype(np.uint8).reshape(lab.shape[:-1])


def quantise(rgb: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Index of the nearest of at most 256 sRGB colours, (K, 3), in CIELAB, for each pixel of (H, W, 3); (H, W) uint8."""
    palette_lab = rgb_to_lab(palette)
    n_rows = max(1, _MOST_AT_ONCE // rgb.shape[1])
    strips = [rgb[start : start + n_rows] for start in range(0, len(rgb), n_rows)]
    return np.concatenate([nearest_entries(rgb_to_lab(strip), palette_lab) for strip in strips])


def find_centres(
    data: NDArray[np.float64], k: int, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.integer]]:
    """k-means over (N, D) points: (k, D) centres, and the index of the centre of each point.

    If fewer than k points differ, these points are the centres.
    """
    distinct, inverse = np.unique(data, axis=0, return_inverse=True)
    if len(distinct) <= k:
        return distinct, inverse
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a cluster may run empty on the way: one colour fewer
        return kmeans2(data, k, iter=_PASSES, minit="++", rng=generator)
