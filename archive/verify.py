"""Finds the relation of two pictures: versions, alternates, a part and its whole, or none."""

from dataclasses import dataclass
from enum import StrEnum

from genloss.archive.plan import Relation
from genloss.model.pairs.content import Content, compare_content, inside_frames
from genloss.model.pairs.laying import Laying, Sides, lay
from genloss.model.pairs.overlap import Outside, at_full_size
from genloss.model.pairs.placement import Placement

VERIFY_VERSION = 8  # of the rules in this file; relations of other versions are found again
LEAST_KEPT = 0.5  # share of the wider picture that a crop must show to be a version
LEAST_SHARED = 0.7  # share of both pictures, if each shows something that the other lacks
LEAST_ON_SCREEN = 0.08  # share of a screen that a version must fill; smaller pictures are icons
_NO_OUTSIDE = 0.02
_FRAME_FLAT, _SCREEN_FLAT, _BLURRED, _SEAM = 0.97, 0.5, 0.25, 2.0
# A page without a seam, where picture and page share one level: least share of that level next to the picture, least share
# of the three commonest levels on the page, and range of the share drawn on it.
_PAGE_RING, _PAGE_FEW, _PAGE_DRAWN = 0.97, 0.93, (0.003, 0.19)


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


class Around(StrEnum):
    """Kind of the surroundings: the part of a picture that the other picture lacks."""

    NOTHING = "nothing"
    PICTURE = "picture"
    FRAME = "frame"
    SCREEN = "screen"


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

    @property
    def swapped(self) -> "PairRelation":
        """The relation of the second picture to the first."""
        kind = {Kind.PART_OF: Kind.CONTAINS, Kind.CONTAINS: Kind.PART_OF}.get(self.kind, self.kind)
        return PairRelation(
            kind, None if self.placement is None else self.placement.inverse, self.around_second, self.around_first,
            self.overlaid_second, self.overlaid_first, self.shared_second, self.shared_first, -self.turned_degrees,
        )  # fmt: skip


def relate(first: Sides, second: Sides) -> PairRelation:
    """Aligns two pictures and finds their relation."""
    laid = lay(first, second)
    if laid is None:
        return PairRelation(Kind.NONE)
    inside = inside_frames(laid)
    content = Content.PLAIN if inside is None else compare_content(inside)
    if content in (Content.PLAIN, Content.OTHER):
        return PairRelation(Kind.PLAIN if content is Content.PLAIN else Kind.NONE)
    arounds = _around(laid.overlap.outside_first), _around(laid.overlap.outside_second)
    kind = Kind.ALTERNATE if content is Content.ALTERNATE else _by_geometry(laid, arounds)
    overlaid = content is Content.OVER_FIRST, content is Content.OVER_SECOND
    placement = at_full_size(laid.placement, first.full_size, second.full_size)
    return PairRelation(
        kind, placement, *arounds, *overlaid, placement.inverse.coverage, placement.coverage, laid.turned_degrees
    )


def _around(outside: Outside) -> Around:
    if outside.share < _NO_OUTSIDE:
        return Around.NOTHING
    if outside.seam < _SEAM and _is_page(outside):
        return Around.SCREEN
    if outside.seam < _SEAM and outside.flat < _FRAME_FLAT:
        return Around.PICTURE
    if outside.flat >= _FRAME_FLAT or outside.detail < _BLURRED:
        return Around.FRAME if outside.seam >= _SEAM else Around.PICTURE
    return Around.SCREEN if outside.flat >= _SCREEN_FLAT else Around.PICTURE


def _is_page(outside: Outside) -> bool:
    """Whether the surroundings are a page: one level with lettering and buttons. A plain margin of a wider picture has none."""
    least, most = _PAGE_DRAWN
    drawn = least <= 1 - outside.flat <= most
    return drawn and outside.ring >= _PAGE_RING and outside.few_levels >= _PAGE_FEW


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
