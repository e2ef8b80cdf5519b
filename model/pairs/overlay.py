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
# A mark on more of the overlap, such as one repeated all over: its opacity is one in most places, and clearly not the other's.
_MARKS_SIGN, _MARKS_LEAST, _MARKS_TIMES, _MARKS_OPACITY = 0.8, 0.45, 1.25, (0.12, 0.7)
_MARKS_MOST = 0.15
# Ink of one level: largest share of the overlap, least share of it on that level, give or take _INK_LEVELS, largest share on
# one level of the other picture, how many times as much, and least octaves by which edges are stronger on the inked side.
_INK_MOST, _INKED, _NOT_INKED, _INK_TIMES, _INK_EDGE, _INK_LEVELS = 0.1, 0.65, 0.55, 1.45, 0.05, 12
_LETTERS, _LETTERS_EDGE, _LETTERS_UNCLEAR = 3, 0.7, 0.02  # regions that all speak for one side, by so many octaves
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
        sharp_first, sharp_second: (h, w) levels as they are.
    """

    first: Plane
    second: Plane
    levels: Plane
    noise: float
    mask: NDArray[np.bool_]
    sharp_first: Plane
    sharp_second: Plane


def take_difference(first: Plane, second: Plane) -> Difference:
    """What differs between two planes of one size, beside contrast and brightness.

    Args:
        first, second: (h, w) levels in [0, 255].
    """
    one, other = in_one_contrast(first, second)
    levels = other - one
    levels -= np.median(levels)
    noise = 1.4826 * float(np.median(np.abs(levels)))
    mask = np.abs(levels) > max(_LEAST_LEVELS, _LEAST_NOISES * noise)
    return Difference(one, other, levels, noise, mask, first, second)


def find_drawn_side(found: Difference) -> Side | None:
    """The picture on which something was drawn; None where that is neither, or both."""
    share = float(found.mask.mean())
    if share == 0 or share > _MOST_DRAWN:
        return None
    octaves, unclear, n_regions = _compare_edges(found)
    side = Side.FIRST if octaves > 0 else Side.SECOND
    if (share <= _MARK_MOST and _find_marked_side(found) is side) or (share <= _MARKS_MOST and _is_marked(found, side)):
        return side
    if share <= _INK_MOST and abs(octaves) >= _INK_EDGE and _is_inked(found, side):
        return side
    if n_regions >= _LETTERS and abs(octaves) >= _LETTERS_EDGE and unclear <= _LETTERS_UNCLEAR:
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


def _compare_edges(found: Difference) -> tuple[float, float, int]:
    """Octaves by which edges around what differs are stronger in the first picture, the share that says otherwise, and the
    number of regions.
    """
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
        return 0.0, 1.0, 0
    weights, said = np.array(lengths) / sum(lengths), np.array(octaves)
    mean = float(weights @ said)
    return mean, float(weights[said * np.sign(mean) < _UNCLEAR].sum()), len(lengths)


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


def _is_inked(found: Difference, side: Side) -> bool:
    """Whether what differs lies on one level in one picture, and on many in the other."""
    planes = found.sharp_first, found.sharp_second
    drawn, clean = planes if side is Side.FIRST else planes[::-1]
    inked, other = (_on_one_level(plane[found.mask]) for plane in (drawn, clean))
    return inked >= _INKED and other <= _NOT_INKED and inked >= _INK_TIMES * other


def _on_one_level(levels: NDArray[np.float32]) -> float:
    """Largest share of levels that lie close together."""
    counts = np.bincount(np.rint(levels).clip(0, 255).astype(np.intp), minlength=256)
    return float(np.convolve(counts, np.ones(2 * _INK_LEVELS + 1), "same").max() / len(levels))


def _is_marked(found: Difference, side: Side) -> bool:
    """Whether nearly all that differs lies under a white or black mark of one opacity on that side."""
    rising = float((found.levels[found.mask] > 0).mean())
    if max(rising, 1 - rising) < _MARKS_SIGN:
        return False
    planes = (found.first, found.second) if side is Side.FIRST else (found.second, found.first)
    own, other = _opacity(*planes, found.mask), _opacity(*planes[::-1], found.mask)
    if own is None:
        return False
    low, high = _MARKS_OPACITY
    return own[0] >= max(_MARKS_LEAST, _MARKS_TIMES * (other[0] if other else 0.0)) and low <= own[1] <= high


def _find_marked_side(found: Difference) -> Side | None:
    """The picture under a white or black mark of one opacity."""
    rising = float((found.levels[found.mask] > 0).mean())
    if max(rising, 1 - rising) < _MARK_SIGN:
        return None
    best, found_side = _MARK_LEAST, None
    for side, drawn, clean in ((Side.SECOND, found.second, found.first), (Side.FIRST, found.first, found.second)):
        opacity = _opacity(drawn, clean, found.mask)
        if opacity is not None and opacity[0] > best and _MARK_OPACITY[0] <= opacity[1] <= _MARK_OPACITY[1]:
            best, found_side = opacity[0], side
    return found_side


def _opacity(drawn: Plane, clean: Plane, mask: NDArray[np.bool_]) -> tuple[float, float] | None:
    """Share of a white or black mark that has its commonest opacity, and that opacity; None where it cannot be told."""
    change, below = (drawn - clean)[mask], clean[mask]
    room = (255 - below) if change.mean() > 0 else -below
    enough = np.abs(room) > _ROOM_LEVELS
    if enough.mean() < _ROOM_LEAST:
        return None
    counts, edges = np.histogram(change[enough] / room[enough], bins=_OPACITY_BINS, range=(0, 1))
    near = np.convolve(counts, np.ones(3), "same")
    return float(near.max() / enough.sum()), float(edges[near.argmax()]) + 0.5 / _OPACITY_BINS
