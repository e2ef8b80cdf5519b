"""The part that two pictures share, brought to one canvas, and what lies around it in each of them."""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.placement import Placement, turn_plane

AREA_PX = 416 * 416  # of the canvas at most
LONGEST_PX = 1024  # side of the planes that are compared
LEAST_MARGIN_PX = 3  # a thinner strip outside the overlap says nothing
_LEAST_BEYOND_PX = 0.5
_FLAT_LEVELS = 4
_RING_PX, _RING_LEVELS = (2, 8), 8  # what lies next to the overlap, and how far that may be from the commonest level
_FEW_LEVELS = 3  # levels of a drawn page, beside those of its lettering's edges

Plane = NDArray[np.float32]
Luma = NDArray[np.uint8]
Edges = tuple[float, float, float, float]


@dataclass(frozen=True)
class Outside:
    """What a picture shows beyond the other.

    Attributes:
        share: of its area, in [0, 1].
        flat: share of those pixels on the commonest level, give or take 4 levels; 1 where nothing is outside.
        detail: mean step between neighbours there, over that inside; 0 where nothing is outside.
        seam: mean step across the edge of the overlap, over that beside it: near 1 where the picture simply goes on.
        ring: share of the pixels next to the overlap that lie on that level; 1 where nothing is outside.
        few_levels: share of the pixels outside on the three commonest levels, give or take 4; 1 where nothing is outside.
    """

    share: float
    flat: float
    detail: float
    seam: float
    ring: float = 1.0
    few_levels: float = 1.0


@dataclass(frozen=True)
class Overlap:
    """Two pictures laid on each other.

    Attributes:
        first, second: (h, w) float32 levels of the shared part, on the coarser one's grid or below.
        wholes: (H, W) levels of both, the first one turned as it lies.
        covered: top, left, bottom and right edge of the shared part in each of `wholes`.
    """

    first: Plane
    second: Plane
    wholes: tuple[Luma, Luma]
    covered: tuple[Edges, Edges]

    def inner(self, edge_px: int) -> "Overlap":
        """Without edges beyond which one of the two goes on: what lies there shines in, a fraction of a pixel wide.

        Args:
            edge_px: pixels of `first` and `second` that are left out along such edges.
        """
        picked = []
        for axis in (0, 1):
            sides = [(edges[axis], whole.shape[axis] - edges[axis + 2]) for edges, whole in zip(self.covered, self.wholes)]
            before, after = (edge_px if max(beyond) > _LEAST_BEYOND_PX else 0 for beyond in zip(*sides))
            picked.append(slice(before, self.first.shape[axis] - after))
        rows, columns = picked
        return replace(self, first=self.first[rows, columns], second=self.second[rows, columns])

    @cached_property
    def outside_first(self) -> Outside:
        """What the first shows beyond."""
        return _outside(self.wholes[0], self.covered[0])

    @cached_property
    def outside_second(self) -> Outside:
        """What the second shows beyond."""
        return _outside(self.wholes[1], self.covered[1])


