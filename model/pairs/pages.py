"""Whether two files that blocks take for one picture are two pages of one layout, with other numbers or words in spots.

A mark, a stamp or a line across the letters of a page is no other content: the page's own strokes are still there, or something
with a ground of its own covers them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.content import Content, compare_content, inside_frames
from genloss.model.pairs.content_boxes import find_boxes
from genloss.model.pairs.laying import laying_of
from genloss.model.pairs.overlap import Plane
from genloss.model.pairs.planes import LumaViews
from genloss.model.pairs.registration import Registration
from genloss.model.pairs.spots import Place, Spot, SpotEvidence, compare_spots, is_page

Steps = NDArray[np.float32]  # (2, h, w) gradients across and down, levels a pixel

LEAST_AGREEMENT = 0.6
LEAST_LACKING = 0.4  # share of either picture's strokes in a spot that the other lacks
_NEAR_PX, _BLUR_PX, _WINDOW_PX = 10, 0.8, 5
_COVER_PX, _COVERED_LEVELS, _SOLID_PX = 28, 30.0, 7  # strokes are thinner
_SHIFTS = (-1, 0, 1)  # pixels that few strokes may lie off
_STROKE, _KEPT = 0.3, 0.3  # of the strongest one; of a stroke's strength that is left under something translucent


def compare_pages(first: LumaViews, second: LumaViews, registration: Registration) -> SpotEvidence:
    """What spots of two files say that hold the same as far as blocks tell.

    Args:
        first, second: the files.
        registration: of the first on the second.

    Returns:
        Spot.BOTH only for two pages of one layout.
    """
    evidence = compare_spots(first.stored_luma, second.stored_luma, registration.placement)
    if evidence.spot is not Spot.BOTH or _hold_other_words(evidence, first, second, registration):
        return evidence
    return SpotEvidence()


def _hold_other_words(evidence: SpotEvidence, first: LumaViews, second: LumaViews, registration: Registration) -> bool:
    """Whether nothing was drawn over either page, and neither is a screen that shows a picture, which may be at two times."""
    if not any(_is_replaced(evidence, place) for place in evidence.places):
        return False
    if _holds_a_picture(first) or _holds_a_picture(second):
        return False
    laid = laying_of(first, second, registration)
    return laid is None or compare_content(inside_frames(laid) or laid) in (Content.SAME, Content.PLAIN)


def _holds_a_picture(views: LumaViews) -> bool:
    """Whether something on a page is no page itself."""
    boxes = (views.stored_luma[top:bottom, left:right] for top, left, bottom, right in find_boxes(views.stored_luma))
    return not all(map(is_page, boxes))


def _is_replaced(evidence: SpotEvidence, place: Place) -> bool:
    """Whether each of the two has strokes in a place that the other lacks, and nothing covers what is there."""
    assert evidence.overlap is not None
    planes = evidence.overlap.first, evidence.overlap.second
    return not _is_covered(*_around(planes, place, _COVER_PX)) and _lacking(*_around(planes, place, _NEAR_PX)) >= LEAST_LACKING


def _around(planes: tuple[Plane, Plane], place: Place, margin_px: int) -> tuple[Plane, Plane]:
    """What both have around a place."""
    rows, columns = (slice(max(0, middle - margin_px), middle + margin_px + 1) for middle in place)
    first, second = (np.ascontiguousarray(plane[rows, columns]) for plane in planes)
    return first, second


def _is_covered(first: Plane, second: Plane) -> bool:
    """Whether the two differ in an area without a hole that is wider than strokes, such as a bar or a sticker."""
    differs = (np.abs(first - second) > _COVERED_LEVELS).astype(np.uint8)
    return bool(cv2.erode(differs, np.ones((_SOLID_PX, _SOLID_PX), np.uint8)).any())


def _lacking(first: Plane, second: Plane) -> float:
    """Share of either patch's strokes that the other does not have in any strength, where the two agree least.

    They are laid on each other as they lie best.
    """
    own, other = _steps(first), _steps(second)
    ways = (np.roll(other, (down, across), (1, 2)) for down in _SHIFTS for across in _SHIFTS)
    best = max(ways, key=lambda way: float((own * way).sum()))
    shared, power, other_power = (
        np.maximum(_mean((one * two).sum(axis=0)), 0) for one, two in ((own, best), (own, own), (best, best))
    )
    low = shared < LEAST_AGREEMENT * np.sqrt(power * other_power) + 1e-3
    return min(_share_lacking(own, best, low), _share_lacking(best, own, low))


def _mean(plane: Plane) -> Plane:
    return np.asarray(cv2.boxFilter(plane, -1, (_WINDOW_PX, _WINDOW_PX)), np.float32)


def _steps(patch: Plane) -> Steps:
    """(2, h, w) gradients across and down."""
    soft = cv2.GaussianBlur(patch, (0, 0), _BLUR_PX)
    return np.stack([cv2.Sobel(soft, cv2.CV_32F, x, y, ksize=1, scale=0.5) for x, y in ((1, 0), (0, 1))])


def _share_lacking(own: Steps, other: Steps, where: NDArray[np.bool_]) -> float:
    inner = np.s_[1:-1, 1:-1]  # a shift brings other strokes to the edge
    power, shared = (own * own).sum(axis=0), (own * other).sum(axis=0)
    power = np.where(where & (power > _STROKE**2 * float(power.max())), power, 0.0)[inner]
    return float(power[shared[inner] < _KEPT * power].sum() / max(float(power.sum()), 1e-6))
