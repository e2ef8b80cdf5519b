"""Whether two pages differ in one spot, such as a number: too little for blocks, but more than saving and scaling do there.

Strokes of lettering keep their shape in every encoding, more or less, and about as well in one place as in another. So the
worst place is compared with all others: a spot in which strokes differ stands out, bad encoding does not.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.overlap import Edges, Luma, Overlap, Plane, at_full_size, cut_overlap, shrunk
from genloss.model.pairs.placement import Placement

LEAST_GROUND = 0.4  # share of a page on its commonest level, give or take _GROUND_LEVELS
# Strokes of a spot agree less than this, in [-1, 1], and so many times worse than in the worst place elsewhere: honest copies
# have up to 1.4 times.
RULES = ((0.6, 3.0), (0.75, 4.0))
LEAST_ELSEWHERE = 0.85  # agreement of the worst place elsewhere: where coarse encoding has moved strokes, nothing is said
MOST_SPOTS = 0.25  # share of all strokes; more is no spot
_GROUND_LEVELS, _SAMPLED_PX = 6, 400
_WINDOW_PX, _BLUR_PX, _FLOOR_LEVELS = 9, 0.8, 1.5
_EDGE_PX = 14  # along the edges of the overlap, where a frame may shine in
_STROKE, _STRONG, _LEAST_STROKES_PX = 2.0, 0.35, 200  # levels a pixel; share of the strong ones that counts
_AROUND_PX, _MOVE_PX = 31, 8  # that belong to a spot, and by which it may be laid off
_PLACE_PX, _NEAR_PX = 28, 10  # half a side of what is laid anew around the worst place of a spot, and of what has to agree then
_MOST_SPOTS = 12
_LEAST_WORSE = 0.01  # disagreement elsewhere, below which it is not told from none
_FRACTIONS = (-0.5, -0.25, 0.0, 0.25, 0.5)  # of a pixel
_WEAK = 0.35  # strength over the other's below which a picture has no strokes in a spot

Mask = NDArray[np.bool_]
Place = tuple[int, int]  # down and across


class Spot(StrEnum):
    """Which picture has strokes where the two differ."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"  # other ones


@dataclass(frozen=True)
class SpotEvidence:
    """What strokes in the worst places of two pictures say.

    Attributes:
        spot: what differs in a spot or few where all else agrees better; None if nothing does, and for pictures that are no
            pages.
        times_worse: how many times worse strokes agree in the worst place than elsewhere, at least 1. It may be high without
            a spot, where coarse encoding may be the reason.
        places: the worst place of each spot, in planes of `overlap`.
        overlap: what was compared; None for pictures that are no pages.
    """

    spot: Spot | None = None
    times_worse: float = 1.0
    places: tuple[Place, ...] = ()
    overlap: Overlap | None = None


def find_spot(first: Luma, second: Luma, placement: Placement, within: Edges | None = None) -> Spot | None:
    """The spot of compare_spots."""
    return compare_spots(first, second, placement, within).spot


def compare_spots(first: Luma, second: Luma, placement: Placement, within: Edges | None = None) -> SpotEvidence:
    """Looks for spots in which two pages differ.

    Args:
        first, second: (H, W).
        placement: of the first on the second.
        within: part of the second that is looked at; all that the first covers by default. Only for pictures of at most
            LONGEST_PX.
    """
    if not is_page(first) or not is_page(second):
        return SpotEvidence()
    small = shrunk(first), shrunk(second)
    on_small = at_full_size(placement, _size(small[0]), _size(small[1]))
    overlap = cut_overlap(*small, on_small, within, most_px=None)
    if min(overlap.first.shape) < 4 * _EDGE_PX:
        return SpotEvidence()
    agreement, strengths = _compare_strokes(overlap.first, overlap.second)
    strokes = _find_strokes(np.maximum(*strengths))
    if int(strokes.sum()) < _LEAST_STROKES_PX:
        return SpotEvidence()
    most_times_worse = 1.0
    for least_agreement, times_worse in RULES:
        low = _find_low(agreement, strokes, least_agreement)
        if low is None:
            continue
        most_times_worse = max(most_times_worse, low.times_worse)
        found = _find_outstanding(overlap, agreement, strokes, low, min(least_agreement, 1 - times_worse * (1 - low.elsewhere)))
        if found:
            sides = {_stronger(*(float(strength[_near(place)].mean()) for strength in strengths)) for place in found}
            return SpotEvidence(sides.pop() if len(sides) == 1 else Spot.BOTH, most_times_worse, tuple(found), overlap)
    return SpotEvidence(None, most_times_worse, (), overlap)


@dataclass(frozen=True)
class _Low:
    """Strokes that agree little.

    Attributes:
        mask: where they are.
        around: (H, W) uint8, 1 where they or strokes close to them are.
        worst, elsewhere: agreement of the worst place, and of the worst one that is not close to any of them.
    """

    mask: Mask
    around: Luma
    worst: float
    elsewhere: float

    @property
    def times_worse(self) -> float:
        return (1 - self.worst) / max(1 - self.elsewhere, _LEAST_WORSE)


