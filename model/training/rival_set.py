"""Triples of a pair set: a version, and two others of which one may be its parent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.evidence import Rows
from genloss.model.training.pair_set import PairSet


@dataclass(frozen=True)
class Rivals:
    """T triples: a child, and two other versions of its group.

    Attributes:
        rows: (T, 2) pairs of a PairSet: of each rival with the child.
        is_first: (T, 2) whether the rival is the first version of that pair.
        versions: (T, 3) positions in the group: child, one rival, other rival.
        truth: (T,) int8, 1 if the first rival is the parent, -1 if the second is, else 0.
        group: (T,) number of the group.
    """

    rows: NDArray[np.int64]
    is_first: NDArray[np.bool_]
    versions: NDArray[np.int16]
    truth: NDArray[np.int8]
    group: NDArray[np.int64]

    def __getitem__(self, chosen: NDArray[np.int64]) -> "Rivals":
        """Some of the triples."""
        return Rivals(self.rows[chosen], self.is_first[chosen], self.versions[chosen], self.truth[chosen], self.group[chosen])

    def evidence(self, data: PairSet, side: int) -> tuple[Rows, Rows]:
        """(T, N_MEASURES) twice: that the child was made from a rival, and that the rival was made from the child.

        Args:
            data: the pair set that `rows` are of.
            side: 0 or 1, which of the two rivals.
        """
        rows, first = self.rows[:, side], self.is_first[:, side, None]
        forwards, backwards = data.forwards[rows], data.backwards[rows]
        return np.where(first, forwards, backwards), np.where(first, backwards, forwards)


def find_rivals(data: PairSet, chosen: NDArray[np.bool_]) -> Rivals:
    """All triples of the chosen pairs in which no rival is known to be farther from the original than the child."""
    found = [triple for group in _groups(data, chosen) for triple in _triples(data, group)]
    rows, is_first, versions, truth, numbers = zip(*found, strict=True) if found else ([], [], [], [], [])
    return Rivals(
        np.array(rows, np.int64).reshape(-1, 2), np.array(is_first, bool).reshape(-1, 2),
        np.array(versions, np.int16).reshape(-1, 3), np.array(truth, np.int8), np.array(numbers, np.int64),
    )  # fmt: skip


def _groups(data: PairSet, chosen: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    rows = np.flatnonzero(chosen)
    return np.split(rows, np.flatnonzero(np.diff(data.group[rows])) + 1) if len(rows) else []


def _triples(data: PairSet, rows: NDArray[np.int64]) -> Iterator[tuple[Any, ...]]:
    """The fields of Rivals, of the pairs of one group."""
    pairs = {}  # of parent and child: row, whether the parent is first, and what is known
    for row in rows:
        first, second = (int(version) for version in data.versions[row])
        pairs[first, second] = row, True, int(data.closer[row]), int(data.parent[row])
        pairs[second, first] = row, False, -int(data.closer[row]), -int(data.parent[row])
    versions = sorted({version for pair in pairs for version in pair})
    for child in versions:
        rivals = [version for version in versions if (version, child) in pairs and pairs[version, child][2] >= 0]
        for place, other in enumerate(rivals):
            for one in rivals[:place]:
                (row, is_first, _, made), (other_row, other_is_first, _, other_made) = pairs[one, child], pairs[other, child]
                truth = 1 if made > 0 else -1 if other_made > 0 else 0
                yield (row, other_row), (is_first, other_is_first), (child, one, other), truth, int(data.group[row])
