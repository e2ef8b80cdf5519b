"""Whether two files that blocks take for one picture are two pages of one layout, with other numbers or words in spots.

A mark, a stamp or a line across the letters of a page is no other content: the page's own strokes are still there, or something
with a ground of its own covers them.
"""

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.content import Content, compare_content, inside_frames
from genloss.model.pairs.content_boxes import find_boxes
from genloss.model.pairs.laying import laying_of
from genloss.model.pairs.overlap import Luma, Plane
from genloss.model.pairs.planes import LumaViews
from genloss.model.pairs.registration import Registration
from genloss.model.pairs.spots import Place, Spot, SpotEvidence, compare_spots, is_page

Steps = NDArray[np.float32]  # (2, h, w) gradients across and down, levels a pixel

# Share of the ink of two files in a spot that each has and the other lacks. All of 60 copies with a mark over their letters had
# 0.02 or less, unless it covers the page; all of 81 pairs of pages with another number or word had 0.06 or more.
LEAST_REPLACED = 0.04
_LEAST_AGREEMENT = 0.75  # of strokes; in places that agree more, nothing was replaced
_NEAR_PX, _BLUR_PX, _WINDOW_PX = 24, 0.8, 5  # of what belongs to a place
_COVER_PX, _COVERED_LEVELS, _SOLID_PX = 28, 30.0, 11  # of what covers a page; strokes are thinner
_LEAST_FEW, _NEAR_LEVELS = 0.74, 4  # of 90 pages all but a drawing had 0.75; of 56 photographs on screens 52 had 0.71 or less
_SHIFTS = (-1, 0, 1)  # pixels that few strokes may lie off
_INK, _NO_INK = 0.6, 0.35  # distance from the ground, of that of the strongest strokes


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
    return any(not is_page(box) or _share_of_few_levels(box) < _LEAST_FEW for box in boxes)


def _share_of_few_levels(luma: Luma) -> float:
    """Share of the pixels on the three commonest levels, give or take 4: ground, ink, and what encoders leave around them."""
    levels, found = np.bincount(luma.ravel(), minlength=256), 0
    for _ in range(3):
        near = np.convolve(levels, np.ones(2 * _NEAR_LEVELS + 1, np.intp), "same")
        best = int(near.argmax())
        found += int(near[best])
        levels[max(0, best - _NEAR_LEVELS) : best + _NEAR_LEVELS + 1] = 0
    return found / luma.size


def _is_replaced(evidence: SpotEvidence, place: Place) -> bool:
    """Whether each of the two has strokes in a place that the other lacks, and nothing covers what is there."""
    assert evidence.overlap is not None
    planes = evidence.overlap.first, evidence.overlap.second
    return (
        not _is_covered(*_around(planes, place, _COVER_PX))
        and _share_replaced(*_around(planes, place, _NEAR_PX)) >= LEAST_REPLACED
    )


def _around(planes: tuple[Plane, Plane], place: Place, margin_px: int) -> tuple[Plane, Plane]:
    """What both have around a place."""
    rows, columns = (slice(max(0, middle - margin_px), middle + margin_px + 1) for middle in place)
    first, second = (np.ascontiguousarray(plane[rows, columns]) for plane in planes)
    return first, second


def _is_covered(first: Plane, second: Plane) -> bool:
    """Whether the two differ in an area without a hole that is wider than strokes, such as a bar or a sticker."""
    differs = (np.abs(first - second) > _COVERED_LEVELS).astype(np.uint8)
    return bool(cv2.erode(differs, np.ones((_SOLID_PX, _SOLID_PX), np.uint8)).any())


def _share_replaced(first: Plane, second: Plane) -> float:
    """Share of the ink, in [0, 1], that each of two patches has where the other has none; as they lie best on each other."""
    own, other = _steps(first), _steps(second)
    shift = max(product(_SHIFTS, repeat=2), key=lambda way: float((own * np.roll(other, way, (1, 2))).sum()))
    best = np.roll(other, shift, (1, 2))
    shared, power, other_power = (
        np.maximum(_mean((one * two).sum(axis=0)), 0) for one, two in ((own, best), (own, own), (best, best))
    )
    low = shared < _LEAST_AGREEMENT * np.sqrt(power * other_power) + 1e-3
    ink, other_ink = _ink(first), np.roll(_ink(second), shift, (0, 1))
    lost = [float((low & (one > _INK) & (two < _NO_INK)).sum()) for one, two in ((ink, other_ink), (other_ink, ink))]
    most = max(float((low & (one > _INK)).sum()) for one in (ink, other_ink))
    return min(lost) / max(most, 1.0)


def _ink(patch: Plane) -> Plane:
    """How far each pixel is from the ground, as a share of the farthest ones."""
    apart = np.abs(patch - np.median(patch))
    return np.asarray(apart / max(float(np.quantile(apart, 0.98)), 1.0), np.float32)


def _mean(plane: Plane) -> Plane:
    return np.asarray(cv2.boxFilter(plane, -1, (_WINDOW_PX, _WINDOW_PX)), np.float32)


def _steps(patch: Plane) -> Steps:
    """(2, h, w) gradients across and down."""
    soft = cv2.GaussianBlur(patch, (0, 0), _BLUR_PX)
    return np.stack([cv2.Sobel(soft, cv2.CV_32F, x, y, ksize=1, scale=0.5) for x, y in ((1, 0), (0, 1))])
