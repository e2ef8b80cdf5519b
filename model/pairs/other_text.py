"""Whether two pages differ in a number or word, and not in something that was drawn on one of them.

Another number stands in the same line: its letters begin, end, rise and descend where those of the first do, in the same ink,
and each has ink where the other shows the page. Other words may be longer, but fill their rows in the same way. A stamp, a
line, a mark or a sticker covers ink without showing the page, or does not fit into the line.
benchmarks/accuracy/same_page.py measures both sides.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.content import Content, compare_content, inside_frames
from genloss.model.pairs.laying import Laying, Sides
from genloss.model.pairs.overlap import Plane
from genloss.model.pairs.placement import Placement
from genloss.model.pairs.planes import LumaViews
from genloss.model.pairs.spots import Mask, Spot, Spots, find_spots, is_page

LEAST_INK = 0.8  # of the lighter letters over the darker ones
MOST_OTHER_WAY = 0.025  # of the ink, on the ground's other side: an outline or label in a colour of its own
_ASKED = (Content.SAME, Content.PLAIN, Content.ALTERNATE)  # not where blocks see something drawn
_BLUR_PX, _MARGIN_PX, _GROUND_PX, _NEAR_PX = 0.8, 16, 32, 7  # around a spot: looked at, for the ground's level, and its own
_INK_QUANTILE, _LEAST_LEVELS = 0.97, 4.0
_CHANGED, _LETTER = 0.35, 0.45  # share of the ink: by which a pixel changed, and above which it is of a letter

Part = tuple[slice, slice]


@dataclass(frozen=True)
class _Line:
    """What other letters in a line have in common with those that stand there.

    Attributes:
        changed: least share of each one's ink where the other has less.
        down: how far the letters of both may begin and end apart: in pixels, and in heights of the lower ones.
        across_px: the same across.
        wide: least width in heights.
        alike: least correlation of the ink in each row.
        area: least share of the larger one's letters.
    """

    changed: float
    down: tuple[float, float]
    across_px: float
    wide: float
    alike: float
    area: float


NUMBERS = _Line(changed=0.07, down=(1, 0), across_px=2, wide=0, alike=0.86, area=0.65)
WORDS = _Line(changed=0.25, down=(0, 0.4), across_px=np.inf, wide=4, alike=0.95, area=0.5)


def hold_other_text(first: LumaViews, second: LumaViews, placement: Placement) -> bool:
    """Whether two files hold other lettering in a spot or few, and all else of one page.

    Args:
        first, second: the two.
        placement: of the first on the second.
    """
    found = find_spots(first.stored_luma, second.stored_luma, placement)
    return found is not None and found.side is Spot.BOTH and is_other_text(found)


def can_tell_apart(laid: Laying, sides: tuple[Sides, Sides]) -> bool:
    """Whether other lettering makes two files two pages.

    It does not where one of them shows a picture, since what differs beside it may be the clock of a screen; nor where blocks
    see something drawn on one of them.

    Args:
        laid: the first on the second.
        sides: the two.
    """
    inside = inside_frames(laid)
    return (inside is None or compare_content(inside) in _ASKED) and not any(map(_shows_picture, sides))


def is_other_text(spots: Spots) -> bool:
    """Whether a spot holds other letters in the same line; a mark may be in another one."""
    first, second = (np.asarray(cv2.GaussianBlur(plane, (0, 0), _BLUR_PX), np.float32) for plane in (spots.first, spots.second))
    gain = _contrast_gain(first, second, spots.agreeing)
    return any(_is_lettered(first, second, gain, region) for region in spots.regions)


def _is_lettered(first: Plane, second: Plane, gain: float, region: Mask) -> bool:
    """Whether a spot holds other letters in the same line.

    Args:
        first, second: (H, W) levels, a little blurred.
        gain: from the first's contrast to the second's.
        region: (H, W) strokes of the spot.
    """
    part, around = _part_of(region, _MARGIN_PX), _part_of(region, _GROUND_PX)
    near = cv2.dilate(region[part].astype(np.uint8), np.ones((_NEAR_PX, _NEAR_PX), np.uint8)) > 0
    signed = [plane[part] - np.median(plane[around]) for plane in (first * np.float32(gain), second)]
    if sum(float((levels * np.abs(levels))[near].sum()) for levels in signed) < 0:
        signed = [-levels for levels in signed]
    strengths = [max(_LEAST_LEVELS, float(np.quantile(levels[near], _INK_QUANTILE))) for levels in signed]
    full = max(strengths)
    if min(strengths) < LEAST_INK * full or max(float(-levels[near].min()) for levels in signed) > MOST_OTHER_WAY * full:
        return False
    one, other = (np.clip(levels / full, 0, 1) for levels in signed)
    less = [
        float(np.clip(ink - without, 0, 1)[near].sum()) / max(1e-3, float(ink[near].sum()))
        for ink, without in ((one, other), (other, one))
    ]
    changed = (np.abs(one - other) > _CHANGED) & near
    letters = [_letters_at(ink, changed) for ink in (one, other)]
    if not all(mask.any() for mask in letters) or any(map(_goes_on, letters)):
        return False
    rows_of = [np.where(mask, ink, 0).sum(axis=1) for ink, mask in zip((one, other), letters, strict=True)]
    alike = float(np.corrcoef(*rows_of)[0, 1])
    return any(min(less) >= line.changed and alike >= line.alike and _fit(line, letters) for line in (NUMBERS, WORDS))


def _goes_on(letters: Mask) -> bool:
    """Whether letters may go on beyond what is looked at."""
    return bool(letters[0].any() or letters[-1].any() or letters[:, 0].any() or letters[:, -1].any())


def _fit(line: _Line, letters: list[Mask]) -> bool:
    """Whether letters of both begin and end where they should in one line, and are as many."""
    edges = np.array([[np.flatnonzero(mask.any(axis=axis))[[0, -1]] for axis in (1, 0)] for mask in letters])
    height, width = np.ptp(edges, axis=2).min(axis=0) + 1
    down_px, across_px = np.abs(edges[0] - edges[1]).max(axis=1)
    if down_px > max(line.down[0], line.down[1] * height) or across_px > line.across_px or width < line.wide * height:
        return False
    areas = [int(mask.sum()) for mask in letters]
    return min(areas) >= line.area * max(areas)


def _letters_at(ink: NDArray, changed: Mask) -> Mask:
    """Connected ink that touches what changed."""
    _, numbers = cv2.connectedComponents((ink > _LETTER).astype(np.uint8), connectivity=8)
    touched = np.unique(numbers[cv2.dilate(changed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0])
    letters: Mask = np.isin(numbers, touched[touched > 0])
    return letters


def _part_of(region: Mask, margin_px: int) -> Part:
    """Rows and columns of a region, and some around it."""
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    down, across = (slice(max(0, int(found[0]) - margin_px), int(found[-1]) + margin_px + 1) for found in (rows, columns))
    return down, across


def _contrast_gain(first: Plane, second: Plane, agreeing: Mask) -> float:
    """Factor from the first's contrast to the second's, by strokes that agree."""
    powers = []
    for plane in (first, second):
        steps = np.diff(plane, axis=0)[agreeing[1:]], np.diff(plane, axis=1)[agreeing[:, 1:]]
        powers.append(sum(float(step @ step) for step in steps))
    return float(np.sqrt(powers[1] / powers[0])) if min(powers) > 0 else 1.0


def _shows_picture(side: Sides) -> bool:
    return any(not is_page(side.inside(number).stored_luma) for number in range(len(side.boxes)))
