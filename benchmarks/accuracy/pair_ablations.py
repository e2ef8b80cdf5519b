"""The value of each kind of evidence to the pair model: fits without it, on fewer groups, and without the judge.

python benchmarks/accuracy/pair_ablations.py --groups data/pairs --groups data/families
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.evidence import NAMES
from genloss.model.scoring.bundle import BUNDLED, load_bundle
from genloss.model.training.pair_evaluation import measure_pairs
from genloss.model.training.pair_set import PairSet, join_pair_sets, open_pair_set
from genloss.model.training.pair_training import PairTraining, closer_scores, fit_closer

PARTS = {
    "geometry": ("geometry", "registration"), "tone": ("tone",), "raw difference and 5x5 filter": ("raw", "filter"),
    "bands": ("bands",), "bins of luma": ("bins", "filtered_bins"), "chroma": ("chroma", "chroma_bins"),
    "palette": ("palette",), "container": ("container",),
}  # fmt: skip


def main() -> None:
    """Prints a table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=Path, action="append", required=True, help="as for genloss train-pairs")
    parser.add_argument("--seed", type=int, default=1683, help="of the order within pairs (default 1683)")
    parser.add_argument("--trees", type=int, default=300, help="fewer than shipped, to be quick (default 300)")
    arguments = parser.parse_args()
    data = join_pair_sets([open_pair_set(folder, BUNDLED, arguments.seed) for folder in arguments.groups])
    training = PairTraining(n_trees=arguments.trees, seed=arguments.seed)
    splits = data.splits[data.group]
    train, test = splits == "train", splits == "test"
    slope = load_bundle(BUNDLED).judge_slope
    print("| fitted on | wrong of the test pairs | right, % | log loss |\n|---|---|---|---|")
    _print_row("the judge alone", data, slope * data.judge.astype(np.float64), test)
    for name, some, rows, settings in _variants(data, train, training):
        boosters = fit_closer(some, rows, settings)
        log_odds = settings.judge_weight * some.judge + closer_scores(boosters, some.forwards, some.backwards)
        _print_row(name, some, log_odds, test)


def _variants(
    data: PairSet, train: NDArray[np.bool_], training: PairTraining
) -> Iterator[tuple[str, PairSet, NDArray[np.bool_], PairTraining]]:
    yield "everything", data, train, training
    yield "everything but the judge", data, train, replace(training, judge_weight=0.0)
    yield "the judge at full weight", data, train, replace(training, judge_weight=1.0)
    for name, parts in PARTS.items():
        yield f"without {name}", _without(data, lambda column, parts=parts: column.split(".")[0] in parts), train, training
    for share in (0.5, 0.25):
        kept = np.random.default_rng(training.seed).random(len(data.splits)) < share
        yield f"everything, {share:.0%} of the groups", data, train & kept[data.group], training


def _without(data: PairSet, is_part: Callable[[str], bool]) -> PairSet:
    hidden = np.array([is_part(name) for name in NAMES])
    return replace(
        data, forwards=np.where(hidden, np.nan, data.forwards), backwards=np.where(hidden, np.nan, data.backwards)
    )  # fmt: skip


def _print_row(name: str, data: PairSet, log_odds: NDArray[np.float64], rows: NDArray[np.bool_]) -> None:
    found = measure_pairs(data, log_odds, rows)
    n_wrong = round((1 - found["pair_accuracy"]) * found["n_pairs"])
    print(
        f"| {name} | {n_wrong} of {found['n_pairs']} | {100 * found['pair_accuracy']:.2f} | {found['log_loss']:.4f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
