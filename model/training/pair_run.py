"""Training of the pair models: from groups to a bundle, with evaluation and model card."""

from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs import EVIDENCE_VERSION
from genloss.model.pairs.evidence import N_MEASURES
from genloss.model.pairs.family_evidence import COLUMNS
from genloss.model.pairs.rivals import N_COLUMNS
from genloss.model.scoring.bundle import CLOSER, FAMILY, PARENT, RIVAL, extend_bundle, load_bundle
from genloss.model.scoring.pair_models import PairCalibration
from genloss.model.training.addition import SPLITS, AdditionRequest, Observer
from genloss.model.training.family_training import family_rows, fit_family, in_view
from genloss.model.training.pair_card import pair_card
from genloss.model.training.pair_evaluation import JudgedPairs, fit_order_slope, measure_groups, measure_pairs
from genloss.model.training.pair_set import PairSet, open_splits
from genloss.model.training.pair_training import (
    Boosters,
    PairTraining,
    RawScores,
    fit_closer,
    fit_parent,
    out_of_fold,
    parent_scores,
    raw_scores,
)
from genloss.model.training.rival_set import find_rivals
from genloss.model.training.rival_training import fit_rivals, rival_scores
from genloss.model.training.tree_export import export_trees


def run_pair_training(request: AdditionRequest[PairTraining], observer: Observer) -> dict[str, dict[str, float]]:
    """Measures every pair, fits the pair models on the training split, calibrates on validation, evaluates on test.

    Returns:
        Figures on the test split: "judge" alone and "side_by_side".

    Raises:
        GenerationLossError: an error that a user can act on.
    """
    data, chosen = open_splits(request, request.training.seed, observer)
    training = request.training
    observer.phase("fitting who is closer to the original")
    closer = fit_closer(data, chosen["train"], training)
    observer.phase("fitting who is whose parent")
    parent = fit_parent(data, chosen["train"], training)
    raw = raw_scores(closer, parent, data)
    bundle = load_bundle(request.bundle)
    calibration = _calibrate(data, chosen["validation"], raw, training, bundle.judge_slope)
    judged = _judged(data, raw, calibration)
    observer.phase("fitting who is whose parent in view of all versions")
    apart = _judged(data, out_of_fold(data, chosen["train"], training), calibration)
    family = fit_family(data, apart, chosen["train"], training)
    calibration = _calibrate_family(data, judged, chosen["validation"], family, training.seed, calibration)
    observer.phase("fitting which of two versions a third was made from")
    rival, rivals = fit_rivals(data, chosen["train"], training), find_rivals(data, ~chosen["train"])
    observer.phase("calibrating and evaluating")
    judged = replace(judged, rivals=rivals, rival_log_odds=rival_scores(rival, data, rivals))
    by_judge = replace(judged, log_odds=bundle.judge_slope * data.judge.astype(np.float64))
    evaluation = {
        name: {
            split: measure_pairs(data, how.log_odds, rows) | measure_groups(data, how, rows, training.seed, in_view(family))
            for split, rows in chosen.items()
            if split != "train"
        }
        for name, how in (("judge", by_judge), ("side_by_side", judged))
    }
    evaluation["proofs"] = {split: _count_proofs(data, rows) for split, rows in chosen.items()}
    columns = 3 * N_MEASURES - 1
    files = {
        CLOSER: export_trees(closer, columns), PARENT: export_trees(parent, columns + 1),
        FAMILY: export_trees(family, len(COLUMNS)), RIVAL: export_trees(rival, N_COLUMNS),
    }  # fmt: skip
    pairs = {
        "evidence_version": EVIDENCE_VERSION, "calibration": asdict(calibration), "evaluation": evaluation,
        "training": asdict(training), "corpus": request.corpus, "command": request.command,
        "groups": {split: int(np.sum(data.splits == split)) for split in SPLITS},
        "n_pairs": {split: int(rows.sum()) for split, rows in chosen.items()},
    }  # fmt: skip
    extend_bundle(bundle, request.out, "pairs", pairs, files, pair_card)
    return {name: evaluation[name]["test"] for name in ("judge", "side_by_side")}


def _judged(data: PairSet, raw: RawScores, calibration: PairCalibration) -> JudgedPairs:
    """What the pair models of a bundle say of all pairs."""
    log_odds = calibration.slope * (calibration.judge_weight * data.judge.astype(np.float64) + raw.evidence)
    parent, child = (calibration.parent_slope * one + calibration.parent_offset for one in (raw.parent, raw.child))
    return JudgedPairs(log_odds, parent, child)


def _calibrate(
    data: PairSet, rows: NDArray[np.bool_], raw: RawScores, training: PairTraining, judge_slope: float
) -> PairCalibration:
    order_slope = fit_order_slope(data, training.judge_weight * data.judge + raw.evidence, rows)
    numbers = np.concatenate([raw.parent[rows], raw.child[rows]])
    labels = np.concatenate([data.parent[rows] > 0, data.parent[rows] < 0])
    slope, offset = _fit_logistic(numbers, labels)
    return PairCalibration(training.judge_weight, order_slope, judge_slope, slope, offset)


def _calibrate_family(
    data: PairSet, judged: JudgedPairs, rows: NDArray[np.bool_], family: Boosters, seed: int, pairs: PairCalibration
) -> PairCalibration:  # fmt: skip
    columns, labels, _ = family_rows(data, judged, rows, seed)
    slope, offset = _fit_logistic(parent_scores(family, columns), labels > 0)
    return replace(pairs, family_slope=slope, family_offset=offset)


def _fit_logistic(numbers: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the likeliest odds, by Newton's method."""
    columns = np.stack([numbers, np.ones_like(numbers)], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(50):
        odds = 1 / (1 + np.exp(-np.clip(columns @ found, -50, 50)))
        weights = odds * (1 - odds)
        products = columns.T @ (columns * weights[:, None]) + 1e-6 * np.eye(2)
        found = found + np.clip(np.linalg.solve(products, columns.T @ (labels - odds)), -1, 1)
    return float(found[0]), float(found[1])


def _count_proofs(data: PairSet, rows: NDArray[np.bool_]) -> dict[str, float]:
    proved = rows & (data.proved != 0)
    return {
        "n_pairs": int(rows.sum()),
        "proved": int(proved.sum()),
        "wrong": int((proved & (data.closer != 0) & (data.proved != data.closer)).sum()),
        "between_siblings": int((proved & (data.closer == 0)).sum()),
    }
