"""Adds trees to a bundle's model of who is closer to the original, fitted on what it gets wrong; the other models stay."""

from dataclasses import asdict, replace

import numpy as np

from genloss.model.errors import BundleError
from genloss.model.pairs.evidence import N_MEASURES
from genloss.model.scoring.bundle import CLOSER, extend_bundle, load_bundle
from genloss.model.scoring.pair_models import PairModels
from genloss.model.training.addition import SPLITS, AdditionRequest, Observer
from genloss.model.training.pair_card import pair_card
from genloss.model.training.pair_evaluation import fit_order_slope, measure_pairs
from genloss.model.training.pair_set import open_splits
from genloss.model.training.pair_training import PairTraining, closer_scores, fit_closer
from genloss.model.training.tree_export import export_trees, join_trees


def run_further_training(request: AdditionRequest[PairTraining], observer: Observer) -> dict[str, dict[str, float]]:
    """Measures every pair, fits the trees on the training split, calibrates on validation, evaluates on test.

    The groups should hold old kinds of edit beside the new ones: the trees must not lose what the bundle knew.

    Returns:
        Figures on the test split: the bundle "before" and "after".

    Raises:
        GenerationLossError: an error that a user can act on.
    """
    bundle = load_bundle(request.bundle)
    if bundle.pairs is None:
        raise BundleError(f"{bundle.folder} has no pair models to go on from; train them without --further first")
    data, chosen = open_splits(request, request.training.seed, observer)
    observer.phase("fitting what the bundle gets wrong")
    models = PairModels(bundle)
    log_odds = models.log_odds(data.forwards, data.backwards, data.judge)
    # A PairSet whose "judge" is all that the bundle says: the trees are added to that at full weight.
    known = log_odds / models.calibration.slope
    told = replace(data, judge=known.astype(np.float32))
    training = replace(request.training, n_trees=request.training.n_further_trees, judge_weight=1.0)
    added = fit_closer(told, chosen["train"], training)
    raw = known + closer_scores(added, data.forwards, data.backwards)
    observer.phase("calibrating and evaluating")
    calibration = replace(models.calibration, slope=fit_order_slope(data, raw, chosen["validation"]))
    evaluation = {
        name: {split: measure_pairs(data, odds, rows) for split, rows in chosen.items() if split != "train"}
        for name, odds in (("before", log_odds), ("after", calibration.slope * raw))
    }
    further = {
        "corpus": request.corpus, "command": request.command, "from": bundle.version, "evaluation": evaluation,
        "n_trees": training.n_trees, "n_pairs": {split: int(rows.sum()) for split, rows in chosen.items()},
        "groups": {split: int(np.sum(data.splits == split)) for split in SPLITS},
    }  # fmt: skip
    files = {CLOSER: join_trees(bundle.pairs.closer, export_trees(added, 3 * N_MEASURES - 1))}
    section = {**bundle.description["pairs"], "calibration": asdict(calibration), "further": further}
    extend_bundle(bundle, request.out, "pairs", section, files, pair_card)
    return {name: figures["test"] for name, figures in evaluation.items()}
