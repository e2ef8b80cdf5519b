"""A parent's pixels, cut, turned and scaled bit for bit as common programs do it before saving."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.images.resizing import resize
from genloss.model.pairs.band_evidence import block_coefficients
from genloss.model.pairs.pillow_windows import resize_window
from genloss.model.pairs.placement import Placement, turn_plane, whole_frame
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.resampling import (
    EXACT_LIGHT,
    KERNELS,
    Kernel,
    Window,
    from_light,
    resample,
    resample_with_16_bits,
)

Bytes = NDArray[np.uint8]

_WHOLE_PX = 1e-4
_SMALL_PX = 96  # side of the window in which kernels are put in order
_N_KERNELS = 3  # that are tried exactly
# Of a kernel's error in linear light over that without, above which linear light is not tried; of WebP, AVIF and palettes,
# where the noise of saving is part of both errors.
_LEAST_GAIN, _LEAST_GAIN_NOISY = 0.7, 0.95
_LIGHTEST = 65535
_LEVELS = (255 * from_light(np.arange(_LIGHTEST + 1) / _LIGHTEST)).astype(np.float32)  # of light in 65,535ths
_MOST_REPEATED = 0.15  # rows or columns that are those beside them
# Levels of a coefficient of a WebP or AVIF beyond which it was hardly made smaller; small ones became 0, which smooth kernels
# explain best. Of 60 shrunk WebPs the true kernel was first for 65 % by all coarse coefficients, for 98 % by large ones.
_LARGE, _LEAST_LARGE = 30, 20
_COARSE = np.flatnonzero(np.hypot(*np.mgrid[:8, :8]).ravel() < 4.5)


def _lanczos_of_four(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(x) < 4, np.sinc(x) * np.sinc(x / 4), 0.0)


_FOUR = Kernel("Lanczos of 8 pixels without antialiasing", 4, _lanczos_of_four, False)
_SHRINKING = (*KERNELS, _FOUR)
_ENLARGING = tuple(kernel for kernel in _SHRINKING if kernel.name not in ("area average", "bilinear without antialiasing"))
_OPENCV = {
    "area average": (cv2.INTER_AREA,), "bilinear without antialiasing": (cv2.INTER_LINEAR,), _FOUR.name: (cv2.INTER_LANCZOS4,),
    "nearest pixel": (cv2.INTER_NEAREST,),
}  # fmt: skip
# Enlarging, antialiasing changes nothing, and OpenCV's area average is something of its own between nearest and bilinear.
_OPENCV_ENLARGING = {
    "bilinear": (cv2.INTER_LINEAR, cv2.INTER_AREA), "box": (cv2.INTER_AREA,), "Hamming": (cv2.INTER_AREA,),
    "nearest pixel": (cv2.INTER_NEAREST, cv2.INTER_AREA), _FOUR.name: (cv2.INTER_LANCZOS4,),
}  # fmt: skip
_COSTLY = cv2.INTER_LINEAR, cv2.INTER_LANCZOS4  # enlarging large pictures
_PILLOW = ("bicubic", "Lanczos", "bilinear", "box", "Hamming")


class Way:
    """One way from the parent's pixels to the child's grid.

    Args:
        name: of the kernel, for a sentence; None where nothing was scaled.
        fill: (h, w, 3) of a window of the child.
        fill_all: (H, W, 3) of the whole child, from which windows are cut.
        looks: candidates for a window, made without the rest of the child. One is exact, unless `looks_roughly`.
        looks_roughly: whether the candidates may differ from the exact pixels by rounding.
        in_linear_light: whether light is scaled, and not the stored values.
    """

    def __init__(
        self, name: str | None, fill: Callable[[Window], Bytes] | None = None, fill_all: Callable[[], Bytes] | None = None,
        looks: Sequence[Callable[[Window], Bytes]] = (), looks_roughly: bool = False, in_linear_light: bool = False,
    ) -> None:  # fmt: skip
        self.name = name
        self.in_linear_light = in_linear_light
        self.looks_roughly = looks_roughly
        self._fill, self._fill_all, self._looks = fill, fill_all, looks
        self._all: Bytes | None = None
        self._looked: dict[tuple[int, Window], Bytes] = {}

    @property
    def takes_points(self) -> bool:
        """Whether shrinking takes single pixels or their neighbours, and not all of them."""
        return self.name is not None and (self.name == "nearest pixel" or self.name.endswith("without antialiasing"))

    def fill(self, window: Window) -> Bytes:
        """(h, w, 3) of a window of the child."""
        if self._fill is not None:
            return self._fill(window)
        if self._all is None:
            assert self._fill_all is not None
            self._all = self._fill_all()
        return self._all[window.slices]

    def look(self, window: Window) -> Iterator[Bytes]:
        """Candidates for fill(window), at the cost of the window alone; see looks_roughly."""
        for number, look in enumerate(self._looks or (self.fill,)):
            if (number, window) not in self._looked:
                self._looked[number, window] = look(window)
            yield self._looked[number, window]


def ways(parent: VersionPlanes, child: VersionPlanes, placement: Placement, window: Window) -> Iterator[Way]:
    """Ways from parent to child, the likeliest first: unscaled pixels, or common kernels as several programs compute them.

    Args:
        placement: of the parent on the child.
        window: of the child, covered by the parent; kernels are put in order in its middle.
    """
    rgb = parent.image.rgb
    if placement.is_whole_shift:
        yield Way(None, partial(_shifted, rgb, placement))
        return
    part, whole = _source_part(rgb, placement), placement
    if part is not None:
        rgb, placement = part, whole_frame((part.shape[0], part.shape[1]), placement.target)
    enlarged = max(placement.scale_y, placement.scale_x) > 1
    if _repeats_pixels(parent.luma):
        return  # what this one was made from, and every other enlargement of that, looks as if made from this one
    kernels, linear_light = _likeliest_kernels(parent.luma, child, whole, window)
    for kernel in kernels:
        name = kernel.name
        if linear_light:
            in_light = partial(_by_light, rgb, placement, kernel)
            yield Way(f"{name} in linear light", in_light, in_linear_light=True)
            if kernel.antialiased and name != "area average":
                in_light = partial(_by_magick, rgb, placement, kernel, True)
                yield Way(f"{name} in linear light", in_light, in_linear_light=True)
        if part is not None:
            if name in _PILLOW and not (enlarged and name == "box"):
                scaled = part, placement.target, name
                orders = [partial(resize_window, *scaled, across_first) for across_first in (True, False)]
                yield Way(name, None, partial(resize, *scaled), orders)
            for way in (_OPENCV_ENLARGING if enlarged else _OPENCV).get(name, ()):
                looks = [partial(_by_sums, rgb, placement, kernel)] if way in _COSTLY and not kernel.antialiased else []
                yield Way(name, None, partial(_by_opencv, part, placement.target, way), looks, bool(looks))
        if kernel.antialiased and name != "area average":
            yield Way(name, partial(_by_magick, rgb, placement, kernel, False))
        if not kernel.antialiased or name in ("area average", "box"):
            yield Way(name, partial(_by_sums, rgb, placement, kernel))


def _likeliest_kernels(luma: Bytes, child: VersionPlanes, placement: Placement, window: Window) -> tuple[list[Kernel], bool]:
    """Kernels by the error of a small window's coefficients: outside the bins of a JPEG, large or coarse ones of others.

    Also whether an error is smaller in linear light; then kernels are in the order of their errors there.
    """
    small = middle_of(window, _SMALL_PX)
    wanted = block_coefficients(child.stored_luma[small.slices])
    steps = None if child.image.luma_table is None else child.image.luma_table.reshape(64, 1)
    large = np.abs(wanted) > _LARGE
    large[0] = False
    takes_large = steps is None and child.image.lossless is False and large.sum() >= _LEAST_LARGE

    def error(found: NDArray) -> float:
        difference = np.abs(block_coefficients(found) - wanted)
        if steps is not None:
            return float(np.maximum(difference / steps - 0.5, 0).mean())
        return float(difference[large if takes_large else _COARSE].mean())

    kernels = _ENLARGING if min(placement.scale_y, placement.scale_x) > 1 else _SHRINKING
    errors = [error(resample(luma, placement, small, kernel)) for kernel in kernels]
    order = np.argsort(errors)
    likeliest = [kernels[position] for position in order[:_N_KERNELS]]
    lights = (resample(EXACT_LIGHT[luma], placement, small, kernel) for kernel in likeliest)
    in_light = [error(_LEVELS[np.clip(_LIGHTEST * light + 0.5, 0, _LIGHTEST).astype(np.intp)]) for light in lights]
    is_noisy = steps is None and (child.image.lossless is False or child.palette is not None)
    if min(in_light) >= (_LEAST_GAIN_NOISY if is_noisy else _LEAST_GAIN) * errors[order[0]]:
        return likeliest, False
    return [likeliest[position] for position in np.argsort(in_light)], True


def _repeats_pixels(luma: Bytes) -> bool:
    """Whether a picture was enlarged by repeating its pixels."""
    middle = luma[luma.shape[0] // 4 :, luma.shape[1] // 4 :][:_SMALL_PX, :_SMALL_PX]
    same = [
        float((middle.take(range(1, n), axis) == middle.take(range(n - 1), axis)).all(axis=1 - axis).mean())
        for axis, n in enumerate(middle.shape)
        if n > 1
    ]
    return len(same) == 2 and min(same) > _MOST_REPEATED


def middle_of(window: Window, most_px: int, grid_px: int = 8) -> Window:
    """The middle of a window, its first pixel on a grid counted from the window's own, at most `most_px` large."""
    height, width = (min(side, most_px) for side in (window.height_px, window.width_px))
    top, left = (
        (side - kept) // 2 // grid_px * grid_px for side, kept in ((window.height_px, height), (window.width_px, width))
    )
    return Window(window.top_px + top, window.left_px + left, height, width)


