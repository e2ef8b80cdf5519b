"""Where two versions of a picture differ most, for people to look at."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.placement import Placement, Size, turn_plane, whole_frame
from genloss.model.pairs.planes import LumaViews
from genloss.model.pairs.registration import register

MOST_CANVAS_SIDE_PX = 16_000
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Window:
    """One place in both versions.

    Attributes:
        left, right: (S, S, 3) uint8 crops of the two versions, brought to the finer one's scale, the right one turned
            like the left.
        left_px, top_px: first pixel of the crop in the left version, brought to that scale; in the right version where
            the left one is a part of it.
        difference: mean absolute difference of the crops' luma, in [0, 255].
        aligned: whether registration laid one version on the other; else whole frames are compared, and the two may show
            different pictures.
    """

    left: Pixels
    right: Pixels
    left_px: int
    top_px: int
    difference: float
    aligned: bool


def differing_windows(left: Pixels, right: Pixels, most: int, side_px: int = 96) -> list[Window]:
    """At most `most` windows that do not overlap, the most different first.

    The right version is laid on the left one by registration: turned back, scaled and shifted, a part at its place. The
    coarser one is enlarged by repeating pixels, so nothing is smoothed. Versions that registration cannot lay on each
    other are compared as whole frames.

    Args:
        left, right: (H, W, 3) uint8, of any sizes.
        side_px: of a window; smaller where the overlap is.
    """
    first, second = lay_on_each_other(left, right)
    overlap = first.covered & second.covered
    side = min(side_px, *overlap.shape)
    distance = np.where(overlap, np.abs(_luma(first.pixels) - _luma(second.pixels)), 0)
    sums = np.pad(distance.cumsum(axis=0, dtype=np.float64).cumsum(axis=1), ((1, 0), (1, 0)))
    totals = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    seen = np.pad(overlap.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = seen[side:, side:] - seen[:-side, side:] - seen[side:, :-side] + seen[:-side, :-side]
    totals[inside < side * side] = -1  # windows lie where both versions are
    windows = []
    for _ in range(most):
        top, start = (int(index) for index in np.unravel_index(int(totals.argmax()), totals.shape))
        if totals[top, start] < 0:
            break
        place = np.s_[top : top + side, start : start + side]
        windows.append(
            Window(
                first.pixels[place], second.pixels[place], start + first.left_px, top + first.top_px,
                float(distance[place].mean()), first.aligned,
            )
        )  # fmt: skip
        totals[max(0, top - side + 1) : top + side, max(0, start - side + 1) : start + side] = -1
    return windows


@dataclass(frozen=True)
class Laid:
    """A version on the common canvas, which is the part that both versions show.

    Attributes:
        pixels: (H, W, 3) uint8.
        covered: (H, W) where the version has pixels of its own.
        top_px, left_px: of the canvas in the version that shows more, at the canvas's scale.
        aligned: as of a Window.
    """

    pixels: Pixels
    covered: NDArray[np.bool_]
    top_px: int
    left_px: int
    aligned: bool


def lay_on_each_other(left: Pixels, right: Pixels) -> tuple[Laid, Laid]:
    """Both versions on one canvas: the left one's orientation, the finer one's scale, the part that both show."""
    found = register(LumaViews(_grey(right)), LumaViews(_grey(left)))
    sizes = (_size(right), _size(left))
    placement = whole_frame(*sizes) if found is None else found.placement
    finer = max(1.0, 1 / placement.scale_y), max(1.0, 1 / placement.scale_x)
    height, width = (
        round(side * min(factor, MOST_CANVAS_SIDE_PX / side)) for factor, side in zip(finer, sizes[1], strict=True)
    )
    canvas = (height, width)
    factors = canvas[0] / sizes[1][0], canvas[1] / sizes[1][1]
    on_canvas = replace(
        placement,
        target=canvas,
        scale_y=placement.scale_y * factors[0],
        scale_x=placement.scale_x * factors[1],
        shift_y_px=placement.shift_y_px * factors[0],
        shift_x_px=placement.shift_x_px * factors[1],
    )
    top, start, bottom, end = on_canvas.covered
    rows = np.arange(max(0, round(top)), max(round(top) + 1, min(canvas[0], round(bottom))))
    columns = np.arange(max(0, round(start)), max(round(start) + 1, min(canvas[1], round(end))))
    own = whole_frame(sizes[1], canvas)
    # A version that was cut out of the other has no place of its own: what counts is its place in the other.
    origin = (int(rows[0]), int(columns[0]))
    if placement.coverage > placement.inverse.coverage + 1e-6:
        origin = (round(rows[0] - on_canvas.shift_y_px), round(columns[0] - on_canvas.shift_x_px))
    picked = (_picked(pixels, way, rows, columns) for pixels, way in ((left, own), (right, on_canvas)))
    first, second = (Laid(pixels, covered, *origin, aligned=found is not None) for pixels, covered in picked)
    return first, second


def _picked(pixels: Pixels, placement: Placement, rows: NDArray, columns: NDArray) -> tuple[Pixels, NDArray[np.bool_]]:
    """Nearest pixels of a version on part of the canvas, and where it has pixels of its own."""
    turned = turn_plane(pixels, placement.turn)
    lines = []
    for at, scale, shift, size in (
        (rows, placement.scale_y, placement.shift_y_px, turned.shape[0]),
        (columns, placement.scale_x, placement.shift_x_px, turned.shape[1]),
    ):
        found = np.floor((at + 0.5 - shift) / scale + 1e-9).astype(int)
        lines.append((np.clip(found, 0, size - 1), (found >= 0) & (found < size)))
    (down, in_rows), (across, in_columns) = lines
    return turned[np.ix_(down, across)], in_rows[:, None] & in_columns


def _size(pixels: Pixels) -> Size:
    return pixels.shape[0], pixels.shape[1]


def _grey(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY))


def _luma(rgb: Pixels) -> NDArray[np.float32]:
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    luma: NDArray[np.float32] = rgb.astype(np.float32) @ weights
    return luma
