"""Grad-CAM++: the places of a picture on which a classifier bases its answer.

The score of a class is linear in the means of the last maps. Its derivative is therefore the same at all places, and
needs no back-propagation: g = weight / (h w) for a map of h x w places.

Source: Chattopadhyay and others, "Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks", 2018,
equations 10 and 19, for the exponential of the class score.
"""

import numpy as np
from numpy.typing import NDArray

Maps = NDArray[np.float32]


def attend(maps: Maps, weights: NDArray[np.float32]) -> Maps:
    """Attention to a class, scaled to a maximum of 1 in each picture.

    Args:
        maps: (N, h, w, C) last maps, at least 0.
        weights: (N, C) or (C,), weights of the class, from classifier.class_weights.

    Returns:
        (N, h, w) float32 in [0, 1]; all 0 for a picture without evidence for the class.
    """
    weights = np.broadcast_to(weights, (len(maps), maps.shape[-1]))
    # alpha = g^2 / (2 g^2 + g^3 sum(A)), and g sum(A) = w mean(A).
    alpha = 1 / (2 + np.maximum(weights, 0) * maps.mean(axis=(1, 2)))
    found = np.einsum("nhwc,nc->nhw", maps, alpha * np.maximum(weights, 0))
    highest = found.max(axis=(1, 2), keepdims=True)
    return (found / np.where(highest > 0, highest, 1)).astype(np.float32)


def spread_over(attention: Maps, height_px: int, width_px: int) -> Maps:
    """Scales (N, h, w) maps up to (N, H, W) pixels, bilinear between the centres of places."""
    rows, row_share, next_rows = _between(attention.shape[1], height_px)
    columns, column_share, next_columns = _between(attention.shape[2], width_px)
    lines = attention[:, rows] * (1 - row_share)[:, None] + attention[:, next_rows] * row_share[:, None]
    return (lines[:, :, columns] * (1 - column_share) + lines[:, :, next_columns] * column_share).astype(np.float32)


def agreement(first: Maps, second: Maps) -> NDArray[np.float64]:
    """(N,) correlations in [-1, 1] between two sets of (N, h, w) maps; 0 if a map is flat."""
    one = first.reshape(len(first), -1) - first.reshape(len(first), -1).mean(axis=1, keepdims=True)
    other = second.reshape(len(second), -1) - second.reshape(len(second), -1).mean(axis=1, keepdims=True)
    norm = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / np.where(norm > 0, norm, 1), float)


def _between(n_places: int, n_pixels: int) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
    """For each pixel: the place before it, the weight of the place after it, and the place after it."""
    position = np.clip((np.arange(n_pixels) + 0.5) * n_places / n_pixels - 0.5, 0, n_places - 1)
    before = np.minimum(position.astype(np.intp), n_places - 1)
    return before, (position - before).astype(np.float32), np.minimum(before + 1, n_places - 1)
