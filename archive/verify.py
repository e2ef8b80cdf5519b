"""What two pictures are to each other: versions, alternates, a part and its whole, or nothing."""

from dataclasses import dataclass
from enum import StrEnum

from genloss.archive.block_evidence import BlockEvidence
from genloss.archive.laying import Laying, Sides, lay
from genloss.archive.overlap import Outside, at_full_size
from genloss.model.pairs.placement import Placement

VERIFY_VERSION = 1  # of the rules below; relations of others are looked at again
LEAST_KEPT = 0.5  # share of the wider picture that a crop shows, to be a version
LEAST_SHARED = 0.7  # of both, where each shows something the other lacks
LEAST_ON_SCREEN = 0.08  # share of a screen; smaller pictures are icons
_LEAST_BLOCKS, _LEAST_TEXTURED = 30, 0.025  # below, the two are too plain to tell
_CLEAN = (2, 0.01, 0.004, 0.004)  # blocks, share, largest region, share with other content in both
_ALIKE_TO_RELATE, _ALIKE_AS_WHOLES = 0.5, 0.4
_TURNED_BOTH = 0.03
_LIKE_TEMPLATES = 0.7
_NO_OUTSIDE = 0.02
_FRAME_FLAT, _SCREEN_FLAT, _BLURRED, _SEAM = 0.97, 0.5, 0.25, 2.0
_TEXT_MOST, _TEXT_LEAST = 0.2, 0.35  # share of differing blocks with lettering, on the clean and on the lettered side
_OVERLAY_MOST, _OVERLAY_ALIKE = 0.35, 0.6
_MARK_MOST, _MARK_REGION = 0.06, 0.02  # share of blocks that a translucent mark changes, and its largest region


class Kind(StrEnum):
    """What the first of two pictures is to the second."""

    VERSION = "version"
    ALTERNATE = "alternate"
    PART_OF = "part_of"
    CONTAINS = "contains"
    PLAIN = "plain"
    NONE = "none"


class Around(StrEnum):
    """What a picture shows beyond the other."""

    NOTHING = "nothing"
    PICTURE = "picture"
    FRAME = "frame"
    SCREEN = "screen"


@dataclass(frozen=True)
class PairRelation:
    """What was found of two pictures.

    Attributes:
        kind: of the first to the second.
        placement: of the first on the second, at full size; None where they were not laid on each other.
        around_first, around_second: what each shows beyond the other.
        overlaid_first, overlaid_second: whether it carries lettering, a mark or a sticker that the other lacks.
        shared_first, shared_second: share of its area that the other shows, in [0, 1].
        turned_degrees: by which the first was turned, beside quarter turns.
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
        """The same of the second picture and the first."""
        kind = {Kind.PART_OF: Kind.CONTAINS, Kind.CONTAINS: Kind.PART_OF}.get(self.kind, self.kind)
        return PairRelation(
            kind, None if self.placement is None else self.placement.inverse, self.around_second, self.around_first,
            self.overlaid_second, self.overlaid_first, self.shared_second, self.shared_first, -self.turned_degrees,
        )  # fmt: skip


def relate(first: Sides, second: Sides) -> PairRelation:
    """Lays two pictures on each other and says what they are to each other."""
    laid = lay(first, second)
    if laid is None:
        return PairRelation(Kind.NONE)
    blocks = laid.blocks
    if blocks.n_blocks < _LEAST_BLOCKS or blocks.textured < _LEAST_TEXTURED:
        return PairRelation(Kind.PLAIN)
    arounds = _around(laid.overlap.outside_first), _around(laid.overlap.outside_second)
    content, overlaid = _compare_content(blocks, laid)
    if content is Kind.NONE:
        return PairRelation(Kind.NONE)
    kind = _by_geometry(laid, arounds) if content is Kind.VERSION else content
    placement = at_full_size(laid.placement, first.full_size, second.full_size)
    return PairRelation(
        kind, placement, *arounds, *overlaid, placement.inverse.coverage, placement.coverage, laid.turned_degrees
    )


def _compare_content(blocks: BlockEvidence, laid: Laying) -> tuple[Kind, tuple[bool, bool]]:
    """Whether the overlap holds the same, and on which side something was laid over it."""
    differ = blocks.both + blocks.only_first + blocks.only_second
    has_text = max(blocks.text_first, blocks.text_second) > 0.05
    most_blocks, most_share, most_region, most_both = _CLEAN
    if blocks.alike > 0.8 and (
        blocks.n_differ <= most_blocks
        or (not has_text and differ <= most_share and blocks.largest <= most_region and blocks.both <= most_both)
    ):
        return Kind.VERSION, (False, False)
    if laid.turned_degrees:  # turned pixels lie a little off, which is no lettering
        found = Kind.VERSION if blocks.alike > 0.8 and blocks.both < _TURNED_BOTH else Kind.ALTERNATE
        return (found if blocks.alike >= _ALIKE_TO_RELATE else Kind.NONE), (False, False)
    if blocks.alike >= _OVERLAY_ALIKE or _few_besides_text(blocks):
        if _is_overlay(blocks.text_first, blocks.text_second, blocks.only_first, blocks, differ):
            return Kind.VERSION, (False, True)
        if _is_overlay(blocks.text_second, blocks.text_first, blocks.only_second, blocks, differ):
            return Kind.VERSION, (True, False)
    whole = min(laid.placement.coverage, laid.placement.inverse.coverage) > 0.9
    if blocks.alike >= _ALIKE_TO_RELATE or (whole and (blocks.alike >= _ALIKE_AS_WHOLES or laid.likeness > _LIKE_TEMPLATES)):
        return Kind.ALTERNATE, (False, False)
    return Kind.NONE, (False, False)


def _few_besides_text(blocks: BlockEvidence) -> bool:
    """A plain picture with large lettering: most blocks that show something show letters, all others agree."""
    lettered = blocks.only_first + blocks.only_second
    return lettered > 0.3 and blocks.both < 0.06 and blocks.alike + lettered > 0.85


def _is_overlay(clean: float, lettered: float, only_clean: float, blocks: BlockEvidence, differ: float) -> bool:
    """Whether the second of two sides is the other with something laid over it.

    Args:
        clean, lettered: share of the differing blocks in which that side has lettering.
        only_clean: share of blocks in which the clean side alone shows something.
        blocks: of both.
        differ: share of blocks that differ.
    """
    only_lettered = blocks.only_first + blocks.only_second - only_clean
    if only_clean > 0.006:
        return False
    if clean <= _TEXT_MOST and lettered >= max(_TEXT_LEAST, 2.5 * clean) and (
        differ <= _OVERLAY_MOST or _few_besides_text(blocks)
    ):  # fmt: skip
        return True
    return differ <= _MARK_MOST and blocks.largest <= _MARK_REGION and only_lettered >= 0.5 * blocks.both and clean < 0.05


def _around(outside: Outside) -> Around:
    if outside.share < _NO_OUTSIDE:
        return Around.NOTHING
    if outside.seam < _SEAM and outside.flat < _FRAME_FLAT:
        return Around.PICTURE
    if outside.flat >= _FRAME_FLAT or outside.detail < _BLURRED:
        return Around.FRAME if outside.seam >= _SEAM else Around.PICTURE
    return Around.SCREEN if outside.flat >= _SCREEN_FLAT else Around.PICTURE


def _by_geometry(laid: Laying, arounds: tuple[Around, Around]) -> Kind:
    """Versions by their content may still show too different parts of the picture."""
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
