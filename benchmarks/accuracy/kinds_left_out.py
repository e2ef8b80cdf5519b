"""Accuracy of the pair model on unseen kinds of edit: fitted without the groups that hold a kind, tested on pairs of it.

python benchmarks/accuracy/kinds_left_out.py --groups data/pairs --groups data/families
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.model.scoring.bundle import BUNDLED
from genloss.model.training.pair_evaluation import measure_pairs
from genloss.model.training.pair_set import PairSet, join_pair_sets, open_pair_set
from genloss.model.training.pair_training import PairTraining, closer_scores, fit_closer

KINDS = ("webp", "screenshot", "grain")  # each includes its series of strengths


def main() -> None:
    """Prints a table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=Path, action="append", required=True, help="as for genloss train-pairs")
    parser.add_argument("--kinds", nargs="+", default=KINDS, help=f"of edit, as in make_pairs (default {' '.join(KINDS)})")
    parser.add_argument("--seed", type=int, default=1683, help="of the order within pairs (default 1683)")
    parser.add_argument("--trees", type=int, default=300, help="fewer than shipped, to be quick (default 300)")
    arguments = parser.parse_args()
    data = join_pair_sets([open_pair_set(folder, BUNDLED, arguments.seed) for folder in arguments.groups])
    training = PairTraining(n_trees=arguments.trees, seed=arguments.seed)
    train = data.splits[data.group] == "train"
    everything = _log_odds(data, train, training)
    print(
        "| kind | pairs of held-out sources | right, fitted on everything | right, fitted without the kind | groups left out |"
    )
    print("|---|---|---|---|---|", flush=True)
    for kind in arguments.kinds:
        of_kind = np.char.startswith(data.kinds, kind)
        with_kind = np.isin(data.group, data.group[of_kind])
        without = _log_odds(data, train & ~with_kind, training)
        judged = ~train & of_kind
        accuracies = [measure_pairs(data, log_odds, judged) for log_odds in (everything, without)]
        n_left_out = len(np.unique(data.group[train & with_kind]))
        shares = " | ".join(f"{100 * found['pair_accuracy']:.2f} %" for found in accuracies)
        print(f"| {kind} | {accuracies[0]['n_pairs']:.0f} | {shares} | {n_left_out} |", flush=True)


def _log_odds(data: PairSet, rows: NDArray[np.bool_], training: PairTraining) -> NDArray[np.float64]:
    found: NDArray[np.float64] = training.judge_weight * data.judge + closer_scores(
        fit_closer(data, rows, training), data.forwards, data.backwards
    )
    return found


if __name__ == "__main__":
    main()
