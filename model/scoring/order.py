"""The order of several versions that agrees best with the log odds of all pairs."""

import numpy as np
from numpy.typing import NDArray

EXACT_ORDER = 8  # 256 sets: a few milliseconds


def likeliest_order(log_odds: NDArray[np.floating]) -> list[int]:
    """Indices from closest to the original to farthest: the order that agrees best with all comparisons.

    This order has the largest sum of log odds over all pairs. It is the likeliest order if the errors of comparisons are
    independent (weighted Kemeny rule). A cycle is broken at its weakest comparison. The result is exact for up to EXACT_ORDER
    versions. For more, the order starts from row means (HodgeRank; Jiang, Lim, Yao and Ye, 2011), and single versions are
    moved as long as the sum grows.

    Args:
        log_odds: (V, V), antisymmetric; that the row's version is worse than the column's.
    """
    n = len(log_odds)
    start = np.argsort(log_odds.mean(axis=1), kind="stable") if n else np.zeros(0, int)
    improve = _exact if n <= EXACT_ORDER else _moved
    return [int(start[place]) for place in improve(log_odds[np.ix_(start, start)])]


def _exact(log_odds: NDArray[np.floating]) -> list[int]:
    """By dynamic programming over the sets of versions that come first; ties keep the given order."""
    n = len(log_odds)
    best = np.zeros(1 << n)
    last = np.zeros(1 << n, dtype=int)
    for chosen in range(1, 1 << n):
        members = [version for version in range(n) if chosen >> version & 1]
        gains = log_odds[np.ix_(members, members)].sum(axis=1) + best[[chosen ^ 1 << version for version in members]]
        highest = gains.max()
        last[chosen] = max(version for version, gain in zip(members, gains, strict=True) if gain >= highest - 1e-9)
        best[chosen] = highest
    order: list[int] = []
    chosen = (1 << n) - 1
    while chosen:
        order.insert(0, int(last[chosen]))
        chosen ^= 1 << int(last[chosen])
    return order


def _moved(log_odds: NDArray[np.floating]) -> list[int]:
    """From the given order by moving one version at a time while that gains."""
    order = list(range(len(log_odds)))
    improved = True
    while improved:
        improved = False
        for version in range(len(log_odds)):
            place = order.index(version)
            others = order[:place] + order[place + 1 :]
            # Moving behind one more version gains the log odds that this version is the worse of both.
            sums = np.concatenate([[0.0], np.cumsum(log_odds[version, others])])
            to = int(np.argmax(sums))
            if sums[to] > sums[place] + 1e-9:
                order = [*others[:to], version, *others[to:]]
                improved = True
    return order
