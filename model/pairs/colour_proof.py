"""Proof that a version is another one in other tones or colours: each colour became one colour, and some merged.

What a curve of tone, more saturation or a filter of colours does to a pixel depends on its colour alone. Where the child's
colour is a function of the parent's at every pixel, and the parent's is none of the child's, the child can be made from the
parent and the parent not from the child. A caption on a flat ground, another ground or noise between few colours would look
the same from the other side: most colours must have moved, and those that became one must have been neighbours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.proof import Case, Proof
from genloss.model.pairs.sampling import spread_places

Bytes = NDArray[np.uint8]
Colours = NDArray[np.uint32]

SAMPLE = 1 << 16  # pixels that are looked at first
LEAST_COLOURS, LEAST_GREYS, LEAST_ADJACENT = 4096, 48, 0.5  # of the child; the share of its greys that are one level apart
LEAST_REPEATED = 1000  # pixels whose colour another pixel of the parent has
LEAST_MERGED, LEAST_MERGED_GREYS = 16, 2  # colours that became another one's
LEAST_CHANGED, MOST_FAR, NEAR_LEVELS = 0.5, 0.01, 8  # shares of pixels; levels of a channel
_LOW = np.uint64(0xFFFFFF)  # the second colour of a pair


@dataclass(frozen=True)
class _Mapped:
    """Every colour of the parent and its image in the child, sorted by the latter.

    Attributes:
        parents, children: (N, 3) int16, a row for each colour of the parent.
        counts: (N,) its pixels.
        starts: (M,) first row of each colour of the child.
    """

    parents: NDArray[np.int16]
    children: NDArray[np.int16]
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]


def prove_recoloured(case: Case) -> Proof | None:
    """That the child's colours are a function of the parent's, but not the other way round."""
    placement, images = case.placement, (case.parent.image, case.child.image)
    if not (placement.is_whole_frame and placement.is_whole_shift) or placement.turn or case.parent.size != case.child.size:
        return None
    if not case.child.image.lossless or any(image.alpha is not None or image.bits_per_sample > 8 for image in images):
        return None
    mapped = _map_colours(case.parent, case.child)
    if mapped is None or not _is_rich(mapped) or mapped.counts.sum() - len(mapped.counts) < LEAST_REPEATED:
        return None
    n_merged = _count_merged(mapped)
    if n_merged < (LEAST_MERGED_GREYS if _is_grey(mapped) else LEAST_MERGED):
        return None
    n_before, n_after = len(mapped.counts), len(mapped.starts)
    what = "greys" if _is_grey(mapped) else "colours"
    return Proof("recoloured", f"recoloured: {n_after:,} {what} are a function of its {n_before:,}, at every pixel")


def _map_colours(parent: VersionPlanes, child: VersionPlanes) -> _Mapped | None:
    """The child's colour for each of the parent's colours; None if a colour became several."""
    before, after = (version.image.rgb.reshape(-1, 3) for version in (parent, child))
    if len(before) > SAMPLE:
        places = spread_places(SAMPLE, len(before))
        if not _is_function(_pairs(before[places], after[places])):
            return None
    pairs = _pairs(before, after)
    if not _is_function(pairs):
        return None
    found, counts = np.unique(pairs, return_counts=True)
    order = np.argsort(found & _LOW, kind="stable")
    ends = found[order] & _LOW
    starts = np.flatnonzero(np.concatenate([[True], ends[1:] != ends[:-1]]))
    return _Mapped(_unpacked(found[order] >> np.uint64(24)), _unpacked(ends), counts[order], starts)


def _pairs(before: Bytes, after: Bytes) -> NDArray[np.uint64]:
    """(N,) both colours of each pixel in one number, sorted by the first."""
    pairs = _packed(before).astype(np.uint64) << np.uint64(24) | _packed(after)
    pairs.sort()
    return pairs


def _packed(rgb: Bytes) -> Colours:
    red, green, blue = (rgb[:, channel].astype(np.uint32) for channel in range(3))
    return red << np.uint32(16) | green << np.uint32(8) | blue


def _unpacked(colours: NDArray[np.uint64]) -> NDArray[np.int16]:
    return np.stack([colours >> np.uint64(shift) & np.uint64(255) for shift in (16, 8, 0)], axis=1).astype(np.int16)


def _is_function(pairs: NDArray[np.uint64]) -> bool:
    """Whether each first colour has one second colour, of sorted pairs."""
    changes = pairs[1:] != pairs[:-1]
    return not bool((changes & (pairs[1:] >> np.uint64(24) == pairs[:-1] >> np.uint64(24))).any())


def _is_grey(mapped: _Mapped) -> bool:
    return all(bool((colours == colours[:, :1]).all()) for colours in (mapped.parents, mapped.children))


def _is_rich(mapped: _Mapped) -> bool:
    """Whether the child's colours lie so close that noise added to them could not be taken away again."""
    if not _is_grey(mapped):
        return len(mapped.starts) >= LEAST_COLOURS
    greys = mapped.children[mapped.starts, 0]
    return len(greys) >= LEAST_GREYS and bool(np.mean(np.diff(greys) == 1) >= LEAST_ADJACENT)


def _count_merged(mapped: _Mapped) -> int:
    """Colours that became a neighbour's; 0 where the copy may have been no function of the colours.

    Black and white in a channel may stand for all that lies beyond, so they say neither that colours moved nor how far.
    """
    starts, n = mapped.starts, np.diff(np.append(mapped.starts, len(mapped.counts)))
    spread = (np.maximum.reduceat(mapped.parents, starts) - np.minimum.reduceat(mapped.parents, starts)).max(axis=1)
    pixels = np.add.reduceat(mapped.counts, starts)
    moved = np.add.reduceat(mapped.counts * (mapped.parents != mapped.children).any(axis=1), starts)
    ends = mapped.children[starts]
    inner = ((ends > 0) & (ends < 255)).all(axis=1)
    total, is_near = pixels[inner].sum(), spread <= NEAR_LEVELS
    if (
        total < LEAST_REPEATED
        or moved[inner].sum() < LEAST_CHANGED * total
        or pixels[inner & ~is_near].sum() > MOST_FAR * total
    ):
        return 0
    return int((n[is_near] - 1).sum())
