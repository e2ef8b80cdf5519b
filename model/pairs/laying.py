"""Ways to lay two pictures on each other beyond plain registration: by what is inside frames, or a little turned."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from genloss.model.pairs.block_evidence import BLOCK_PX, compare_blocks
from genloss.model.pairs.content_boxes import find_boxes
from genloss.model.pairs.grounds import WHITE, lay_on
from genloss.model.pairs.hues import Hues
from genloss.model.pairs.laid import Laying as Laying
from genloss.model.pairs.laid import best_of, simplest
from genloss.model.pairs.matching import Match, remembering
from genloss.model.pairs.overlap import Luma, cut_overlap, shrunk
from genloss.model.pairs.picture_hash import HASH_BYTES, STRANGE_BITS, Hashes, count_different_bits, hash_boxes
from genloss.model.pairs.placement import N_TURNS, Placement, turn_plane, turned_size, whole_frame
from genloss.model.pairs.planes import LumaViews, correlation
from genloss.model.pairs.registration import Registration, register
from genloss.model.pairs.strong_features import may_share_part

Box = tuple[int, int, int, int]  # top, left, bottom and right edge
BoxPlacement = tuple[Box, Box, Registration]
Register = Callable[[LumaViews, LumaViews, Match], Registration | None]

EDGE_PX = 2  # of the compared planes, along edges of the overlap
GOOD_ALIKE, GOOD_DIFFER = 0.97, 0.01  # no other way is tried
_POOR_ALIKE = 0.5  # below, the unlikely ways are tried
_STRANGE_SQUARES = 0.25  # likeness of squeezed squares in any turn, below which features have to say more
_SAME_ASPECT = 0.03
_TURN_DEGREES = (0.15, 8.0)
_LEAST_MATCHES = 12


class Sides:
    """One picture in the form that laying needs; made once, used for many pairs.

    Args:
        picture: (H, W) luma of the file as stored, or views of it, which are used again unless it has to be shrunk.
        alpha: (H, W) of a transparent picture, whose luma lies over white; None for others.
        hues: its colours; None if they are not to be compared.
        orientation: EXIF orientation, by which people see the picture; it is not aligned by it.
    """

    def __init__(
        self, picture: Luma | LumaViews, alpha: Luma | None = None, hues: Hues | None = None, orientation: int = 1
    ) -> None:
        views = picture if isinstance(picture, LumaViews) else LumaViews(picture)
        small = shrunk(views.stored_luma)
        self.full_size = views.size
        self.alpha = None if alpha is None else shrunk(alpha)
        self.hues = hues
        self.orientation = orientation
        self.views = views if small is views.stored_luma else LumaViews(small)
        self.boxes = find_boxes(self.views.stored_luma)
        self.hashes = hash_boxes(self.views.stored_luma, self.boxes)
        self._inside: dict[int, LumaViews] = {}

    def on(self, level: int) -> "Sides":
        """A transparent picture on a ground of this level, in [0, 255]."""
        if self.alpha is None or level == WHITE:
            return self
        laid = Sides(lay_on(self.views.stored_luma, self.alpha, level), self.alpha, self.hues, self.orientation)
        laid.full_size = self.full_size
        return laid

    def inside(self, number: int) -> LumaViews:
        """The content of a box."""
        if number not in self._inside:
            top, left, bottom, right = self.boxes[number]
            self._inside[number] = LumaViews(np.ascontiguousarray(self.views.stored_luma[top:bottom, left:right]))
        return self._inside[number]


class BoxPlacements:
    """What place_boxes yields for two pictures, each registered when it is first asked for, and once."""

    def __init__(self, first: Sides, second: Sides) -> None:
        self._known: list[BoxPlacement] = []
        self._others = place_boxes(first, second)

    def __iter__(self) -> "Iterator[BoxPlacement]":
        yield from self._known
        for found in self._others:
            self._known.append(found)
            yield found


def lay(
    first: Sides, second: Sides, register_wholes: Register = register, placements: BoxPlacements | None = None
) -> Laying | None:
    """The way in which most of the two agrees, the simplest if several are equally good; None where no way is plausible.

    Args:
        first, second: the pictures.
        register_wholes: lays the views of both on each other; another one than register may know it already.
        placements: of the boxes of both, where the caller needs them, too.
    """
    seen: list[Laying] = []
    boxes_agree = cache(lambda: _do_boxes_agree(first, second))
    if not _may_wholes_agree(first, second) and not boxes_agree():
        return None
    for found in filter(None, _ways(first, second, register_wholes, placements or BoxPlacements(first, second))):
        seen.append(found)
        if found is best_of(seen) and found.blocks.alike > GOOD_ALIKE and found.blocks.differ < GOOD_DIFFER:
            return simplest(seen)
    if (not seen or best_of(seen).blocks.alike < _POOR_ALIKE) and boxes_agree():  # cropped, then framed: it has another hash
        seen += filter(None, _by_boxes(first, second, likely=False))
    return simplest(seen) if seen else None


def laying_of(first: LumaViews, second: LumaViews, registration: Registration) -> Laying | None:
    """What a registration found already gives; None where the two hardly overlap."""
    return _laid(first, second, registration.placement, registration.likeness)


def _ways(first: Sides, second: Sides, register_wholes: Register, placements: BoxPlacements) -> Iterator[Laying | None]:
    match = remembering()
    registered = register_wholes(first.views, second.views, match)
    if registered is not None:
        yield laying_of(first.views, second.views, registered)
    for turn in range(N_TURNS):
        height, width = turned_size(first.views.size, turn)
        aspect = width / height * second.views.size[0] / second.views.size[1]
        if abs(aspect - 1) < _SAME_ASPECT and (turn == 0 or _same_square(first.views, second.views, turn)):
            yield _laid(first.views, second.views, whole_frame(first.views.size, second.views.size, turn), 0.0)
    yield from _by_boxes(first, second, likely=True)
    for _, _, found in placements:  # by what is inside frames of both: a framed copy on a screenshot
        yield _laid(first.views, second.views, found.placement, found.likeness)
    degrees = _turn_between(first.views, second.views, match)
    if degrees is not None:
        yield _turned(first.views, second.views, degrees)


def _by_boxes(first: Sides, second: Sides, likely: bool) -> Iterator[Laying | None]:
    """By what is inside frames of either, where hashes say that it may be the other picture, or where they do not."""
    for number, box in enumerate(second.boxes):
        if _may_be_alike(first.hashes[:1], second.hashes[number + 1]) is likely:
            found = register(first.views, second.inside(number))
            if found is not None:
                yield _laid(first.views, second.views, _moved(found.placement, box, second.views.size), found.likeness)
    for number, box in enumerate(first.boxes):
        if _may_be_alike(second.hashes, first.hashes[number + 1]) is likely:
            found = register(second.views, first.inside(number))
            if found is not None:
                moved = _moved(found.placement, box, first.views.size)
                yield _laid(first.views, second.views, moved.inverse, found.likeness)


def _may_wholes_agree(first: Sides, second: Sides) -> bool:
    """Whether anything says that two screenshots, or other pictures inside something, may be related; True for others."""
    if not first.boxes or not second.boxes or _may_be_alike(first.hashes, second.hashes):
        return True
    one, other = first.views, second.views
    likeness = max(correlation(turn_plane(one.square, turn), other.square) for turn in range(N_TURNS))
    return likeness > _STRANGE_SQUARES or may_share_part(one, other)


def _do_boxes_agree(first: Sides, second: Sides) -> bool:
    """Whether features inside frames of either agree with the other picture."""
    return any(
        may_share_part(whole.views, framed.inside(number), box[:2], framed.views)
        for whole, framed in ((first, second), (second, first)) for number, box in enumerate(framed.boxes)
    )  # fmt: skip


def place_boxes(first: Sides, second: Sides) -> Iterator[BoxPlacement]:
    """Boxes of both whose hashes say that the same may be inside, and how the wholes lie if the insides lie on each other."""
    for number, box in enumerate(first.boxes):
        for other, other_box in enumerate(second.boxes):
            if not _may_be_alike(first.hashes[number + 1 : number + 2], second.hashes[other + 1]):
                continue
            found = register(first.inside(number), second.inside(other))
            if found is not None:
                inner = _moved(found.placement, other_box, second.views.size)
                yield box, other_box, replace(found, placement=_moved(inner.inverse, box, first.views.size).inverse)


def _laid(first: LumaViews, second: LumaViews, placement: Placement, likeness: float) -> Laying | None:
    top, left, bottom, right = placement.covered
    if min(bottom - top, right - left) < 2 * BLOCK_PX:
        return None
    overlap = cut_overlap(first.stored_luma, second.stored_luma, placement).inner(EDGE_PX)
    if min(overlap.first.shape) < 2 * BLOCK_PX:
        return None
    return Laying(placement, overlap, compare_blocks(overlap.first, overlap.second), likeness)


def _moved(placement: Placement, box: Box, size: tuple[int, int]) -> Placement:
    """A placement on a box as one on the whole picture."""
    return replace(placement, target=size, shift_y_px=placement.shift_y_px + box[0], shift_x_px=placement.shift_x_px + box[1])


def _may_be_alike(hashes: Hashes, others: Hashes) -> bool:
    """Whether hashes of two pictures are nearer, in any turn, than those of strangers."""
    return bool((count_different_bits(hashes, others.reshape(-1, HASH_BYTES)) < STRANGE_BITS).any())


def _same_square(first: LumaViews, second: LumaViews, turn: int) -> bool:
    return correlation(turn_plane(first.square, turn), second.square) > 0.3


def _turn_between(first: LumaViews, second: LumaViews, match: Match) -> float | None:
    """Degrees by which the second is turned against the first, where that is little and not nothing."""
    source, target = match(first.keypoints, second.keypoints)
    if len(source) < _LEAST_MATCHES:
        return None
    cv2.setRNGSeed(0)
    matrix, inliers = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=3.0)
    if matrix is None or int(inliers.sum()) < _LEAST_MATCHES:
        return None
    degrees = float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])))
    return degrees if _TURN_DEGREES[0] < abs(degrees) < _TURN_DEGREES[1] else None


def _turned(first: LumaViews, second: LumaViews, degrees: float) -> Laying | None:
    height, width = first.size
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -degrees, 1.0)
    levels = cv2.warpAffine(first.stored_luma, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    turned = LumaViews(np.asarray(levels, np.uint8))
    found = register(turned, second)
    laid = None if found is None else _laid(turned, second, found.placement, found.likeness)
    return None if laid is None else replace(laid, turned_degrees=degrees)
