"""Optimises palette entries so that quantised pictures keep the edges of the originals.

In the forward pass every pixel takes the nearest entry. The backward pass ignores this choice: it hands the gradient
of the pixel to the entry (straight-through). The loss is the mean squared difference of Sobel gradients. Its
derivative has a closed form, so no network library is needed.

Source: "Dataset Color Quantization"; van den Oord and others, "Neural Discrete Representation Learning", 2017, for
straight-through gradients.
"""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.shared_palettes import nearest_entries, rgb_to_lab

Floats = NDArray[np.float32]

_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_REASSIGN = 5  # steps between two assignments of pixels to entries


def match_texture(
    pictures: list[NDArray[np.uint8]], labs: list[Floats], palette: NDArray[np.uint8], n_steps: int, rate: float = 1.0
) -> NDArray[np.uint8]:
    """Optimises a palette by Adam, and returns the best of the palettes at which pixels were assigned again.

    Args:
        pictures: (H, W, 3) each, at least 3 x 3; a sample of a cluster's pictures.
        labs: the pictures in CIELAB.
        palette: (K, 3) sRGB to start from.
        n_steps: steps of Adam; 0 returns the palette unchanged.
        rate: learning rate, in levels of [0, 255].

    Returns:
        (K, 3) sRGB uint8.
    """
    entries = palette.astype(np.float32)
    best, best_loss = palette, np.inf
    first, second = np.zeros_like(entries), np.zeros_like(entries)
    chosen: list[NDArray[np.uint8]] = []
    for step in range(n_steps + 1):
        if step % _REASSIGN == 0 or step == n_steps:
            rounded = _round(entries)
            chosen = [nearest_entries(lab, rgb_to_lab(rounded)) for lab in labs]
            loss, _ = _loss_and_gradient(pictures, chosen, rounded.astype(np.float32))
            if loss < best_loss:
                best, best_loss = rounded, loss
        if step == n_steps:
            break
        _, gradient = _loss_and_gradient(pictures, chosen, entries)
        first = _BETAS[0] * first + (1 - _BETAS[0]) * gradient
        second = _BETAS[1] * second + (1 - _BETAS[1]) * gradient**2
        size = np.sqrt(second / (1 - _BETAS[1] ** (step + 1))) + _EPSILON
        entries = np.clip(entries - rate * first / (1 - _BETAS[0] ** (step + 1)) / size, 0, 255)
    return best


def texture_loss(picture: NDArray[np.uint8], quantised: NDArray[np.uint8]) -> float:
    """Mean squared difference of the Sobel gradients of two (H, W, 3) pictures."""
    return float((_sobel(picture.astype(np.float32) - quantised) ** 2).mean())


def _loss_and_gradient(
    pictures: list[NDArray[np.uint8]], chosen: list[NDArray[np.uint8]], entries: Floats
) -> tuple[float, Floats]:
    """Mean loss over all pictures, and its (K, 3) derivative by the entries."""
    loss, gradient = 0.0, np.zeros(entries.shape)
    for picture, indices in zip(pictures, chosen, strict=True):
        slopes = _sobel(entries[indices] - picture)
        loss += float((slopes**2).mean()) / len(pictures)
        back = _sobel_back(slopes) * (2 / slopes.size / len(pictures))
        for channel in range(3):
            gradient[:, channel] += np.bincount(indices.ravel(), back[..., channel].ravel(), len(entries))
    return loss, gradient.astype(np.float32)


def _sobel(picture: Floats) -> Floats:
    """(2, H - 2, W - 2, 3) slopes across and down, without the border; an eighth of the usual scale."""
    across = picture[:, 2:] - picture[:, :-2]
    down = picture[2:] - picture[:-2]
    slopes = np.stack([across[:-2] + 2 * across[1:-1] + across[2:], down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]])
    return slopes * np.float32(1 / 8)


def _sobel_back(slopes: Floats) -> Floats:
    """Adjoint of `_sobel`: (2, H - 2, W - 2, 3) slopes -> (H, W, 3)."""
    _, height, width, _ = slopes.shape
    back = np.zeros((height + 2, width + 2, 3), np.float32)
    for offset, weight in ((0, 1 / 8), (1, 2 / 8), (2, 1 / 8)):
        back[offset : offset + height, 2:] += weight * slopes[0]
        back[offset : offset + height, :-2] -= weight * slopes[0]
        back[2:, offset : offset + width] += weight * slopes[1]
        back[:-2, offset : offset + width] -= weight * slopes[1]
    return back


def _round(entries: Floats) -> NDArray[np.uint8]:
    return np.rint(np.clip(entries, 0, 255)).astype(np.uint8)
