"""One picture inside frames, screens or pages of two kinds: only what is inside both is compared.

Screenshots of two programs share nothing but the picture, so most of their overlap disagrees. What is inside has to agree
everywhere, and what is around it has to be no picture in both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.block_evidence import BLOCK_PX, compare_blocks
from genloss.model.pairs.content import Content, compare_content
from genloss.model.pairs.laying import EDGE_PX, Box, BoxPlacements, Laying, Sides
from genloss.model.pairs.overlap import Edges, Overlap, at_full_size, cut_overlap
from genloss.model.pairs.placement import inverse_turn, turn_matrix, turn_plane, whole_frame
from genloss.model.pairs.registration import Registration
from genloss.model.pairs.spots import Spot, find_spot
from genloss.model.pairs.surroundings import Around, name_surroundings

LEAST_INSIDE = 0.12  # share of both files that the picture fills
LEAST_LIKENESS = 0.6  # of the gradients inside
LEAST_KEPT, LEAST_SHARED, WHOLE = 0.5, 0.7, 0.9  # shares of a crop, of two crops, and of a picture that is not cropped
_SAME_PLACE = 0.03  # of the sides: two files whose surroundings lie on each other have one frame, which is compared elsewhere


@dataclass(frozen=True)
class InFrames:
    """A picture that two files show in surroundings of their own.

    Attributes:
        laying: of the first on the second; its overlap is the picture without what is around.
        content: SAME, or that one of the two carries lettering, a mark or a sticker.
        arounds: what the first and the second have around it: PICTURE where one shows more of it than the other.
        shares: of the area of both files that the shared part fills, in [0, 1].
    """

    laying: Laying
    content: Content
    arounds: tuple[Around, Around]
    shares: tuple[float, float]


def register_in_frames(first: Sides, second: Sides) -> Registration | None:
    """How the first lies on the second, at full size, where both show one picture in surroundings of their own; else None."""
    found = find_in_frames(first, second)
    if found is None:
        return None
    return Registration(at_full_size(found.laying.placement, first.full_size, second.full_size), found.laying.likeness)


@dataclass(frozen=True)
class _Way:
    laying: Laying
    boxes: tuple[Edges, Edges]  # in both wholes of the overlap


def find_in_frames(first: Sides, second: Sides, placements: BoxPlacements | None = None) -> InFrames | None:
    """The largest picture that both show inside frames, screens or pages that do not lie on each other.

    Args:
        first, second: the files.
        placements: of the boxes of both, where lay has asked for them already.
    """
    found = [
        picture
        for way in _ways(first, second, placements or BoxPlacements(first, second))
        if (picture := _accepted(way)) is not None
    ]
    return max(found, key=lambda picture: min(picture.shares), default=None)


def _ways(first: Sides, second: Sides, placements: BoxPlacements) -> Iterator[_Way]:
    for box, other_box, found in placements:
        if found.likeness < LEAST_LIKENESS:
            continue
        laid = _inside(first, second, found, (box, other_box))
        if laid is not None:
            yield _Way(laid, (_moved(box, turn_matrix(first.views.size, found.placement.turn)), other_box))


def _inside(first: Sides, second: Sides, registration: Registration, boxes: tuple[Box, Box]) -> Laying | None:
    """The two where both boxes overlap; None where that is too small, or where the files as wholes lie on each other."""
    placement = registration.placement
    whole = whole_frame(first.views.size, second.views.size, placement.turn)
    moved = np.abs(placement.corners - whole.corners).reshape(2, 2) / second.views.size
    if moved.max() < _SAME_PLACE:
        return None
    within = _common(_moved(boxes[0], placement.matrix), boxes[1])
    if min(within[2] - within[0], within[3] - within[1]) < 2 * BLOCK_PX:
        return None
    overlap = cut_overlap(first.views.stored_luma, second.views.stored_luma, placement, within).inner(EDGE_PX)
    if min(overlap.first.shape) < 2 * BLOCK_PX:
        return None
    return Laying(placement, overlap, compare_blocks(overlap.first, overlap.second), registration.likeness)


def _accepted(way: _Way) -> InFrames | None:
    content = compare_content(way.laying)
    if content not in (Content.SAME, Content.OVER_FIRST, Content.OVER_SECOND):
        return None
    overlap, placement = way.laying.overlap, way.laying.placement
    if content is Content.SAME:
        first_luma = turn_plane(overlap.wholes[0], inverse_turn(placement.turn))
        if find_spot(first_luma, overlap.wholes[1], placement, overlap.covered[1]) is Spot.BOTH:
            return None
    arounds = _name_both(overlap)
    if Around.PICTURE in arounds:  # one of the two shows more of it
        arounds = [
            around if around is not Around.PICTURE else by_box
            for around, by_box in zip(arounds, _name_both(replace(overlap, covered=way.boxes)), strict=True)
        ]
    kept = [_area(edges) / _area(box) for edges, box in zip(overlap.covered, way.boxes, strict=True)]
    if Around.PICTURE in arounds or min(kept) < (LEAST_SHARED if max(kept) < WHOLE else LEAST_KEPT):
        return None
    shares = [_area(edges) / whole.size for edges, whole in zip(overlap.covered, overlap.wholes, strict=True)]
    if min(shares) < LEAST_INSIDE:
        return None
    around_first, around_second = (Around.PICTURE if share < WHOLE else around for share, around in zip(kept, arounds))
    return InFrames(way.laying, content, (around_first, around_second), (shares[0], shares[1]))


def _name_both(overlap: Overlap) -> list[Around]:
    return [name_surroundings(overlap.outside_first), name_surroundings(overlap.outside_second)]


def _moved(box: Box, matrix: NDArray[np.float64]) -> Edges:
    """A box where a (3, 3) matrix of x and y takes it."""
    corners = matrix @ np.array([[box[1], box[3]], [box[0], box[2]], [1, 1]], float)
    (left, right), (top, bottom) = np.sort(corners[:2], axis=1)
    return float(top), float(left), float(bottom), float(right)


def _common(first: Edges, second: Edges) -> Edges:
    return max(first[0], second[0]), max(first[1], second[1]), min(first[2], second[2]), min(first[3], second[3])


def _area(edges: Edges) -> float:
    return (edges[2] - edges[0]) * (edges[3] - edges[1])