def _find_low(agreement: Plane, strokes: Mask, least_agreement: float) -> _Low | None:
    """Strokes that agree less; None where there are none, or where they are many."""
    low = strokes & (agreement < least_agreement)
    if not low.any():
        return None
    around = cv2.dilate(low.astype(np.uint8), np.ones((_AROUND_PX, _AROUND_PX), np.uint8))
    elsewhere = agreement[strokes & (around == 0)]
    if len(elsewhere) < (1 - MOST_SPOTS) * int(strokes.sum()):
        return None
    return _Low(low, np.asarray(around, np.uint8), float(agreement[low].min()), float(elsewhere.min()))


def _find_outstanding(overlap: Overlap, agreement: Plane, strokes: Mask, low: _Low, most: float) -> list[Place]:
    """The worst place of each spot that agrees less than `most`, also where it is laid anew; none if they are many."""
    if low.elsewhere < LEAST_ELSEWHERE or low.worst > most:
        return []
    n_spots, spots = cv2.connectedComponents(low.around, connectivity=8)
    if n_spots > _MOST_SPOTS:
        return []
    found = []
    for spot in range(1, n_spots):
        down, across = np.unravel_index(int(np.where(low.mask & (spots == spot), agreement, 2.0).argmin()), agreement.shape)
        if _differs_in_place(overlap, strokes, (int(down), int(across)), most):
            found.append((int(down), int(across)))
    return found


def _near(place: Place) -> tuple[slice, slice]:
    rows, columns = (slice(max(0, middle - _NEAR_PX), middle + _NEAR_PX + 1) for middle in place)
    return rows, columns


def _stronger(first: float, second: float) -> Spot:
    if min(first, second) >= _WEAK * max(first, second):
        return Spot.BOTH
    return Spot.FIRST if first > second else Spot.SECOND


def _differs_in_place(overlap: Overlap, strokes: Mask, place: Place, most: float) -> bool:
    """Whether the strokes of a place agree no better if it is laid anew: few strokes may be laid a little off."""
    (top, bottom), (left, right) = (
        (max(middle - _PLACE_PX, _EDGE_PX), min(middle + _PLACE_PX, length - _EDGE_PX))
        for middle, length in zip(place, strokes.shape, strict=True)
    )
    height, width = bottom - top, right - left
    if min(height, width) < _PLACE_PX:
        return False
    patch = overlap.first[top:bottom, left:right]
    there = overlap.second[top - _MOVE_PX : bottom + _MOVE_PX, left - _MOVE_PX : right + _MOVE_PX]
    soft_there, soft_patch = (cv2.GaussianBlur(plane, (0, 0), _BLUR_PX) for plane in (there, patch))
    likeness = cv2.matchTemplate(soft_there, soft_patch, cv2.TM_CCOEFF_NORMED)
    down, across = (float(found) for found in np.unravel_index(int(likeness.argmax()), likeness.shape))
    near = _near((place[0] - top, place[1] - left))
    own = np.zeros((height, width), bool)
    own[near] = strokes[top:bottom, left:right][near]
    for part_down, part_across in product(_FRACTIONS, repeat=2):
        middle = across + part_across + (width - 1) / 2, down + part_down + (height - 1) / 2
        agreement, _ = _compare_strokes(patch, np.asarray(cv2.getRectSubPix(there, (width, height), middle), np.float32))
        if float(agreement[own].min(initial=1.0)) > most:
            return False
    return True


def is_page(luma: Luma) -> bool:
    """Whether much of a picture lies on one level, as of a page, a screen or a slide."""
    every = max(1, max(luma.shape) // _SAMPLED_PX)
    levels = cv2.calcHist([np.ascontiguousarray(luma[::every, ::every])], [0], None, [256], [0, 256]).ravel()
    near = np.convolve(levels, np.ones(2 * _GROUND_LEVELS + 1), "same")
    return float(near.max()) >= LEAST_GROUND * float(levels.sum())


def _compare_strokes(first: Plane, second: Plane) -> tuple[Plane, tuple[Plane, Plane]]:
    """Agreement of the gradients in a window around each pixel, in [-1, 1], and their strength in both, in levels a pixel."""
    steps = []
    for plane in (first, second):
        soft = cv2.GaussianBlur(plane, (0, 0), _BLUR_PX)
        steps.append([cv2.Sobel(soft, cv2.CV_32F, x, y, ksize=1, scale=0.5) for x, y in ((1, 0), (0, 1))])
    (across, down), (other_across, other_down) = steps
    power, other_power = (np.asarray(np.maximum(_mean(x * x + y * y), 0), np.float32) for x, y in steps)
    shared = _mean(across * other_across + down * other_down)
    agreement = shared / np.sqrt((power + _FLOOR_LEVELS**2) * (other_power + _FLOOR_LEVELS**2))
    return np.asarray(agreement, np.float32), (np.sqrt(power), np.sqrt(other_power))


def _find_strokes(strength: Plane) -> Mask:
    """Where either picture has strokes, not at the edges."""
    strong = strength[strength > _STROKE]
    least = _STRONG * float(np.quantile(strong, 0.8)) if len(strong) else np.inf
    strokes: Mask = strength > max(least, _STROKE)
    strokes[:_EDGE_PX] = strokes[-_EDGE_PX:] = strokes[:, :_EDGE_PX] = strokes[:, -_EDGE_PX:] = False
    return strokes


def _mean(plane: Plane) -> Plane:
    return np.asarray(cv2.boxFilter(plane, -1, (_WINDOW_PX, _WINDOW_PX)), np.float32)


def _size(luma: Luma) -> tuple[int, int]:
    return luma.shape[0], luma.shape[1]