def _source_part(rgb: Bytes, placement: Placement) -> Bytes | None:
    """The turned parent's pixels that were scaled to the whole child; None where their edges are not whole pixels."""
    back = 1 / placement.scale_y, 1 / placement.scale_x
    top, left = -placement.shift_y_px * back[0], -placement.shift_x_px * back[1]
    edges = np.array([top, left, top + placement.target[0] * back[0], left + placement.target[1] * back[1]])
    whole = np.rint(edges)
    height, width = placement.turned
    if np.abs(edges - whole).max() > _WHOLE_PX or whole.min() < 0 or whole[2] > height or whole[3] > width:
        return None
    first_y, first_x, end_y, end_x = (int(edge) for edge in whole)
    part: Bytes = np.ascontiguousarray(turn_plane(rgb, placement.turn)[first_y:end_y, first_x:end_x])
    return part


def _shifted(rgb: Bytes, placement: Placement, window: Window) -> Bytes:
    turned = turn_plane(rgb, placement.turn)
    top, left = window.top_px - round(placement.shift_y_px), window.left_px - round(placement.shift_x_px)
    found: Bytes = turned[max(0, top) : top + window.height_px, max(0, left) : left + window.width_px]
    return found


def _by_opencv(part: Bytes, size: tuple[int, int], way: int) -> Bytes:
    return np.asarray(cv2.resize(part, (size[1], size[0]), interpolation=way), np.uint8)


def _by_magick(rgb: Bytes, placement: Placement, kernel: Kernel, linear_light: bool, window: Window) -> Bytes:
    planes = [resample_with_16_bits(rgb[..., channel], placement, window, kernel, linear_light) for channel in range(3)]
    return np.stack(planes, axis=-1)


def _by_light(rgb: Bytes, placement: Placement, kernel: Kernel, window: Window) -> Bytes:
    """As scripts do it: with real numbers, from light as it is to levels, rounded once."""
    planes = [resample(EXACT_LIGHT[rgb[..., channel]], placement, window, kernel) for channel in range(3)]
    return np.rint(255 * from_light(np.clip(np.stack(planes, axis=-1), 0, 1))).astype(np.uint8)


def _by_sums(rgb: Bytes, placement: Placement, kernel: Kernel, window: Window) -> Bytes:
    """OpenCV's bicubic: rounded once at the end, halves up."""
    planes = [resample(rgb[..., channel], placement, window, kernel) for channel in range(3)]
    return np.floor(np.clip(np.stack(planes, axis=-1), 0, 255) + np.float32(0.5)).astype(np.uint8)
