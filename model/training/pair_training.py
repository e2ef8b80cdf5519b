"""Fits the pair models: which of two versions is closer to the original, and whether one is the parent of the other."""

from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import TrainingError
from genloss.model.pairs.evidence import both_directions
from genloss.model.training.pair_set import PairSet

Rows = NDArray[np.float32]
Boosters = list[lightgbm.Booster]


@dataclass(frozen=True)
class PairTraining:
    """Settings of the boosted trees.

    Attributes:
        judge_weight: weight of the pair judge's log odds in the sum; the trees fit the remainder.
        n_trees: LightGBM's num_boost_round.
        n_further_trees: as n_trees, of trees that are added to those of a bundle.
        n_leaves: LightGBM's num_leaves.
        least_per_leaf: LightGBM's min_data_in_leaf.
        learning_rate: LightGBM's learning_rate.
        columns_share: LightGBM's feature_fraction.
        rows_share: LightGBM's bagging_fraction.
        ridge: LightGBM's lambda_l2.
        n_rival_trees: as n_trees, of the model of rivals.
        most_rivals: triples that the model of rivals is fitted on, at most.
        n_models: models that are fitted with different seeds and averaged.
        seed: seed of the first model.
    """

    judge_weight: float = 0.5
    n_trees: int = 700
    n_further_trees: int = 300
    n_leaves: int = 16
    least_per_leaf: int = 40
    learning_rate: float = 0.05
    columns_share: float = 0.25
    rows_share: float = 0.7
    ridge: float = 5.0
    n_rival_trees: int = 300
    most_rivals: int = 30_000
    n_models: int = 1
    seed: int = 1683


def fit_closer(data: PairSet, chosen: NDArray[np.bool_], training: PairTraining) -> Boosters:
    """Fits boosters. The antisymmetric part of their score, plus the weighted judge, is the log odds that the first is worse.

    Args:
        data: measured pairs.
        chosen: (N,) the pairs to fit on; pairs of unknown order are skipped.
    """
    known = chosen & (data.closer != 0)
    forwards, backwards, judge = data.forwards[known], data.backwards[known], data.judge[known]
    columns = np.vstack([both_directions(forwards, backwards), both_directions(backwards, forwards)])
    worse = data.closer[known] < 0
    labels = np.concatenate([worse, ~worse]).astype(np.float32)
    # The trees see each pair in both orders. Their antisymmetric part counts half of each, as the judge's offset does here.
    offset = training.judge_weight * np.concatenate([judge, -judge])
    weights = np.concatenate([_weights(data.group[known])] * 2)
    return fit_trees(columns, labels, weights, offset, training)


def fit_parent(data: PairSet, chosen: NDArray[np.bool_], training: PairTraining) -> Boosters:
    """Fits boosters whose raw score is the log odds that the first version is the second's direct parent."""
    forwards, backwards, judge = data.forwards[chosen], data.backwards[chosen], data.judge[chosen]
    columns = np.vstack([parent_columns(forwards, backwards, judge), parent_columns(backwards, forwards, -judge)])
    parent = data.parent[chosen]
    labels = np.concatenate([parent > 0, parent < 0]).astype(np.float32)
    return fit_trees(columns, labels, np.concatenate([_weights(data.group[chosen])] * 2), None, training)


def parent_columns(forwards: Rows, backwards: Rows, judge: NDArray[np.floating]) -> Rows:
    """The inputs of the parent model."""
    return np.hstack([both_directions(forwards, backwards), judge[:, None].astype(np.float32)])


def closer_scores(boosters: Boosters, forwards: Rows, backwards: Rows) -> NDArray[np.float64]:
    """The antisymmetric part of the boosters' mean raw score, (N,)."""
    one, other = both_directions(forwards, backwards), both_directions(backwards, forwards)
    return np.mean([(_raw(booster, one) - _raw(booster, other)) / 2 for booster in boosters], axis=0)


