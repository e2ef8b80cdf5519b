"""JPEGs that were turned or cropped without decoding, as by jpegtran: their blocks hold the same coefficients.

Coefficients of a turned block, decoded, differ by a level in one pixel of 40, because the decoder rounds rows and columns in
turn. A copy that was decoded, turned and saved again with the same tables differs by more, or holds the same coefficients.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.placement import Placement, turn_plane
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.proof import Case, Proof

BLOCK_PX = 8
MOST_LEVELS = 2.5  # of a pixel or of a sample of chroma
MOST_DIFFER, MOST_DIFFER_TURNED = 0.001, 0.03  # share of the pixels; with rows and columns exchanged
MOST_CHROMA_DIFFER_TURNED = 0.06
_LEVEL = 0.5


class Edges(NamedTuple):
    """Where a child begins and ends on one axis of its parent, in pixels of luma; `step` of them share a sample of chroma."""

    start: int
    stop: int
    step: int

    @property
    def is_at_a_block(self) -> bool:
        """Whether one of the edges lies between whole blocks of chroma; a turned child may begin at either of them."""
        return self.start >= 0 and 0 in (self.start % (BLOCK_PX * self.step), self.stop % (BLOCK_PX * self.step))

    @property
    def samples(self) -> slice:
        """Of chroma; the child has one for a part of a step, too, at the end that does not lie between blocks."""
        n_samples = -(-(self.stop - self.start) // self.step)
        if self.start % (BLOCK_PX * self.step) == 0:
            return slice(self.start // self.step, self.start // self.step + n_samples)
        return slice(self.stop // self.step - n_samples, self.stop // self.step)


def prove_cut_in_blocks(case: Case) -> Proof | None:
    """That the child is a part of the parent, block by block, turned or not."""
    if case.placement.is_whole_frame or not _has_blocks_of(case.parent, case.child, case.placement.inverse):
        return None
    return Proof("cut out", f"{case.placed(case.ways[0])}without decoding: every block has the same coefficients")


def hold_the_same(first: VersionPlanes, second: VersionPlanes, placement: Placement) -> bool:
    """Whether a JPEG is another one turned, with the same coefficients; then neither is closer to the original.

    Args:
        first, second: the versions.
        placement: of the first on the second.
    """
    return placement.turn != 0 and placement.is_whole_frame and _has_blocks_of(first, second, placement.inverse)


def _has_blocks_of(parent: VersionPlanes, child: VersionPlanes, back: Placement) -> bool:
    """Whether a child holds the coefficients of whole blocks of its parent; `back` places the child on the parent."""
    own, its = parent.image.luma_table, child.image.luma_table
    exchanged = back.turn % 2 == 1
    if own is None or its is None or not np.array_equal(its.T if exchanged else its, own) or not back.is_whole_shift:
        return False
    top, left, bottom, right = (round(float(edge)) for edge in back.corners)
    luma = slice(max(0, top), bottom), slice(max(0, left), right)
    if not _agree(parent.stored_luma, child.stored_luma, back.turn, luma, MOST_DIFFER_TURNED):
        return False
    chroma, child_chroma = parent.stored_chroma, child.stored_chroma
    if chroma is None or child_chroma is None:
        window, pairs = (Edges(top, bottom, 1), Edges(left, right, 1)), []
    else:
        across, down = parent.image.sampling
        window, pairs = (Edges(top, bottom, down), Edges(left, right, across)), list(zip(chroma, child_chroma, strict=True))
    if (chroma is None) != (child_chroma is None) or not all(edges.is_at_a_block for edges in window):
        return False
    samples = [edges.samples for edges in window]
    return all(_agree(plane, other, back.turn, samples, MOST_CHROMA_DIFFER_TURNED) for plane, other in pairs)


def _agree(plane: NDArray, other: NDArray, turn: int, part: Sequence[slice], most_differ_turned: float) -> bool:
    """Whether a part of the parent's plane is the child's turned plane, but for the rounding of turned blocks."""
    turned, cut = turn_plane(other, turn), plane[tuple(part)]
    if cut.shape != turned.shape:
        return False
    levels = np.abs(cut.astype(np.float32) - turned)
    most_differ = most_differ_turned if turn % 2 else MOST_DIFFER
    return bool(levels.max() <= MOST_LEVELS) and bool((levels > _LEVEL).mean() <= most_differ)
