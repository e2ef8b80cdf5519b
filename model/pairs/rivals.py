"""Which of two versions a third one was made from: where both may be its parent, their evidence is compared directly.

A parent and a grandparent explain a version almost equally well, and looking at each alone can hardly tell them apart.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.evidence import N_MEASURES, Rows

N_COLUMNS = 4 * N_MEASURES
MOST_RIVALS = 6  # versions that are compared as the parent of one; the likeliest ones
# Of a comparison, beside the log odds of the family model. More gains on groups made like those of the training alone.
WEIGHT, MOST_LOG_ODDS = 0.3, 4.0

# Log odds that versions are a child's parent rather than other versions, (K, K) antisymmetric, given the child and K versions.
Contest = Callable[[int, Sequence[int]], NDArray[np.floating]]


def rival_columns(one: tuple[Rows, Rows], other: tuple[Rows, Rows]) -> Rows:
    """Input of the model of rivals; exchanging the two rivals exchanges the middle parts and negates the others.

    Args:
        one, other: of each rival (N, N_MEASURES) evidence that the child was made from it, and that it was made from the child.

    Returns:
        (N, N_COLUMNS) float32.
    """
    (forwards, backwards), (other_forwards, other_backwards) = one, other
    return np.hstack([forwards - other_forwards, forwards, other_forwards, backwards - other_backwards])


def possible_parents(log_odds: NDArray[np.floating], order: Sequence[int]) -> list[list[int]]:
    """For each version the likeliest of the versions before it in the order, at most MOST_RIVALS.

    Args:
        log_odds: (V, V) that the row's version is the column's direct parent; -inf where that is ruled out.
        order: the V versions, the closest to the original first.
    """
    found: list[list[int]] = [[] for _ in order]
    for position, child in enumerate(order):
        earlier = [version for version in order[:position] if np.isfinite(log_odds[version, child])]
        likeliest = np.argsort([-log_odds[version, child] for version in earlier], kind="stable")
        found[child] = [earlier[place] for place in likeliest[:MOST_RIVALS]]
    return found


def settle_rivals(log_odds: NDArray[np.floating], order: Sequence[int], contest: Contest) -> NDArray[np.float64]:
    """Log odds of parents that also say how each compares with its strongest rival; for the tree, and not as probabilities.

    Args:
        log_odds, order: as in possible_parents.
        contest: compares the possible parents of a version.
    """
    settled = np.array(log_odds, np.float64)
    for child, parents in enumerate(possible_parents(log_odds, order)):
        if len(parents) > 1:
            against = np.array(contest(child, parents), np.float64)
            np.fill_diagonal(against, np.inf)
            settled[parents, child] += WEIGHT * np.clip(against.min(axis=1), -MOST_LOG_ODDS, MOST_LOG_ODDS)
    return settled
