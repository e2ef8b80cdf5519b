"""Who was made from whom: the likeliest family tree of a group of versions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.placement import Placement
from genloss.model.pairs.proofs import Proof

DIRECT = 0.5  # odds above which nothing is said of a version in between


@dataclass(frozen=True)
class Descent:
    """Where a version came from.

    Attributes:
        parent: input position of the version it was made from.
        probability: odds in [0, 1] that it was made from this one directly.
        direct: whether no version that is missing here lies in between, at those odds.
        proof: what proves that it was made from the parent, None where it is only likely.
        changes: what was done, in words.
        placement: how the parent lies on it.
    """

    parent: int
    probability: float
    direct: bool
    proof: Proof | None
    changes: tuple[str, ...]
    placement: Placement


def likeliest_tree(log_odds: NDArray[np.floating], root: int) -> list[int | None]:
    """The spanning tree with the largest sum of log odds.

    Args:
        log_odds: (V, V) that the row's version is the column's direct parent; -inf where that is ruled out.
        root: the version without a parent.

    Returns:
        The parent of each version, None for the root.

    Source: Chu and Liu, 1965; Edmonds, "Optimum branchings", 1967.
    """
    n = len(log_odds)
    weights = np.where(np.isfinite(log_odds), np.asarray(log_odds, float), -1e6)
    np.fill_diagonal(weights, -np.inf)
    weights[:, root] = -np.inf
    parents = _branch(weights, root)
    return [None if version == root else int(parents[version]) for version in range(n)]


def tree_in_order(log_odds: NDArray[np.floating], order: Sequence[int]) -> list[int | None]:
    """The likeliest tree in which nobody was made from a worse version.

    Args:
        log_odds: as in likeliest_tree.
        order: the V versions, the closest to the original first; the first one is the root.
    """
    place = np.argsort(order)
    allowed = np.where(place[:, None] < place[None, :], log_odds, -np.inf)
    return likeliest_tree(allowed, order[0])


def _branch(weights: NDArray[np.float64], root: int) -> NDArray[np.intp]:
    """Parents of all nodes: every node takes its best parent; a circle is made one node and broken where it costs least."""
    n = len(weights)
    parents = weights.argmax(axis=0)
    parents[root] = root
    circle = _find_circle(parents, root)
    if circle is None:
        return parents
    others = [node for node in range(n) if node not in circle]
    place = {node: index for index, node in enumerate(others)}
    merged = len(others)
    smaller = np.full((merged + 1, merged + 1), -np.inf)
    smaller[:merged, :merged] = weights[np.ix_(others, others)]
    inside = np.array([weights[parents[node], node] for node in circle])
    from_outside = weights[np.ix_(others, circle)] - inside  # what breaking the circle at each of its nodes costs
    smaller[:merged, merged] = from_outside.max(axis=1)
    smaller[merged, :merged] = weights[np.ix_(circle, others)].max(axis=0)
    found = _branch(smaller, place[root])
    result = parents.copy()
    for node in others:
        parent = found[place[node]]
        result[node] = circle[int(weights[np.ix_(circle, [node])].argmax())] if parent == merged else others[parent]
    enters = int(found[merged])
    broken = circle[int(from_outside[enters].argmax())]
    result[broken] = others[enters]
    result[root] = root
    return result


def _find_circle(parents: NDArray[np.intp], root: int) -> list[int] | None:
    """The nodes of one circle, None where all paths lead to the root."""
    for start in range(len(parents)):
        path: list[int] = []
        node = start
        while node != root and node not in path:
            path.append(node)
            node = int(parents[node])
        if node != root:
            return path[path.index(node) :]
    return None
