"""On which of two pictures something was drawn: letters, a sticker, a translucent mark.

What was drawn has edges that only its own picture has, all around. Where two moments or two captions differ, both pictures have
edges there. benchmarks/accuracy/same_picture.py measures both sides.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.block_evidence import in_one_contrast
from genloss.model.pairs.overlap import Plane

_LEAST_LEVELS, _LEAST_NOISES = 14.0, 5.0  # of a difference that counts; the latter in standard deviations of the rest
_MOST_DRAWN = 0.35  # share of the overlap
_LEAST_REGION_PX, _LEAST_EDGE_PX = 60, 10
_EDGE_LEVELS = 4.0  # added to both edges' strengths, so that flat parts have no say
_UNCLEAR, _MOST_UNCLEAR = 0.3, 0.1  # octaves of a region that speaks for no side, and the share of such edges
_DRAWN_EDGE, _FLAT_EDGE = 0.95, 0.35  # octaves by which edges are stronger on the drawn side; if that is also flat
_CLOSE_PX, _OUTLINE_LEVELS = 9, 16.0  # gaps in what differs that are closed, and a step that is an edge
_OUTLINED, _NOT_OUTLINED = 0.985, 0.6  # shares of an outline that has edges on the drawn side, and at most on the clean one
_OUTLINED_FLAT = 0.3
_FLAT_LEVELS = 8.0
_FLAT_LEAST, _FLAT_RATIO = 0.1, 2.5
_MARK_MOST, _MARK_SIGN = 0.06, 0.94  # share of the overlap under a translucent mark, and of it that has the mark's sign
_MARK_OPACITY = (0.2, 0.7)
_MARK_LEAST = 0.25  # share of the mark that has its commonest opacity, give or take 0.04
_OPACITY_BINS = 40
_ROOM_LEVELS, _ROOM_LEAST = 40.0, 0.8  # to white or black, where an opacity can be told; and the share of such pixels


class Side(StrEnum):
    """One of two pictures."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True)
class Difference:
    """Two pictures of one size, brought to one contrast.

    Attributes:
        first, second: (h, w) float32 levels, a little blurred.
        levels: (h, w) float32, second less first, without a common offset.
        noise: standard deviation of the levels where nothing was drawn, in levels, at least 0.
        mask: (h, w) where more differs than noise.
    """

    first: Plane
    second: Plane
    levels: Plane
    noise: float
    mask: NDArray[np.bool_]


def take_difference(first: Plane, second: Plane) -> Difference:
    """What differs between two planes of one size, beside contrast and brightness.

    Args:
        first, second: (h, w) levels in [0, 255].
    """
    one, other = in_one_contrast(first, second)
    levels = other - one
    levels -= np.median(levels)
    noise = 1.4826 * float(np.median(np.abs(levels)))
    return Difference(one, other, levels, noise, np.abs(levels) > max(_LEAST_LEVELS, _LEAST_NOISES * noise))


def find_drawn_side(found: Difference) -> Side | None:
    """The picture on which something was drawn; None where that is neither, or both."""
    share = float(found.mask.mean())
    if share == 0 or share > _MOST_DRAWN:
        return None
    octaves, unclear = _compare_edges(found)
    side = Side.FIRST if octaves > 0 else Side.SECOND
    if share <= _MARK_MOST and _find_marked_side(found) is side:
        return side
    outlined = _find_outlined_side(found)
    if outlined is not None:
        return outlined
    if unclear > _MOST_UNCLEAR:
        return None
    drawn, clean = (found.first, found.second) if side is Side.FIRST else (found.second, found.first)
    if abs(octaves) >= _DRAWN_EDGE:
        return side
    flat_drawn, flat_clean = (_flat_share(plane, found.mask) for plane in (drawn, clean))
    return side if abs(octaves) >= _FLAT_EDGE and flat_drawn >= _FLAT_LEAST + _FLAT_RATIO * flat_clean else None


