"""Fits the family model: who is whose parent in a whole group, from what the pair models say of all its pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.family_evidence import family_columns
from genloss.model.training.pair_evaluation import REMOVED, InView, JudgedGroup, JudgedPairs, judged_groups
from genloss.model.training.pair_set import PairSet
from genloss.model.training.pair_training import Boosters, PairTraining, fit_trees, parent_scores

N_TREES = 300
N_LEAVES = 8
LEAST_PER_LEAF = 60
COLUMNS_SHARE = 0.6
# Groups in which each version was made from the one before count less: all together would teach that groups are chains, and
# nothing would be gained where many versions were made from one.
CHAIN_WEIGHT = 0.1


def fit_family(data: PairSet, judged: JudgedPairs, chosen: NDArray[np.bool_], training: PairTraining) -> Boosters:
    """Fits boosters whose raw score is the log odds that one version is another's direct parent.

    Every group is seen whole, and once more without some of its versions.

    Args:
        data: measured pairs.
        judged: judgements of pair models that were not fitted on these groups.
        chosen: (N,) the pairs of the groups to fit on.
        training: settings of the pair models; those above replace its own.
    """
    smaller = replace(training, n_trees=N_TREES, n_leaves=N_LEAVES, least_per_leaf=LEAST_PER_LEAF, columns_share=COLUMNS_SHARE)
    return fit_trees(*family_rows(data, judged, chosen, training.seed), None, smaller)


def family_rows(
    data: PairSet, judged: JudgedPairs, chosen: NDArray[np.bool_], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Rows of family_columns for every ordered pair of every group, whether it is parent and child, and its weight."""
    generator = np.random.default_rng(seed)
    columns, labels, weights = [], [], []
    for group in judged_groups(data, judged, chosen):
        for some, kept in _variants(group, generator):
            parents = [group.parents[version] for version in kept]
            weight = (CHAIN_WEIGHT if _is_chain(group.parents) else 1.0) / np.sqrt(len(kept))
            label = np.array([[parent == candidate for parent in parents] for candidate in kept.tolist()])
            others = ~np.eye(len(kept), dtype=bool)
            columns.append(family_columns(some.parent_log_odds, some.log_odds)[others])
            labels.append(label[others].astype(np.float32))
            weights.append(np.full(int(others.sum()), weight, np.float32))
    return np.concatenate(columns), np.concatenate(labels), np.concatenate(weights)


def _is_chain(parents: Sequence[int | None]) -> bool:
    return list(parents) == [None, *range(len(parents) - 1)]


def in_view(family: Boosters) -> InView:
    """The log odds of parents in view of all versions of a group, not calibrated, which changes no tree."""

    def judge(parent: NDArray[np.float64], worse: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = family_columns(parent, worse)
        return parent_scores(family, columns.reshape(-1, columns.shape[-1])).reshape(parent.shape)

    return judge


def _variants(group: JudgedGroup, generator: np.random.Generator) -> Iterator[tuple[JudgedGroup, NDArray[np.intp]]]:
    """The group, and the group without some versions, each with the positions of its versions in the whole group."""
    n = len(group.parents)
    yield group, np.arange(n)
    removed = generator.random(n) < REMOVED
    if removed.any() and (~removed).sum() > 2:
        yield group.without(removed), np.flatnonzero(~removed)
