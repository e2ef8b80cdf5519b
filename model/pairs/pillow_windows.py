"""A window of a picture scaled by Pillow, bit for bit, without scaling the rest of it."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.resampling import Window

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.float64]

_PRECISION_BITS = 22  # of Pillow's weights: whole numbers, whose sums float64 holds exactly
_HAMMING = float(np.float32(0.54)), float(np.float32(0.46))  # float constants in C
_TOGETHER = 24  # scaled lines that are made at once


def _bicubic(x: Numbers) -> Numbers:
    x = np.abs(x)
    near, far = (1.5 * x - 2.5) * x * x + 1, (((x - 5) * x + 8) * x - 4) * -0.5
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _sinc(x: Numbers) -> Numbers:
    turned = np.where(x == 0, 1.0, x * math.pi)
    return np.where(x == 0, 1.0, np.sin(turned) / turned)


def _lanczos(x: Numbers) -> Numbers:
    return np.where((x >= -3) & (x < 3), _sinc(x) * _sinc(x / 3), 0.0)


def _bilinear(x: Numbers) -> Numbers:
    return np.maximum(0.0, 1 - np.abs(x))


def _box(x: Numbers) -> Numbers:
    return ((x > -0.5) & (x <= 0.5)).astype(float)


def _hamming(x: Numbers) -> Numbers:
    return np.where(np.abs(x) < 1, _sinc(x) * (_HAMMING[0] + _HAMMING[1] * np.cos(x * math.pi)), 0.0)


_KERNELS: dict[str, tuple[float, Callable[[Numbers], Numbers]]] = {
    "bicubic": (2.0, _bicubic), "Lanczos": (3.0, _lanczos), "bilinear": (1.0, _bilinear), "box": (0.5, _box),
    "Hamming": (1.0, _hamming),
}  # fmt: skip


def resize_window(rgb: Bytes, size: tuple[int, int], kernel: str, across_first: bool, window: Window) -> Bytes:
    """A window of a picture scaled as images.resizing.resize does it, (window.height_px, window.width_px, 3).

    Args:
        rgb: (H, W, 3).
        size: height and width of the scaled picture.
        kernel: one of "bicubic", "Lanczos", "bilinear", "box" and "Hamming".
        across_first: Pillow scales along one axis, rounds, and scales along the other. Which one comes first depends on its
            version and on the sizes.
        window: of the scaled picture.

    Source: Pillow, src/libImaging/Resample.c.
    """
    down, top = _weights(kernel, rgb.shape[0], size[0], window.top_px, window.height_px)
    across, left = _weights(kernel, rgb.shape[1], size[1], window.left_px, window.width_px)
    part = rgb[top : top + down.shape[1], left : left + across.shape[1]]
    if across_first:
        return _scale_rows(down, _scale_columns(across, part))
    return _scale_columns(across, _scale_rows(down, part))


def _scale_columns(weights: Numbers, pixels: Bytes) -> Bytes:
    return _scale_rows(weights, pixels.transpose(1, 0, 2)).transpose(1, 0, 2)


def _scale_rows(weights: Numbers, pixels: Bytes) -> Bytes:
    """Weighted sums of rows, rounded and cut off at 0 and 255."""
    lines = pixels.reshape(len(pixels), -1).astype(np.float64)
    sums = np.empty((len(weights), lines.shape[1]))
    for start in range(0, len(weights), _TOGETHER):
        some = weights[start : start + _TOGETHER]
        used = np.flatnonzero(some.any(axis=0))
        near = slice(int(used[0]), int(used[-1]) + 1)
        np.matmul(some[:, near], lines[near], out=sums[start : start + _TOGETHER])
    sums += 1 << (_PRECISION_BITS - 1)
    sums *= 2.0**-_PRECISION_BITS
    np.floor(sums, out=sums)
    return np.clip(sums, 0, 255, out=sums).astype(np.uint8).reshape(len(weights), -1, 3)


@lru_cache(maxsize=16)
def _weights(kernel: str, length: int, scaled: int, start: int, n: int) -> tuple[Numbers, int]:
    """(n, L) whole weights of the lines that n scaled ones from `start` on are made of, and the first of these lines."""
    if length == scaled:  # Pillow leaves this pass out
        return np.eye(n) * (1 << _PRECISION_BITS), start
    radius, weigh = _KERNELS[kernel]
    scale = length / scaled
    stretch = max(1.0, scale)
    support = radius * stretch
    centres = (start + np.arange(n) + 0.5) * scale
    first = np.maximum(np.trunc(centres - support + 0.5).astype(np.int64), 0)
    end = np.minimum(np.trunc(centres + support + 0.5).astype(np.int64), length)
    low, high = int(first[0]), int(end[-1])
    lines = np.arange(low, high)
    taken = (lines >= first[:, None]) & (lines < end[:, None])
    weights = np.where(taken, weigh((lines - centres[:, None] + 0.5) * (1 / stretch)), 0.0)
    total = np.cumsum(weights, axis=1)[:, -1:]  # added up in Pillow's order
    weights /= np.where(total == 0, 1.0, total)
    weights *= 1 << _PRECISION_BITS
    return np.trunc(weights + np.copysign(0.5, weights), out=weights), low
