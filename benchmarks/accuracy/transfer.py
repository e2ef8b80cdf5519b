"""Accuracy on unseen edits: small towers trained with and without kinds of steps, tested on the same split."""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray
from small_tower import EPOCHS, trained_on

from genloss.datagen.recipe import from_json, names
from genloss.model.measurements.features import FeatureConfig
from genloss.model.networks.config import NetworkConfig
from genloss.model.scoring.evaluation import chain_accuracy
from genloss.model.training.dataset import ChainSet, open_chains
from genloss.model.training.tower_training import score_versions

HELD_OUT = ("webp", "screenshot", "grain")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True, help="folder written by make_pairs.py")
    parser.add_argument("--without", nargs="+", default=HELD_OUT, help="held out in turn, by name")
    parser.add_argument("--chains", type=int, default=8000, help="training chains of every tower (default 8000)")
    arguments = parser.parse_args()
    for line in transfer(arguments.pairs, arguments.chains, arguments.without):
        print(line, flush=True)


def transfer(pairs: Path, n_chains: int, without: Sequence[str] = HELD_OUT) -> Iterator[str]:
    """Markdown with pair accuracies on the test split: a tower trained on all steps, and a tower without each name.

    Args:
        pairs: folder written by make_pairs.py.
        n_chains: training chains of each tower.
        without: names of kinds, steps or formats, as make_pairs.py accepts them.
    """
    data = open_chains(pairs, FeatureConfig())
    train_names, test_names = _names_of_versions(pairs, "train"), _names_of_versions(pairs, "test")
    yield "## Edits never trained on"
    yield f"Towers of the default shape, {EPOCHS} passes over {n_chains} chains each; the chains with a step of that name left"
    yield "out of training, not out of the test. Shares in percent of test pairs ordered rightly by score."
    yield ""
    yield "| trained | original against edit | neighbours | all pairs | pairs with the step: trained with it | without |"
    yield "|---|---|---|---|---|---|"
    whole = _test_scores(data, np.arange(len(train_names)), n_chains)
    yield _row("with everything", whole, " | ")
    for name in without:
        chosen = np.array([index for index, steps in enumerate(train_names) if not any(name in one for one in steps)])
        scores = _test_scores(data, chosen, n_chains)
        met = [[name in one for one in steps] for steps in test_names]
        n_pairs = sum(1 for _ in _rightly(whole, met))
        touched = [f"{100 * np.mean(list(_rightly(one, met))):.1f}" for one in (whole, scores)]
        yield _row(f"without {name}", scores, f"{touched[0]} ({n_pairs} pairs) | {touched[1]}")


def _names_of_versions(pairs: Path, split: str) -> list[list[frozenset[str]]]:
    """Names of the steps of each version of each chain of a split; empty for originals, which no hold-out affects."""
    chains = (json.loads(line) for line in (pairs / "chains.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        [frozenset(), *(names(from_json(version["recipe"])) for version in chain["versions"][1:])]
        for chain in chains
        if chain["split"] == split
    ]


def _test_scores(data: ChainSet, chosen: NDArray[np.int64], n_chains: int) -> list[NDArray[np.float32]]:
    """Scores of the test split's chains by a tower trained on some of the chosen training chains."""
    picked = np.sort(np.random.default_rng(1683).permutation(chosen)[:n_chains])
    tower = trained_on(data, picked, NetworkConfig(data.metadata.shape[1]))
    return score_versions(tower, data, "test", FeatureConfig().n_blocks)


def _row(name: str, scores: list[NDArray[np.float32]], rest: str) -> str:
    first = np.mean([after > one[0] for one in scores for after in one[1:]])
    neighbours = np.mean([right for one in scores for right in np.diff(one) > 0])
    shares = " | ".join(f"{100 * share:.1f}" for share in (first, neighbours, chain_accuracy(scores)))
    return f"| {name} | {shares} | {rest} |"


def _rightly(scores: list[NDArray[np.float32]], met: list[list[bool]]) -> Iterator[bool]:
    """Whether the worse version scores higher, for every pair with a `met` step after the better one, up to the worse."""
    for one, steps in zip(scores, met, strict=True):
        for better in range(len(one)):
            for worse in range(better + 1, len(one)):
                if any(steps[better + 1 : worse + 1]):
                    yield bool(one[worse] > one[better])


if __name__ == "__main__":
    main()
