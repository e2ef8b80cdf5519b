"""Fits the model of rivals: which of two versions a third one was made from."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import TrainingError
from genloss.model.pairs.rivals import rival_columns
from genloss.model.training.pair_set import PairSet
from genloss.model.training.pair_training import Boosters, PairTraining, fit_trees, parent_scores
from genloss.model.training.rival_set import Rivals, find_rivals

ROWS_AT_A_TIME = 4096


def fit_rivals(data: PairSet, chosen: NDArray[np.bool_], training: PairTraining) -> Boosters:
    """Fits boosters; the antisymmetric part of their score is the log odds that the child was made from the first rival.

    Args:
        data: measured pairs.
        chosen: (N,) the pairs of the groups to fit on.
        training: settings of the pair models; those below replace its own.

    Raises:
        TrainingError: no version has two possible parents.
    """
    rivals = find_rivals(data, chosen)
    decided = np.flatnonzero(rivals.truth)
    if not len(decided):
        raise TrainingError("no group of the training split has a version with two possible parents; use larger groups")
    generator = np.random.default_rng(training.seed)
    if len(decided) > training.most_rivals:
        decided = np.sort(generator.choice(decided, training.most_rivals, replace=False))
    rivals = rivals[decided]
    one, other = rivals.evidence(data, 0), rivals.evidence(data, 1)
    columns = np.vstack([rival_columns(one, other), rival_columns(other, one)])
    labels = np.concatenate([rivals.truth > 0, rivals.truth < 0]).astype(np.float32)
    settings = replace(training, n_trees=training.n_rival_trees, n_leaves=24, columns_share=0.15, learning_rate=0.06)
    return fit_trees(columns, labels, np.ones(len(labels), np.float32), None, settings)


def rival_scores(boosters: Boosters, data: PairSet, rivals: Rivals) -> NDArray[np.float64]:
    """The antisymmetric part of the boosters' mean raw score, (T,)."""
    found = [np.zeros(0)]
    for start in range(0, len(rivals.truth), ROWS_AT_A_TIME):
        some = rivals[np.arange(start, min(start + ROWS_AT_A_TIME, len(rivals.truth)))]
        one, other = some.evidence(data, 0), some.evidence(data, 1)
        forth, back = (parent_scores(boosters, rival_columns(*pair)) for pair in ((one, other), (other, one)))
        found.append((forth - back) / 2)
    return np.concatenate(found)
