"""Scaling and shifting as common programs do it: separable kernels with and without antialiasing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import resample_lines
from genloss.model.pairs.placement import Placement, turn_plane

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Window:
    """A rectangle of a picture's pixels."""

    top_px: int
    left_px: int
    height_px: int
    width_px: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top_px, self.top_px + self.height_px), slice(self.left_px, self.left_px + self.width_px)


@dataclass(frozen=True)
class Kernel:
    """A resampling kernel of a program.

    Attributes:
        name: its usual name.
        radius: of the kernel, in pixels of the coarser grid.
        weigh: maps distances to weights.
        antialiased: whether the kernel widens when a picture is shrunk.
    """

    name: str
    radius: float
    weigh: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    antialiased: bool = True


def _cubic(b: float, c: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Source: Mitchell and Netravali, "Reconstruction filters in computer graphics", 1988."""

    def weigh(distance: NDArray[np.float64]) -> NDArray[np.float64]:
        x = np.abs(distance)
        square = x * x
        cube = square * x
        near = (12 - 9 * b - 6 * c) * cube
        near += (-18 + 12 * b + 6 * c) * square
        near += 6 - 2 * b
        far = (-b - 6 * c) * cube
        far += (6 * b + 30 * c) * square
        far += (-12 * b - 48 * c) * x
        far += 8 * b + 24 * c
        far[x >= 2] = 0.0
        found = np.where(x < 1, near, far)
        found /= 6
        return found

    return weigh


def _windowed_sinc(radius: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda x: np.where(np.abs(x) < radius, np.sinc(x) * np.sinc(x / radius), 0.0)


def _triangle(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(0.0, 1 - np.abs(x))


def _box(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return ((x > -0.5) & (x <= 0.5)).astype(float)


def _hamming(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(x) < 1, np.sinc(x) * (0.54 + 0.46 * np.cos(np.pi * x)), 0.0)


BICUBIC = Kernel("bicubic", 2, _cubic(0, 0.5))
LANCZOS = Kernel("Lanczos", 3, _windowed_sinc(3))
BILINEAR = Kernel("bilinear", 1, _triangle)
KERNELS = (
    BICUBIC,
    LANCZOS,
    BILINEAR,
    Kernel("box", 0.5, _box),
    Kernel("area average", 0.5, _box),  # every pixel by the share of it that is covered
    Kernel("Mitchell", 2, _cubic(1 / 3, 1 / 3)),
    Kernel("Hamming", 1, _hamming),
    Kernel("bilinear without antialiasing", 1, _triangle, False),
    Kernel("bicubic without antialiasing", 2, _cubic(0, 0.75), False),
    Kernel("nearest pixel", 0.5, _box, False),
)


def resample(plane: NDArray, placement: Placement, window: Window, kernel: Kernel = BICUBIC) -> Plane:
    """The source, resampled to a window of the target.

    Args:
        plane: (H, W) of the source, before its turn, any real dtype.
        placement: of the source on the target.
        window: inside the target; beyond the source its edge is repeated.
        kernel: not used where the placement is a whole shift.

    Returns:
        (window.height_px, window.width_px) float32, not rounded.
    """
    turned = turn_plane(plane, placement.turn)
    if placement.is_whole_shift:
        return _shifted(turned, round(placement.shift_y_px), round(placement.shift_x_px), window)
    rows, across = (
        _line_weights(kernel, scale, shift, start, n, size)
        for scale, shift, start, n, size in (
            (placement.scale_y, placement.shift_y_px, window.top_px, window.height_px, turned.shape[0]),
            (placement.scale_x, placement.shift_x_px, window.left_px, window.width_px, turned.shape[1]),
        )
    )
    part = turned[rows.slice, across.slice]
    lines = _weighted(np.ascontiguousarray(part, dtype=np.float32), rows)
    return np.asarray(cv2.transpose(_weighted(np.asarray(cv2.transpose(lines)), across)))


def resample_with_16_bits(
    plane: NDArray, placement: Placement, window: Window, kernel: Kernel, linear_light: bool = False
) -> NDArray[np.uint8]:
    """The same with ImageMagick's arithmetic: clipped and rounded to 16 bits after each of two passes.

    Args:
        plane: (H, W) uint8.
        placement: not a whole shift.
        linear_light: whether the plane, one of red, green and blue in sRGB, is scaled as light and not as it is stored.

    Returns:
        (window.height_px, window.width_px).

    Source: ImageMagick 6.9, magick/resize.c, ResizeImage; magick/quantum-private.h, ScaleQuantumToChar; magick/gem.c.
    """
    turned = turn_plane(plane, placement.turn)
    rows = _line_weights(kernel, placement.scale_y, placement.shift_y_px, window.top_px, window.height_px, turned.shape[0])
    across = _line_weights(kernel, placement.scale_x, placement.shift_x_px, window.left_px, window.width_px, turned.shape[1])
    part = np.ascontiguousarray(turned[rows.slice, across.slice])
    wide = LIGHT[part] if linear_light else part.astype(np.float32) * np.float32(257)
    if placement.scale_x > placement.scale_y:
        lines = _to_16_bits(_weighted(np.ascontiguousarray(wide.T), across)).T
        found = _to_16_bits(_weighted(np.ascontiguousarray(lines), rows))
    else:
        found = _to_16_bits(_weighted(np.ascontiguousarray(_to_16_bits(_weighted(wide, rows)).T), across)).T
    levels = (_to_16_bits(65535 * from_light(found / 65535)) if linear_light else found).astype(np.uint32) + 128
    return np.ascontiguousarray((levels - (levels >> 8)) >> 8).astype(np.uint8)


def from_light(light: NDArray) -> NDArray:
    """sRGB of linear light, both in [0, 1]."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _to_light(srgb: NDArray) -> NDArray:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _to_16_bits(levels: NDArray) -> NDArray:
    found: NDArray = np.floor(np.clip(levels, 0, 65535) + np.float32(0.5))
    return found


EXACT_LIGHT = _to_light(np.arange(256) / 255).astype(np.float32)  # of each level, in [0, 1]
LIGHT = _to_16_bits(65535 * _to_light(np.arange(256) / 255)).astype(np.float32)  # the same in [0, 65535]


@dataclass(frozen=True)
class _Lines:
    slice: slice
    first: NDArray[np.int64]
    weights: NDArray[np.float32]


def _weighted(plane: Plane, lines: _Lines) -> Plane:
    found = np.empty((len(lines.first), plane.shape[1]), np.float32)
    resample_lines(plane, lines.first, lines.weights, found)
    return found


@lru_cache(maxsize=256)
def _line_weights(kernel: Kernel, scale: float, shift: float, start: int, n: int, size: int) -> _Lines:
    """Source lines and their weights for each line of a window.

    Source: Pillow, src/libImaging/Resample.c, precompute_coeffs.
    """
    stretch = max(1.0, 1 / scale) if kernel.antialiased else 1.0
    centres = (start + np.arange(n) + 0.5 - shift) / scale
    if kernel.name == "area average" and scale < 1:
        edges = (start + np.arange(n + 1) - shift) / scale
        first = np.floor(edges[:-1] + 1e-9).astype(np.int64)
        taps = int(np.ceil(1 / scale)) + 1
        lines = first[:, None] + np.arange(taps)
        weights = np.maximum(np.minimum(lines + 1, edges[1:, None]) - np.maximum(lines, edges[:-1, None]), 0)
    else:
        support = kernel.radius * stretch
        first = np.maximum(np.floor(centres - support + 0.5), -1e9).astype(np.int64)
        taps = int(np.ceil(2 * support)) + 1
        lines = first[:, None] + np.arange(taps)
        weights = kernel.weigh((lines + 0.5 - centres[:, None]) / stretch)
        reaches_out = first[0] < 0 or first[-1] + taps > size
        if kernel.antialiased and reaches_out:  # as Pillow does: what lies outside is left out; others repeat the edge
            inside = (lines >= 0) & (lines < size)
            weights = np.where(inside, weights, 0.0) if inside.any(axis=1).all() else weights
    total = weights.sum(axis=1, keepdims=True)
    weights = weights / np.where(np.abs(total) < 1e-6, 1, total)
    low = min(max(int(first[0]), 0), size - 1)
    high = min(max(int(first[-1]) + taps, low + 1), size)
    return _Lines(slice(low, high), np.ascontiguousarray(first - low), np.ascontiguousarray(weights, dtype=np.float32))


def _shifted(turned: NDArray, down: int, across: int, window: Window) -> Plane:
    height, width = turned.shape
    top, left = window.top_px - down, window.left_px - across
    if top >= 0 and top + window.height_px <= height and left >= 0 and left + window.width_px <= width:
        return np.ascontiguousarray(turned[top : top + window.height_px, left : left + window.width_px], dtype=np.float32)
    rows = np.clip(np.arange(top, top + window.height_px), 0, height - 1)
    columns = np.clip(np.arange(left, left + window.width_px), 0, width - 1)
    return np.ascontiguousarray(turned[np.ix_(rows, columns)], dtype=np.float32)