def shrunk(luma: Luma) -> Luma:
    """At most LONGEST_PX on the longest side."""
    factor = LONGEST_PX / max(luma.shape)
    if factor >= 1:
        return luma
    height, width = (max(8, round(side * factor)) for side in luma.shape)
    return np.asarray(cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def cut_overlap(
    first: Luma, second: Luma, placement: Placement, within: Edges | None = None, most_px: int | None = AREA_PX
) -> Overlap:
    """Both pictures where they overlap.

    Args:
        first, second: (H, W).
        placement: of the first on the second.
        within: top, left, bottom and right edge of the part of the second that is looked at; all of it by default.
        most_px: pixels of the shared part at most; None for the grid of the coarser one.
    """
    top, left, bottom, right = covered = placement.covered if within is None else within
    area = max(1.0, (bottom - top) * (right - left))
    factor = min(1.0, 1 / max(placement.scale_y, placement.scale_x, 1e-3))
    if most_px is not None:
        factor = min(factor, (most_px / area) ** 0.5)
    height, width = max(8, round((bottom - top) * factor)), max(8, round((right - left) * factor))
    steps = (bottom - top) / height, (right - left) / width
    on_second = _pick(second, (height, width), steps, (top, left))
    turned = np.ascontiguousarray(turn_plane(first, placement.turn))
    scales = placement.scale_y, placement.scale_x
    starts = (top - placement.shift_y_px) / scales[0], (left - placement.shift_x_px) / scales[1]
    on_first = _pick(turned, (height, width), (steps[0] / scales[0], steps[1] / scales[1]), starts)
    covered_of_first = (
        starts[0], starts[1], starts[0] + (bottom - top) / scales[0], starts[1] + (right - left) / scales[1],
    )  # fmt: skip
    return Overlap(on_first, on_second, (turned, second), (covered_of_first, covered))


def at_full_size(placement: Placement, source: tuple[int, int], target: tuple[int, int]) -> Placement:
    """A placement between shrunk planes as one between the pictures themselves, whose sizes are given."""
    turned = source if placement.turn % 2 == 0 else source[::-1]
    down, across = target[0] / placement.target[0], target[1] / placement.target[1]
    height, width = placement.turned
    return replace(
        placement, source=source, target=target,
        scale_y=placement.scale_y * down * height / turned[0], scale_x=placement.scale_x * across * width / turned[1],
        shift_y_px=placement.shift_y_px * down, shift_x_px=placement.shift_x_px * across,
    )  # fmt: skip


def _pick(plane: Luma, size: tuple[int, int], steps: tuple[float, float], starts: tuple[float, float]) -> Plane:
    """A rectangle of a plane on a grid of its own; steps and starts are in pixels of the plane, down and across."""
    factors = [max(1.0, step) for step in steps]
    height, width = (max(1, round(side / factor)) for side, factor in zip(plane.shape, factors, strict=True))
    small = plane if max(factors) <= 1.0 else cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    down, across = height / plane.shape[0], width / plane.shape[1]
    step_y, step_x = steps[0] * down, steps[1] * across
    matrix = np.array(
        [[step_x, 0, starts[1] * across + step_x / 2 - 0.5], [0, step_y, starts[0] * down + step_y / 2 - 0.5]], np.float64
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = cv2.warpAffine(small.astype(np.float32), matrix, size[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def _outside(plane: Luma, covered: Edges) -> Outside:
    top, left = (max(0, round(edge)) for edge in covered[:2])
    bottom, right = min(plane.shape[0], round(covered[2])), min(plane.shape[1], round(covered[3]))
    if max(top, left, plane.shape[0] - bottom, plane.shape[1] - right) < LEAST_MARGIN_PX:
        return Outside(0.0, 1.0, 0.0, 1.0)
    box = top, left, bottom, right
    beyond = np.ones(plane.shape, bool)
    beyond[top:bottom, left:right] = False
    flat, ground, few = _levels(plane[beyond])
    steps = np.abs(np.diff(plane.astype(np.int16), axis=1))
    inside = float(steps[~beyond[:, 1:]].mean()) if bool((~beyond[:, 1:]).any()) else 0.0
    detail = float(steps[beyond[:, 1:]].mean()) if bool(beyond[:, 1:].any()) else 0.0
    return Outside(float(beyond.mean()), flat, detail / (inside + 0.5), _seam(plane, *box), _ring(plane, box, ground), few)


def _levels(pixels: Luma) -> tuple[float, int, float]:
    """Share on the commonest level, that level, and the share on the few commonest that lie apart."""
    levels = np.bincount(pixels, minlength=256)
    flat, ground, few = 0.0, 0, 0.0
    for number in range(_FEW_LEVELS):
        near = np.convolve(levels, np.ones(2 * _FLAT_LEVELS + 1), "same")
        best = int(near.argmax())
        few += float(near[best] / len(pixels))
        if number == 0:
            flat, ground = few, best
        levels[max(0, best - _FLAT_LEVELS) : best + _FLAT_LEVELS + 1] = 0
    return flat, ground, few


def _ring(plane: Luma, box: tuple[int, int, int, int], ground: int) -> float:
    """Share of the pixels close around a box that lie on a level."""
    near, far = _RING_PX
    top, left, bottom, right = box
    around = np.zeros(plane.shape, bool)
    around[max(0, top - far) : bottom + far, max(0, left - far) : right + far] = True
    around[max(0, top - near) : bottom + near, max(0, left - near) : right + near] = False
    pixels = plane[around].astype(np.int16)
    return float((np.abs(pixels - ground) <= _RING_LEVELS).mean()) if len(pixels) else 1.0


def _seam(plane: Luma, top: int, left: int, bottom: int, right: int) -> float:
    """Steps of four pixels across the edges of a box, over such steps just inside; edges of the plane do not count."""
    levels = plane.astype(np.float32)
    across, beside = [], []
    for turned, edge, start, stop in (
        (levels, top, left, right), (levels[::-1], plane.shape[0] - bottom, left, right),
        (levels.T, left, top, bottom), (levels.T[::-1], plane.shape[1] - right, top, bottom),
    ):  # fmt: skip
        if edge < LEAST_MARGIN_PX or edge + 8 > len(turned):
            continue
        across.append(np.abs(turned[edge - 3, start:stop] - turned[edge + 2, start:stop]))
        beside.append(np.abs(turned[edge + 3, start:stop] - turned[edge + 7, start:stop]))
    if not across:
        return 1.0
    return float(np.concatenate(across).mean() / (np.concatenate(beside).mean() + 1))
