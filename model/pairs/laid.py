"""Two pictures laid on each other, and the simplest of several ways that are equally good."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from genloss.model.pairs.block_evidence import BlockEvidence
from genloss.model.pairs.overlap import Overlap
from genloss.model.pairs.placement import Placement
from genloss.model.pairs.planes import band_pass, correlation
from genloss.model.pairs.poses import SIMPLEST_FIRST, lies_as_well

_AS_MUCH = 0.9  # share of both that a simpler way has to lay on each other


@dataclass(frozen=True)
class Laying:
    """Two pictures, one on the other.

    Attributes:
        placement: of the first on the second, both shrunk.
        overlap: what they share.
        blocks: what its blocks say.
        likeness: correlation of the gradients in the registered part, in [-1, 1]; 0 where it was not registered.
        turned_degrees: by which the first was turned before.
    """

    placement: Placement
    overlap: Overlap
    blocks: BlockEvidence
    likeness: float
    turned_degrees: float = 0.0

    @property
    def quality(self) -> float:
        """Higher where more agrees."""
        return self.blocks.alike - 0.5 * self.blocks.differ

    @property
    def shared(self) -> float:
        """Share of each picture that the other one covers, in [0, 1]; the smaller of the two."""
        return min(self.placement.coverage, self.placement.inverse.coverage)

    @property
    def simplicity(self) -> tuple[bool, int]:
        """Lower where the first was turned less."""
        return self.turned_degrees != 0, SIMPLEST_FIRST.index(self.placement.turn)

    @cached_property
    def detail_likeness(self) -> float:
        """Correlation of the detail of what they share, in [-1, 1]."""
        return correlation(band_pass(self.overlap.first), band_pass(self.overlap.second))


def best_of(seen: Sequence[Laying]) -> Laying:
    """The way in which most agrees, the first of several; `seen` has at least one."""
    return max(seen, key=lambda way: way.quality)


def simplest(seen: Sequence[Laying]) -> Laying:
    """The way by the simplest turn that lays as much of the two on each other as well as the best way does.

    Args:
        seen: ways to lay the same two pictures on each other, at least one.
    """
    best = best_of(seen)
    for simple in sorted((way for way in seen if way.simplicity < best.simplicity), key=lambda way: way.simplicity):
        if simple.shared >= _AS_MUCH * best.shared and lies_as_well(simple.detail_likeness, best.detail_likeness):
            return simple
    return best
