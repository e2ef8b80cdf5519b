"""Finds the relation of two pictures: versions, alternates, a part and its whole, or none."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from genloss.archive.plan import Relation
from genloss.model.pairs.content import Content, compare_content, inside_frames
from genloss.model.pairs.grounds import find_ground, own_ground
from genloss.model.pairs.hues import have_other_hues
from genloss.model.pairs.laying import BoxPlacements, Laying, Sides, lay
from genloss.model.pairs.orientation import as_seen
from genloss.model.pairs.overlap import Edges, Luma, Outside, at_full_size
from genloss.model.pairs.placement import Placement, inverse_turn, turn_plane, whole_frame
from genloss.model.pairs.spots import Spot, find_spot
from genloss.model.pairs.surroundings import Around, name_surroundings
from genloss.model.pairs.tones import have_other_colours, have_other_levels
from genloss.model.pairs.two_frames import find_in_frames

VERIFY_VERSION = 13  # of the rules in this file; relations of other versions are found again
LEAST_KEPT = 0.5  # share of the wider picture that a crop must show to be a version
LEAST_SHARED = 0.7  # share of both pictures, if each shows something that the other lacks
# At the edge of a crop, where the wider picture goes on: 119 crops had 1.8 or less, parts of collages mostly more.
MOST_SEAM = 2.5
LEAST_DRAWN, LEAST_FRAME = 0.05, 0.5  # share of what a transparent picture has around: a shadow has less, a frame more
LEAST_FLATTENED = 0.8  # share of a flattened copy above which it has a margin, and no screen around it
LEAST_SPREAD, MOST_ROUNDING = 8.0, 2  # levels: of a small picture, and between equal ones
LEAST_ON_SCREEN = 0.08  # share of a screen that a version must fill; smaller pictures are icons
_CONTENT_OF_SPOT = {Spot.BOTH: Content.ALTERNATE, Spot.FIRST: Content.OVER_FIRST, Spot.SECOND: Content.OVER_SECOND}


class Kind(StrEnum):
    """Relation of the first picture to the second; PLAIN: the shared part shows too little to tell."""

    VERSION = "version"
    ALTERNATE = "alternate"
    PART_OF = "part_of"
    CONTAINS = "contains"
    PLAIN = "plain"
    NONE = "none"


RELATIONS = {
    Kind.VERSION: Relation.VERSION, Kind.ALTERNATE: Relation.ALTERNATE, Kind.PART_OF: Relation.PART_OF,
    Kind.CONTAINS: Relation.CONTAINS,
}  # fmt: skip


@dataclass(frozen=True)
class PairRelation:
    """Relation of two pictures.

    Attributes:
        kind: relation of the first to the second.
        placement: of the first on the second, at full size; None if they were not aligned.
        around_first, around_second: surroundings of each picture, which the other lacks.
        overlaid_first, overlaid_second: whether the picture has lettering, a mark or a sticker that the other lacks.
        shared_first, shared_second: share of the picture's area that the other shows, in [0, 1].
        turned_degrees: angle by which the first was turned before the alignment, besides quarter turns.
        flattened_first, flattened_second: whether the picture is opaque and has one colour where the other is transparent.
        seen_turn: turn of Placement by which the first lies on the second, as people see both by their EXIF orientations.
        recoloured: whether the two have other colours in the same places.
        toned: whether their tones differ nearly everywhere, recoloured or not.
    """

    kind: Kind
    placement: Placement | None = None
    around_first: Around = Around.NOTHING
    around_second: Around = Around.NOTHING
    overlaid_first: bool = False
    overlaid_second: bool = False
    shared_first: float = 0.0
    shared_second: float = 0.0
    turned_degrees: float = 0.0
    flattened_first: bool = False
    flattened_second: bool = False
    seen_turn: int = 0
    recoloured: bool = False
    toned: bool = False

    @property
    def swapped(self) -> "PairRelation":
        """The relation of the second picture to the first."""
        kind = {Kind.PART_OF: Kind.CONTAINS, Kind.CONTAINS: Kind.PART_OF}.get(self.kind, self.kind)
        return PairRelation(
            kind, None if self.placement is None else self.placement.inverse, self.around_second, self.around_first,
            self.overlaid_second, self.overlaid_first, self.shared_second, self.shared_first, -self.turned_degrees,
            self.flattened_second, self.flattened_first, inverse_turn(self.seen_turn), self.recoloured,
            self.toned,
        )  # fmt: skip


def relate(first: Sides, second: Sides) -> PairRelation:
    """Aligns two pictures and finds their relation. A transparent one is first laid on the ground that the other one has."""
    laid, flattened = _on_one_ground(first, second)
    found = _relate(*laid, flattened)
    if found.kind is Kind.PLAIN and any(flattened) and _are_equal(*laid):  # of a small icon, blocks tell too little
        found = PairRelation(Kind.VERSION, whole_frame(first.full_size, second.full_size), shared_first=1.0, shared_second=1.0)
    recoloured, toned = False, found.toned
    if first.hues is not None and second.hues is not None and found.placement is not None and not found.turned_degrees:
        recoloured = have_other_hues(first.hues, second.hues, found.placement)
        toned = toned or have_other_colours(first.hues, second.hues, found.placement)
    turn = 0 if found.placement is None else as_seen(found.placement, first.orientation, second.orientation).turn
    return replace(
        found, flattened_first=flattened[0], flattened_second=flattened[1], seen_turn=turn, recoloured=recoloured, toned=toned
    )  # fmt: skip


def _are_equal(first: Sides, second: Sides) -> bool:
    """Whether two pictures of one size, which show something, are equal but for rounding."""
    one, other = first.views.stored_luma.astype(np.int16), second.views.stored_luma.astype(np.int16)
    return one.shape == other.shape and float(one.std()) > LEAST_SPREAD and int(np.abs(one - other).max()) <= MOST_ROUNDING


def _on_one_ground(first: Sides, second: Sides) -> tuple[tuple[Sides, Sides], tuple[bool, bool]]:
    """Both pictures on one ground, and which of them is the other one with a ground."""
    if first.alpha is not None and second.alpha is not None:
        level = min(own_ground(one.views.stored_luma, one.alpha) for one in (first, second))
        return (first.on(level), second.on(level)), (False, False)
    clear, other = (first, second) if second.alpha is None else (second, first)
    ground = None if clear.alpha is None else find_ground(clear.alpha, other.views.stored_luma[..., None])
    if ground is None:
        return (first, second), (False, False)
    laid = clear.on(int(ground[0]))
    return ((laid, second), (False, True)) if clear is first else ((first, laid), (True, False))


def _relate(first: Sides, second: Sides, flattened: tuple[bool, bool]) -> PairRelation:
    placements = BoxPlacements(first, second)
    relation = _relate_wholes(first, second, placements, flattened)
    if relation.kind in (Kind.VERSION, Kind.PLAIN) or not first.boxes or not second.boxes:
        return relation
    return _relate_framed(first, second, placements) or relation


def _relate_framed(first: Sides, second: Sides, placements: BoxPlacements) -> PairRelation | None:
    """The relation of two files that show one picture in surroundings of their own; None for others."""
    found = find_in_frames(first, second, placements)
    if found is None:
        return None
    placement = at_full_size(found.laying.placement, first.full_size, second.full_size)
    overlaid = found.content is Content.OVER_FIRST, found.content is Content.OVER_SECOND
    around_first, around_second = (
        Around.NOTHING if side.alpha is not None and around is not Around.PICTURE else around  # a clear margin
        for side, around in zip((first, second), found.arounds, strict=True)
    )
    toned = have_other_levels(found.laying.overlap)
    return PairRelation(Kind.VERSION, placement, around_first, around_second, *overlaid, *found.shares, toned=toned)


def _relate_wholes(first: Sides, second: Sides, placements: BoxPlacements, flattened: tuple[bool, bool]) -> PairRelation:
    laid = lay(first, second, placements=placements)
    if laid is None:
        return PairRelation(Kind.NONE)
    inside = inside_frames(laid)
    content = Content.PLAIN if inside is None else compare_content(inside)
    if content in (Content.SAME, Content.PLAIN) and not laid.turned_degrees:
        spot = find_spot(first.views.stored_luma, second.views.stored_luma, laid.placement)
        if spot is Spot.BOTH or (spot is not None and content is Content.SAME):  # of a nearly empty page little is known
            content = _CONTENT_OF_SPOT[spot]
    if content in (Content.PLAIN, Content.OTHER):
        return PairRelation(Kind.PLAIN if content is Content.PLAIN else Kind.NONE)
    overlap, placement = laid.overlap, laid.placement
    alphas = None if first.alpha is None else turn_plane(first.alpha, placement.turn), second.alpha
    arounds = (
        _name_around(overlap.outside_first, overlap.covered[0], alphas[0], flattened[0] and placement.inverse.coverage),
        _name_around(overlap.outside_second, overlap.covered[1], alphas[1], flattened[1] and placement.coverage),
    )
    kind = Kind.ALTERNATE if content is Content.ALTERNATE else _by_geometry(laid, arounds)
    overlaid = content is Content.OVER_FIRST, content is Content.OVER_SECOND
    placement = at_full_size(laid.placement, first.full_size, second.full_size)
    return PairRelation(
        kind, placement, *arounds, *overlaid, placement.inverse.coverage, placement.coverage, laid.turned_degrees,
        toned=have_other_levels(overlap),
    )  # fmt: skip


def _name_around(outside: Outside, covered: Edges, alpha: Luma | None, shared_flattened: float) -> Around:
    """What a picture has around the shared part; of a transparent one and its flattened copy, only what is drawn there counts.

    Args:
        outside: of the picture.
        covered: edges of the shared part.
        alpha: of a transparent picture, turned as it lies.
        shared_flattened: share of a flattened copy that lies in the shared part; 0 for other pictures.
    """
    around = name_surroundings(outside)
    if around is Around.NOTHING or (alpha is None and shared_flattened < LEAST_FLATTENED):
        return around
    if alpha is None:
        drawn = 1 - outside.flat
    else:
        top, left, bottom, right = (max(0, round(edge)) for edge in covered)
        beyond = np.ones(alpha.shape, bool)
        beyond[top:bottom, left:right] = False
        drawn = float((alpha[beyond] > 0).mean()) if beyond.any() else 0.0
    if drawn < LEAST_DRAWN:
        return Around.NOTHING
    return Around.PICTURE if drawn < LEAST_FRAME else around


def _by_geometry(laid: Laying, arounds: tuple[Around, Around]) -> Kind:
    """Kind of a pair with the same content: a version only if both show enough of the same part."""
    shared_first, shared_second = laid.placement.inverse.coverage, laid.placement.coverage
    seam_first, seam_second = laid.overlap.outside_first.seam, laid.overlap.outside_second.seam
    wider_first, wider_second = (around is Around.PICTURE for around in arounds)
    if wider_first and wider_second:
        return Kind.VERSION if min(shared_first, shared_second) >= LEAST_SHARED else Kind.ALTERNATE
    if wider_second and (shared_second < LEAST_KEPT or seam_second > MOST_SEAM):
        return Kind.PART_OF
    if wider_first and (shared_first < LEAST_KEPT or seam_first > MOST_SEAM):
        return Kind.CONTAINS
    if arounds[1] is Around.SCREEN and shared_second < LEAST_ON_SCREEN:
        return Kind.PART_OF
    if arounds[0] is Around.SCREEN and shared_first < LEAST_ON_SCREEN:
        return Kind.CONTAINS
    return Kind.VERSION
