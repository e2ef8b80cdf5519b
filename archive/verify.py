"""Finds the relation of two pictures: versions, alternates, a part and its whole, or none."""

from dataclasses import dataclass, replace
from enum import StrEnum

from genloss.archive.plan import Relation
from genloss.model.pairs.content import Content, compare_content, inside_frames
from genloss.model.pairs.grounds import find_ground, own_ground
from genloss.model.pairs.laying import BoxPlacements, Laying, Sides, lay
from genloss.model.pairs.overlap import at_full_size
from genloss.model.pairs.placement import Placement
from genloss.model.pairs.spots import Spot, find_spot
from genloss.model.pairs.surroundings import Around, name_surroundings
from genloss.model.pairs.two_frames import find_in_frames

VERIFY_VERSION = 10  # of the rules in this file; relations of other versions are found again
LEAST_KEPT = 0.5  # share of the wider picture that a crop must show to be a version
LEAST_SHARED = 0.7  # share of both pictures, if each shows something that the other lacks
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

    @property
    def swapped(self) -> "PairRelation":
        """The relation of the second picture to the first."""
        kind = {Kind.PART_OF: Kind.CONTAINS, Kind.CONTAINS: Kind.PART_OF}.get(self.kind, self.kind)
        return PairRelation(
            kind, None if self.placement is None else self.placement.inverse, self.around_second, self.around_first,
            self.overlaid_second, self.overlaid_first, self.shared_second, self.shared_first, -self.turned_degrees,
            self.flattened_second, self.flattened_first,
        )  # fmt: skip


def relate(first: Sides, second: Sides) -> PairRelation:
    """Aligns two pictures and finds their relation. A transparent one is first laid on the ground that the other one has."""
    laid, flattened = _on_one_ground(first, second)
    return replace(_relate(*laid), flattened_first=flattened[0], flattened_second=flattened[1])


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


def _relate(first: Sides, second: Sides) -> PairRelation:
    placements = BoxPlacements(first, second)
    relation = _relate_wholes(first, second, placements)
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
    return PairRelation(Kind.VERSION, placement, *found.arounds, *overlaid, *found.shares)


def _relate_wholes(first: Sides, second: Sides, placements: BoxPlacements) -> PairRelation:
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
    arounds = name_surroundings(laid.overlap.outside_first), name_surroundings(laid.overlap.outside_second)
    kind = Kind.ALTERNATE if content is Content.ALTERNATE else _by_geometry(laid, arounds)
    overlaid = content is Content.OVER_FIRST, content is Content.OVER_SECOND
    placement = at_full_size(laid.placement, first.full_size, second.full_size)
    return PairRelation(
        kind, placement, *arounds, *overlaid, placement.inverse.coverage, placement.coverage, laid.turned_degrees
    )


def _by_geometry(laid: Laying, arounds: tuple[Around, Around]) -> Kind:
    """Kind of a pair with the same content: a version only if both show enough of the same part."""
    shared_first, shared_second = laid.placement.inverse.coverage, laid.placement.coverage
    wider_first, wider_second = (around is Around.PICTURE for around in arounds)
    if wider_first and wider_second:
        return Kind.VERSION if min(shared_first, shared_second) >= LEAST_SHARED else Kind.ALTERNATE
    if wider_second and shared_second < LEAST_KEPT:
        return Kind.PART_OF
    if wider_first and shared_first < LEAST_KEPT:
        return Kind.CONTAINS
    if arounds[1] is Around.SCREEN and shared_second < LEAST_ON_SCREEN:
        return Kind.PART_OF
    if arounds[0] is Around.SCREEN and shared_first < LEAST_ON_SCREEN:
        return Kind.CONTAINS
    return Kind.VERSION
