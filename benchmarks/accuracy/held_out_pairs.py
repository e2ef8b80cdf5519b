"""Accuracy of the pair models of a bundle on the held-out split, by folder and by last edit.

python benchmarks/accuracy/held_out_pairs.py --groups data/pairs --groups data/families --bundle model/weights

`genloss train-pairs` prints one figure for all folders together. This compares bundles on the same
pairs, and shows on which kinds a bundle is weak. Pairs that `genloss train-pairs` has not measured yet are measured here.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from genloss.model.scoring.bundle import BUNDLED, load_bundle
from genloss.model.scoring.pair_models import PairModels
from genloss.model.training.pair_evaluation import JudgedPairs, measure_groups, measure_pairs
from genloss.model.training.pair_set import PairSet, join_pair_sets, open_pair_set
from genloss.model.training.rival_set import find_rivals

SURE = np.log(99)


def main() -> None:
    """Prints the tables as Markdown."""
    arguments = _parser().parse_args()
    data = join_pair_sets([open_pair_set(folder, BUNDLED, arguments.seed) for folder in arguments.groups])
    chosen = data.splits[data.group] == arguments.split
    models = PairModels(load_bundle(arguments.bundle))
    judged = _judged(data, np.flatnonzero(chosen), models)
    pairs = measure_pairs(data, judged.log_odds, chosen)
    groups = measure_groups(data, judged, chosen, arguments.seed, models.family_log_odds)
    print(f"Bundle {load_bundle(arguments.bundle).version}, {arguments.split} split.\n")
    without = replace(judged, rivals=None, rival_log_odds=None)
    no_rivals = measure_groups(data, without, chosen, arguments.seed, models.family_log_odds)
    alone = measure_groups(data, without, chosen, arguments.seed, lambda parent, worse: parent)
    print("| pairs | right | calibration error | original first | edges | roots | edges, one in five missing |", end="")
    print(" without rivals | by pairs alone |\n|---|---|---|---|---|---|---|---|---|")
    print(
        f"| {pairs['n_pairs']} | {100 * pairs['pair_accuracy']:.2f} % | {pairs['calibration_error']:.4f} "
        f"| {100 * groups['original_first']:.1f} % of {groups['n_groups']} "
        f"| {100 * groups['whole_edges']:.1f} % of {groups['whole_n_edges']} | {100 * groups['whole_roots']:.1f} % "
        f"| {100 * groups['missing_edges']:.1f} % of {groups['missing_n_edges']} "
        f"| {100 * no_rivals['whole_edges']:.1f}, {100 * no_rivals['missing_edges']:.1f} % "
        f"| {100 * alone['whole_edges']:.1f}, {100 * alone['missing_edges']:.1f} % |\n"
    )
    print("| last edit | pairs | right | judge alone | wrong at 99 % or more |\n|---|---|---|---|---|")
    for kind in np.unique(data.kinds[chosen]):
        some = chosen & (data.kinds == kind) & (data.closer != 0)
        if not some.any():
            continue
        right = measure_pairs(data, judged.log_odds, some)["pair_accuracy"]
        alone = measure_pairs(data, data.judge.astype(float), some)["pair_accuracy"]
        wrong = int(np.sum((judged.log_odds * data.closer)[some] > SURE))
        print(f"| {kind} | {some.sum()} | {100 * right:.1f} % | {100 * alone:.1f} % | {wrong} |")


def _judged(data: PairSet, rows: np.ndarray, models: PairModels) -> JudgedPairs:
    """Judgements of the bundle for these pairs; 0 for all others."""
    judge = data.judge[rows].astype(np.float64)
    forwards, backwards = data.forwards[rows], data.backwards[rows]
    found = np.zeros((3, len(data.judge)))
    found[0, rows] = models.log_odds(forwards, backwards, judge)
    found[1, rows] = models.parent_log_odds(forwards, backwards, judge)
    found[2, rows] = models.parent_log_odds(backwards, forwards, -judge)
    if not models.compares_rivals:
        return JudgedPairs(*found)
    chosen = np.zeros(len(data.judge), bool)
    chosen[rows] = True
    rivals = find_rivals(data, chosen)
    return JudgedPairs(*found, rivals, models.rival_log_odds(rivals.evidence(data, 0), rivals.evidence(data, 1)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=Path, action="append", required=True, help="as for genloss train-pairs")
    parser.add_argument("--bundle", type=Path, default=BUNDLED, help="another bundle than the shipped one")
    parser.add_argument("--split", choices=("validation", "test"), default="test", help="(default test)")
    parser.add_argument("--seed", type=int, default=1, help="of the order within pairs, as in training (default 1)")
    return parser


if __name__ == "__main__":
    main()