def parent_scores(boosters: Boosters, columns: Rows) -> NDArray[np.float64]:
    """The boosters' mean raw score, (N,)."""
    return np.mean([_raw(booster, columns) for booster in boosters], axis=0)


@dataclass(frozen=True)
class RawScores:
    """Raw scores of both models for the N pairs of a PairSet.

    Attributes:
        evidence: (N,) from closer_scores.
        parent: (N,) from parent_scores, that the first version is the second's parent.
        child: (N,) the same for the second version as the first's parent.
    """

    evidence: NDArray[np.float64]
    parent: NDArray[np.float64]
    child: NDArray[np.float64]


def raw_scores(closer: Boosters, parent: Boosters, data: PairSet) -> RawScores:
    """What both models say of all pairs."""
    return RawScores(
        closer_scores(closer, data.forwards, data.backwards),
        parent_scores(parent, parent_columns(data.forwards, data.backwards, data.judge)),
        parent_scores(parent, parent_columns(data.backwards, data.forwards, -data.judge)),
    )


def out_of_fold(data: PairSet, chosen: NDArray[np.bool_], training: PairTraining) -> RawScores:
    """What models say of pictures that they were not fitted on: models of one half of the pictures judge the other half.

    Args:
        data: measured pairs.
        chosen: (N,) the pairs that are judged and fitted on; the scores of all others are 0.
        training: settings.

    Raises:
        TrainingError: the pairs come from a single source picture.

    Source: Wolpert, "Stacked generalization", 1992.
    """
    sources = data.sources[data.group]
    pictures = np.random.default_rng(training.seed).permutation(np.unique(sources[chosen]))
    if len(pictures) < 2:
        raise TrainingError("the training split shows a single picture; use more originals")
    first_half = np.isin(sources, pictures[::2])
    found = RawScores(*np.zeros((3, len(data.judge))))
    for half in (first_half, ~first_half):
        fitted_on, judged = chosen & ~half, chosen & half
        raw = raw_scores(fit_closer(data, fitted_on, training), fit_parent(data, fitted_on, training), data)
        for into, one in ((found.evidence, raw.evidence), (found.parent, raw.parent), (found.child, raw.child)):
            into[judged] = one[judged]
    return found


def _raw(booster: lightgbm.Booster, columns: Rows) -> NDArray[np.float64]:
    return np.asarray(booster.predict(columns, raw_score=True, num_threads=1))


def _weights(groups: NDArray[np.int64]) -> NDArray[np.float32]:
    """Large groups have many pairs that say the same: each pair counts one over the root of its group's number."""
    _, place, counts = np.unique(groups, return_inverse=True, return_counts=True)
    found: NDArray[np.float32] = (1 / np.sqrt(counts[place])).astype(np.float32)
    return found / found.mean()


def fit_trees(
    columns: Rows, labels: Rows, weights: Rows, offset: NDArray[np.floating] | None, training: PairTraining
) -> Boosters:
    """Fits one booster for each of `n_models`.

    Args:
        columns: (N, C), NaN for a missing value.
        labels: (N,) 0 or 1.
        weights: (N,).
        offset: (N,) log odds that the trees are added to; None for 0.
        training: settings.
    """
    boosters = []
    for number in range(training.n_models):
        settings = {
            "objective": "binary", "learning_rate": training.learning_rate, "num_leaves": training.n_leaves,
            "min_data_in_leaf": training.least_per_leaf, "feature_fraction": training.columns_share,
            "bagging_fraction": training.rows_share, "bagging_freq": 1, "lambda_l2": training.ridge,
            "seed": training.seed + number, "num_threads": 1, "deterministic": True, "verbosity": -1, "max_bin": 255,
            "boost_from_average": False,
        }  # fmt: skip
        rows = lightgbm.Dataset(columns, labels, weight=weights, init_score=offset, free_raw_data=True)
        boosters.append(lightgbm.train(settings, rows, num_boost_round=training.n_trees))
    return boosters