def _compare_edges(found: Difference) -> tuple[float, float]:
    """Octaves by which edges around what differs are stronger in the first picture, and the share that says otherwise."""
    mask = cv2.morphologyEx(found.mask.astype(np.uint8), cv2.MORPH_OPEN, _square(2))
    strengths = [
        cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) for plane in (found.first, found.second)
    ]
    edge = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, _square(5)) > 0
    n_regions, regions, boxes, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, _square(5)), connectivity=8)
    lengths, octaves = [], []
    for region in range(1, n_regions):
        left, top, width, height, n_pixels = boxes[region]
        picked = np.s_[top : top + height, left : left + width]
        around = edge[picked] & (regions[picked] == region)
        if n_pixels < _LEAST_REGION_PX or int(around.sum()) < _LEAST_EDGE_PX:
            continue
        of_first, of_second = (float(strength[picked][around].mean()) + _EDGE_LEVELS for strength in strengths)
        lengths.append(int(around.sum()))
        octaves.append(np.log2(of_first / of_second))
    if not lengths:
        return 0.0, 1.0
    weights, said = np.array(lengths) / sum(lengths), np.array(octaves)
    mean = float(weights @ said)
    return mean, float(weights[said * np.sign(mean) < _UNCLEAR].sum())


def _find_outlined_side(found: Difference) -> Side | None:
    """The picture with an edge all around all that differs, where the other has one along some of it, or is less flat."""
    mask = cv2.morphologyEx(found.mask.astype(np.uint8), cv2.MORPH_OPEN, _square(3))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _square(_CLOSE_PX))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outlines = [outline for outline in outlines if cv2.contourArea(outline) >= _LEAST_REGION_PX]
    line = cv2.drawContours(np.zeros_like(mask), outlines, -1, 1, 3) > 0
    line[:2] = line[-2:] = line[:, :2] = line[:, -2:] = False
    if not line.any():
        return None
    planes = {Side.FIRST: found.first, Side.SECOND: found.second}
    outlined = {
        side: float((cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, _square(5))[line] > _OUTLINE_LEVELS).mean())
        for side, plane in planes.items()
    }
    flat = {side: _flat_share(plane, found.mask) for side, plane in planes.items()}
    for side, other in ((Side.FIRST, Side.SECOND), (Side.SECOND, Side.FIRST)):
        is_flatter = flat[side] >= _OUTLINED_FLAT + _FLAT_RATIO * flat[other]
        if outlined[side] >= _OUTLINED and (outlined[other] <= _NOT_OUTLINED or is_flatter):
            return side
    return None


def _square(side_px: int) -> NDArray[np.uint8]:
    return np.ones((side_px, side_px), np.uint8)


def _flat_share(plane: Plane, mask: NDArray[np.bool_]) -> float:
    steps = cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, _square(5))
    return float((steps[mask] < _FLAT_LEVELS).mean())


def _find_marked_side(found: Difference) -> Side | None:
    """The picture under a white or black mark of one opacity."""
    rising = float((found.levels[found.mask] > 0).mean())
    if max(rising, 1 - rising) < _MARK_SIGN:
        return None
    best, found_side = _MARK_LEAST, None
    for side, drawn, clean in ((Side.SECOND, found.second, found.first), (Side.FIRST, found.first, found.second)):
        change, below = (drawn - clean)[found.mask], clean[found.mask]
        room = (255 - below) if change.mean() > 0 else -below
        enough = np.abs(room) > _ROOM_LEVELS
        if enough.mean() < _ROOM_LEAST:
            continue
        counts, edges = np.histogram(change[enough] / room[enough], bins=_OPACITY_BINS, range=(0, 1))
        near = np.convolve(counts, np.ones(3), "same")
        opacity = float(edges[near.argmax()]) + 0.5 / _OPACITY_BINS
        share = float(near.max() / enough.sum())
        if share > best and _MARK_OPACITY[0] <= opacity <= _MARK_OPACITY[1]:
            best, found_side = share, side
    return found_side
