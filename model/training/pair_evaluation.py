"""Accuracy of the order and the family tree of whole groups, from the measurements of their pairs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.genealogy import tree_in_order
from genloss.model.pairs.rivals import settle_rivals
from genloss.model.scoring.order import likeliest_order
from genloss.model.training.calibration import calibration_error, fit_slope
from genloss.model.training.pair_set import PairSet
from genloss.model.training.rival_set import Rivals

REMOVED = 0.2  # share of the versions that are missing when family trees are counted
InView = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class JudgedPairs:
    """The models' judgements of the pairs of a PairSet.

    Attributes:
        log_odds: (N,) calibrated, that the first version is worse.
        parent: (N,) log odds that the first version is the second's parent.
        child: (N,) log odds that the second version is the first's parent.
        rivals: triples whose rivals were compared; None if there is no model for it.
        rival_log_odds: (T,) log odds that the child was made from the first rival rather than from the second.
    """

    log_odds: NDArray[np.float64]
    parent: NDArray[np.float64]
    child: NDArray[np.float64]
    rivals: Rivals | None = None
    rival_log_odds: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class JudgedGroup:
    """One group: judgements as matrices over its V versions, and the truth.

    Attributes:
        log_odds: (V, V) that the row's version is worse than the column's.
        parent_log_odds: (V, V) that the row's version is the column's parent.
        closer: (V, V), 1 if the row's version is known to be closer to the original, -1 if the column's is, 0 if unknown.
        parents: parent of each version; None for the original.
        contests: (V, V, V) log odds that the first axis's version was made from the second's rather than from the third's, 0
            where they were not compared; None without such comparisons.
    """

    log_odds: NDArray[np.float64]
    parent_log_odds: NDArray[np.float64]
    closer: NDArray[np.int8]
    parents: list[int | None]
    contests: NDArray[np.float64] | None = None

    def tree(self, order: list[int], in_view: InView) -> list[int | None]:
        """The likeliest family tree in this order; `in_view` as in measure_groups."""
        contests, log_odds = self.contests, in_view(self.parent_log_odds, self.log_odds)
        if contests is not None:
            log_odds = settle_rivals(log_odds, order, lambda child, parents: contests[child][np.ix_(parents, parents)])
        return tree_in_order(log_odds, order)

    def without(self, removed: NDArray[np.bool_]) -> "JudgedGroup":
        """The group without some versions. A version whose parent is missing gets the nearest remaining ancestor, or none."""
        kept = np.flatnonzero(~removed)
        place = {int(version): position for position, version in enumerate(kept)}
        parents: list[int | None] = []
        for version in kept:
            parent = self.parents[version]
            while parent is not None and parent not in place:
                parent = self.parents[parent]
            parents.append(None if parent is None else place[parent])
        some = np.ix_(kept, kept)
        contests = None if self.contests is None else self.contests[np.ix_(kept, kept, kept)]
        return JudgedGroup(self.log_odds[some], self.parent_log_odds[some], self.closer[some], parents, contests)


def judged_groups(data: PairSet, judged: JudgedPairs, chosen: NDArray[np.bool_]) -> Iterator[JudgedGroup]:
    """Yields the groups of the chosen pairs."""
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return
    triples = _triples_by_group(judged.rivals)
    for some in np.split(rows, np.flatnonzero(np.diff(data.group[rows])) + 1):
        n = int(data.versions[some].max()) + 1
        log_odds, parent = np.zeros((n, n)), np.full((n, n), -np.inf)
        closer, parents = np.zeros((n, n), np.int8), [None] * n
        found: list[int | None] = list(parents)
        for row in some:
            first, second = (int(version) for version in data.versions[row])
            log_odds[first, second], log_odds[second, first] = judged.log_odds[row], -judged.log_odds[row]
            parent[first, second], parent[second, first] = judged.parent[row], judged.child[row]
            closer[first, second], closer[second, first] = data.closer[row], -data.closer[row]
            if data.parent[row] > 0:
                found[second] = first
            elif data.parent[row] < 0:
                found[first] = second
        compared = None
        if judged.rivals is not None and judged.rival_log_odds is not None:
            compared = np.zeros((n, n, n))
            its = triples.get(int(data.group[some[0]]), np.zeros(0, np.int64))
            child, one, other = judged.rivals.versions[its].T
            compared[child, one, other], compared[child, other, one] = judged.rival_log_odds[its], -judged.rival_log_odds[its]
        yield JudgedGroup(log_odds, parent, closer, found, compared)


def _triples_by_group(rivals: Rivals | None) -> dict[int, NDArray[np.int64]]:
    if rivals is None or not len(rivals.group):
        return {}
    parts = np.split(np.arange(len(rivals.group)), np.flatnonzero(np.diff(rivals.group)) + 1)
    return {int(rivals.group[part[0]]): part for part in parts}


def fit_order_slope(data: PairSet, raw: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    """The slope that turns raw scores into log odds, fitted on the chosen pairs whose order is known.

    Args:
        data: measured pairs.
        raw: (N,) score that the first version is worse.
        chosen: (N,) the pairs to fit on.
    """
    known = chosen & (data.closer != 0)
    return float(fit_slope(-raw[known] * data.closer[known]))


def measure_pairs(data: PairSet, log_odds: NDArray[np.float64], chosen: NDArray[np.bool_]) -> dict[str, float]:
    """Accuracy on the chosen pairs whose order is known."""
    known = chosen & (data.closer != 0)
    margins = -log_odds[known] * data.closer[known]
    neighbours = data.parent[known] != 0
    stated = 1 / (1 + np.exp(-np.abs(margins)))
    sure = stated >= 0.99
    return {
        "n_pairs": int(known.sum()),
        "pair_accuracy": float(np.mean(margins > 0)),
        "neighbour_accuracy": float(np.mean(margins[neighbours] > 0)) if neighbours.any() else float("nan"),
        "sibling_accuracy": float(np.mean(margins[~neighbours] > 0)) if (~neighbours).any() else float("nan"),
        "log_loss": float(np.mean(np.log1p(np.exp(-np.clip(margins, -50, 50))))),
        "calibration_error": calibration_error(margins, 1.0),
        "share_sure": float(sure.mean()),
        "right_when_sure": float(np.mean(margins[sure] > 0)) if sure.any() else float("nan"),
    }


def measure_groups(
    data: PairSet, judged: JudgedPairs, chosen: NDArray[np.bool_], seed: int, in_view: InView
) -> dict[str, float]:
    """Shares of originals ranked first, and of right edges, roots and whole trees, with all versions and with some missing.

    Args:
        data: measured pairs.
        judged: judgements of the pair models.
        chosen: (N,) the pairs of the groups to measure.
        seed: seed of the missing versions.
        in_view: log odds of parents in view of all versions, from `parent_log_odds` and `log_odds` of a JudgedGroup.
    """
    generator = np.random.default_rng(seed)
    first: list[bool] = []
    counts: dict[str, list[Any]] = {"whole": [], "missing": []}
    for group in judged_groups(data, judged, chosen):
        first.append(likeliest_order(group.log_odds)[0] == 0)
        removed = generator.random(len(group.parents)) < REMOVED
        counts["whole"].append(_count_tree(group, in_view))
        if (~removed).sum() > 2:
            counts["missing"].append(_count_tree(group.without(removed), in_view))
    found = {"n_groups": len(first), "original_first": float(np.mean(first))}
    for name, rows in counts.items():
        right, edges, roots = np.array(rows, float).T
        found |= {
            f"{name}_edges": float(right.sum() / edges.sum()),
            f"{name}_roots": float(roots.mean()),
            f"{name}_trees": float(np.mean((right == edges) & (roots > 0))),
            f"{name}_n_edges": int(edges.sum()),
        }
    return found


def _count_tree(group: JudgedGroup, in_view: InView) -> tuple[int, int, bool]:
    """Edges found, edges there are, and whether the root is one of the true ones."""
    order = likeliest_order(group.log_odds)
    tree = group.tree(order, in_view)
    pairs = [(found, true) for found, true in zip(tree, group.parents, strict=True) if true is not None]
    return sum(found == true for found, true in pairs), len(pairs), group.parents[order[0]] is None
