"""Finds versions among pictures that are too small to be aligned, as in data sets of 32 by 32 pixels.

The edges of two pictures of equal size are correlated, upright and mirrored, without alignment. So shifted, cropped and
turned copies are not found. If the pictures of a set resemble each other anyway, as digits do, the threshold is higher.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genloss.archive.look import Look
from genloss.model.pairs.poses import lies_as_well

LEAST_ALIKE = 0.75
_ABOVE_USUAL, _ENOUGH = 0.35, 0.99
_FRAME_SHARE = 0.1  # of a side; the margin is ignored, because different pictures may have equal frames
_FEWEST_EDGES = 64
_MOST_TOGETHER = 100_000  # pictures of one size; more would take hours
_AT_ONCE = 256

Planes = NDArray[np.float32]  # (N, E), rows of unit length


class TinyPair(NamedTuple):
    """Two similar pictures of equal size.

    Attributes:
        first, second: positions, first < second.
        alike: correlation of their edges, in [LEAST_ALIKE, 1].
        is_mirrored: whether one picture is the other mirrored left to right; False for symmetric pictures.
    """

    first: int
    second: int
    alike: float
    is_mirrored: bool


def pair_tiny(looks: Sequence[Look]) -> list[TinyPair]:
    """Pairs of tiny pictures that are versions of one picture.

    Args:
        looks: of a set; pictures that are not tiny, are plain, or have several frames are skipped.
    """
    sizes: dict[tuple[int, int], list[int]] = {}
    for position, look in enumerate(looks):
        if look.is_tiny and not look.is_plain and look.n_frames == 1:
            sizes.setdefault((look.width_px, look.height_px), []).append(position)
    found = []
    for positions in sizes.values():
        if 1 < len(positions) <= _MOST_TOGETHER:
            pairs = _pair([looks[position].thumbnail for position in positions])
            found += [pair._replace(first=positions[pair.first], second=positions[pair.second]) for pair in pairs]
    return sorted(found)


def _pair(planes: Sequence[NDArray[np.uint8]]) -> list[TinyPair]:
    upright, mirrored = _edges(np.stack(planes)), _edges(np.stack(planes)[:, :, ::-1])
    if upright.shape[1] < _FEWEST_EDGES:
        return []
    found, best = [], np.zeros(len(planes), np.float32)
    for begin in range(0, len(planes), _AT_ONCE):
        part = upright[begin : begin + _AT_ONCE]
        ways = [part @ upright.T, part @ mirrored.T]
        for likeness in ways:
            np.fill_diagonal(likeness[:, begin:], 0)
        best[begin : begin + _AT_ONCE] = np.maximum(*ways).max(axis=1)
        found += list(_above(ways, begin))
    least = max(LEAST_ALIKE, min(float(np.median(best)) + _ABOVE_USUAL, _ENOUGH))
    return [pair for pair in found if pair.alike >= least]


def _above(ways: list[NDArray[np.float32]], begin: int) -> Iterator[TinyPair]:
    """Yields the similar pairs of a block of rows with later rows.

    Args:
        ways: (R, N) correlations upright and mirrored, for R rows.
        begin: position of the first row.
    """
    alike = np.maximum(*ways)
    for row, column in np.argwhere(alike >= LEAST_ALIKE).tolist():
        if column > row + begin:
            is_mirrored = not lies_as_well(*(float(way[row, column]) for way in ways))
            yield TinyPair(row + begin, column, min(float(alike[row, column]), 1.0), is_mirrored)


def _edges(planes: NDArray[np.uint8]) -> Planes:
    """Steps between neighbours across and down, without the margin; rows are normalised to unit length."""
    rows, columns = (int(np.ceil(_FRAME_SHARE * side)) for side in planes.shape[1:])
    inner = planes[:, rows:-rows, columns:-columns].astype(np.float32)
    across, down = np.diff(inner, axis=2), np.diff(inner, axis=1)
    edges = np.concatenate([across.reshape(len(planes), -1), down.reshape(len(planes), -1)], axis=1)
    return np.asarray(edges / np.maximum(np.linalg.norm(edges, axis=1, keepdims=True), 1e-6), np.float32)
