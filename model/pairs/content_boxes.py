"""Boxes of the picture inside a file that also shows flat borders, blurred bars or a page."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]  # top, left, bottom, right in pixels
MOST_BOXES = 4
_SIDE_PX = 256  # of the plane that is looked at
_FLAT_LEVELS = 5.0  # largest spread of a flat row, JPEG noise included
_LEAST_SHARE = 0.12  # of the area; smaller boxes are icons
_MOST_SHARE = 0.97
_QUIET = 0.3  # detail of a blurred bar over that of the picture
_EDGE = 9.0  # mean step of levels along a long straight edge


def find_boxes(luma: NDArray[np.uint8]) -> list[Box]:
    """At most four boxes, the surest first; none if the whole file is the picture.

    Args:
        luma: (H, W).
    """
    factor = min(1.0, _SIDE_PX / max(luma.shape))
    height, width = (max(8, round(side * factor)) for side in luma.shape)
    small = np.asarray(cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    found: list[Box] = []
    for box in (_inside_flat_borders(small), _on_a_page(small), _between_quiet_bars(small), *_between_edges(small)):
        share = (box[2] - box[0]) * (box[3] - box[1]) / small.size
        if _LEAST_SHARE < share < _MOST_SHARE and all(_differ(box, other) for other in found):
            found.append(box)
    return [_at_full_size(box, luma, small) for box in found[:MOST_BOXES]]


def _inside_flat_borders(plane: NDArray[np.float32], whole: Box | None = None) -> Box:
    """The rest after flat rows and columns are cut off side by side."""
    top, left, bottom, right = whole or (0, 0, *plane.shape)
    for _ in range(3):
        before = top, left, bottom, right
        while top < bottom - 8 and plane[top, left:right].std() < _FLAT_LEVELS:
            top += 1
        while bottom > top + 8 and plane[bottom - 1, left:right].std() < _FLAT_LEVELS:
            bottom -= 1
        while left < right - 8 and plane[top:bottom, left].std() < _FLAT_LEVELS:
            left += 1
        while right > left + 8 and plane[top:bottom, right - 1].std() < _FLAT_LEVELS:
            right -= 1
        if before == (top, left, bottom, right):
            break
    return top, left, bottom, right


def _on_a_page(plane: NDArray[np.float32]) -> Box:
    """The largest object on a ground of the commonest level, such as a picture on a page or in a window."""
    levels = np.bincount(np.rint(plane).astype(np.intp).ravel(), minlength=256)
    ground = int(np.convolve(levels, np.ones(5), "same").argmax())
    other = (np.abs(plane - ground) > 6).astype(np.uint8)
    opened = cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    n_found, _, boxes, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if n_found < 2:
        return 0, 0, *plane.shape
    left, top, width, height, _ = (int(value) for value in boxes[1 + int(boxes[1:, 4].argmax())])
    return _inside_flat_borders(plane, (top, left, top + height, left + width))


def _between_quiet_bars(plane: NDArray[np.float32]) -> Box:
    """The middle between two opposite bars of much less fine detail, such as blurred copies."""
    detail = np.abs(cv2.Laplacian(plane, cv2.CV_32F))
    box = [0, 0, plane.shape[0], plane.shape[1]]
    for axis in (0, 1):
        profile = detail.mean(axis=1 - axis)
        n = len(profile)
        quiet = profile < _QUIET * float(profile[n // 4 : 3 * n // 4].mean())
        first, last = int((~quiet).argmax()), n - int((~quiet)[::-1].argmax())
        if first > n // 25 and n - last > n // 25 and abs(first - (n - last)) < n // 12:
            box[axis], box[axis + 2] = first, last
    return box[0], box[1], box[2], box[3]


def _between_edges(plane: NDArray[np.float32]) -> list[Box]:
    """Boxes between long straight edges: the two farthest apart, and the largest gap between neighbours."""
    found = []
    sides = []
    for axis in (0, 1):
        steps = np.abs(np.diff(plane, axis=axis))
        mean, low = steps.mean(axis=1 - axis), np.quantile(steps, 0.3, axis=1 - axis)
        straight = [int(place) + 1 for place in np.flatnonzero((mean > _EDGE) & (low > 3))]
        sides.append([0, *straight, plane.shape[axis]])
    for pick in (_widest_gap, _outermost):
        (top, bottom), (left, right) = pick(sides[0]), pick(sides[1])
        found.append(_inside_flat_borders(plane, (top, left, bottom, right)))
    return found


def _widest_gap(edges: list[int]) -> tuple[int, int]:
    return max(pairwise(edges), key=lambda gap: gap[1] - gap[0])


def _outermost(edges: list[int]) -> tuple[int, int]:
    return (edges[1], edges[-2]) if len(edges) > 3 else (edges[0], edges[-1])


def _differ(box: Box, other: Box) -> bool:
    return max(abs(one - two) for one, two in zip(box, other, strict=True)) > 2


def _at_full_size(box: Box, luma: NDArray[np.uint8], small: NDArray[np.float32]) -> Box:
    down, across = luma.shape[0] / small.shape[0], luma.shape[1] / small.shape[1]
    return round(box[0] * down), round(box[1] * across), round(box[2] * down), round(box[3] * across)
