"""What a whole group says about one parent and child: the judgements of the pair models on the other versions."""

import numpy as np
from numpy.typing import NDArray

MOST = 10.0  # log odds are clipped here; pairs that were not compared count as certainly not parent and child
COLUMNS = (
    "parent", "reversed", "worse", "best_other", "ahead_of_best_other", "second_other", "by_way_of_another", "common_parent",
    "best_other_is_child", "best_other_is_parent", "worse_than_best_other", "other_children", "other_parents", "versions",
    "place_of_parent", "place_of_child",
)  # fmt: skip

Matrix = NDArray[np.float64]


def family_columns(parent: NDArray[np.floating], worse: NDArray[np.floating]) -> NDArray[np.float32]:
    """Numbers for every ordered pair of a group; in the names of COLUMNS, "other" is any third version.

    A sibling often resembles a version as much as its parent does. Whether a third version explains both is what tells them
    apart, and a look at two versions alone cannot see that.

    Args:
        parent: (V, V) log odds that the row's version is the column's parent; -inf for pairs that were not compared.
        worse: (V, V) log odds that the row's version is worse than the column's; antisymmetric.

    Returns:
        (V, V, len(COLUMNS)): for the row's version as parent of the column's. The diagonal means nothing.
    """
    n = len(parent)
    odds = np.clip(np.asarray(parent, np.float64), -MOST, MOST)
    np.fill_diagonal(odds, -MOST)
    share = 1 / (1 + np.exp(-odds))
    np.fill_diagonal(share, 0.0)
    place = np.argsort(np.argsort(worse.sum(axis=1), kind="stable"), kind="stable")
    found = np.empty((n, n, len(COLUMNS)), np.float32)
    for child in range(n):
        own = odds[:, child]
        rival, best, second = _best_others(own, child)
        candidates = np.arange(n)
        columns = (
            own, odds[child], worse[:, child], best, own - best, second, _through(odds, odds, child),
            _through(odds.T, odds, child), odds[candidates, rival], odds[rival, candidates], worse[candidates, rival],
            share.sum(axis=1) - share[:, child], share[:, child].sum() - share[:, child], np.full(n, n), place,
            np.full(n, place[child]),
        )  # fmt: skip
        found[:, child] = np.stack(columns, axis=1)
    return found


def _best_others(own: Matrix, child: int) -> tuple[NDArray[np.intp], Matrix, Matrix]:
    """For each candidate the likeliest other parent of the child, its log odds, and those of the next one."""
    n = len(own)
    ranked = np.argsort(-own, kind="stable")
    ranked = ranked[ranked != child]
    padded = np.concatenate([ranked, np.full(3, child, np.intp)])  # own[child] is -MOST: nobody
    candidates = np.arange(n)
    rival = np.where(candidates == padded[0], padded[1], padded[0])
    beaten = (candidates == padded[0]) | (candidates == padded[1])
    return rival, own[rival], own[np.where(beaten, padded[2], padded[1])]


def _through(links: Matrix, odds: Matrix, child: int) -> Matrix:
    """For each candidate the weaker of two links over the best third version: links[candidate, third], odds[third, child]."""
    weaker = np.minimum(links, odds[:, child][None, :])
    np.fill_diagonal(weaker, -MOST)
    weaker[:, child] = -MOST
    found: Matrix = weaker.max(axis=1)
    return found
