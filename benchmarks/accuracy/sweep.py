"""A class left out of training: is it told apart as unknown, and what is it worth once it is added from a few pictures?

    python benchmarks/accuracy/sweep.py SET [--leave-out 4] [--bits 500] [--loss cosine] [--augment turned] [--seed 0]

For each of the first classes a network is trained on all others. Printed are the accuracy of the others, the AUROC of
known against unknown by the similarity with the nearest key, and for 1, 5, 10 and 20 shots the accuracy of the added
class and what the others lose, with keys of 1 bit and of 32, left as they are and pushed apart.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from genloss.dataset.labelled import keep_readable, list_labelled, read_rgb, to_square
from genloss.dataset.networks.classifier import outputs_of
from genloss.dataset.networks.config import AUGMENTATIONS, LOSSES, ClassifierConfig, FitConfig
from genloss.dataset.networks.fitting import Sample, fit_classifier
from genloss.dataset.splits import group_near_duplicates, split_by_group
from genloss.dataset.sweep.options import PARTS
from genloss.model.memory.explicit_memory import Memory
from genloss.model.memory.keys import draw_keys

SHOTS = (1, 5, 10, 20)
DRAWS = 10  # of shots
APART = 0.3
MOST_SIDE_PX = 96


def auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    """Probability that a known one scores above an unknown one."""
    ranks = np.argsort(np.argsort(np.concatenate([known, unknown]), kind="stable"), kind="stable")[: len(known)] + 1
    return float((ranks.sum() - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown)))


class LeftOut:
    """Outputs of a network that was trained on all classes but one.

    Args:
        sample: all pictures.
        parts: places of those to learn from, validate and test on.
        left_out: the class.
        options: of the command line.
    """

    def __init__(self, sample: Sample, parts: list[np.ndarray], left_out: int, options: argparse.Namespace) -> None:
        labels = sample.labels - (sample.labels > left_out)
        train, validation, test = (part[sample.labels[part] != left_out] for part in parts)
        keys = draw_keys(int(labels.max()) + 1, options.bits, np.random.default_rng([options.seed, 1]))
        config = ClassifierConfig(sample.pictures.shape[1], n_outputs=options.bits)
        fit = FitConfig(options.loss, options.epochs, augmentation=options.augment, seed=options.seed)
        samples = (Sample(sample.pictures[part], labels[part]) for part in (train, validation))
        network, _ = fit_classifier(*samples, keys, config, fit)
        self.memory = Memory.of_keys([str(label) for label in range(len(keys))], keys)
        self.shots = outputs_of(network, sample.pictures[parts[0][sample.labels[parts[0]] == left_out]])
        self.new = outputs_of(network, sample.pictures[parts[2][sample.labels[parts[2]] == left_out]])
        self.old, self.old_labels = outputs_of(network, sample.pictures[test]), labels[test]

    def accuracy(self, memory: Memory) -> tuple[float, float]:
        """Of the old classes, and of the added one."""
        old = np.mean([int(name == str(label)) for name, label in zip(memory.nearest(self.old).names, self.old_labels)])
        return float(old), float(np.mean([name == "new" for name in memory.nearest(self.new).names]))

    def added(self, n_shots: int, bits: int, apart: float | None, generator: np.random.Generator) -> tuple[float, float]:
        """Accuracy of the old classes and of the new one, mean over draws of shots."""
        found = []
        for _ in range(DRAWS):
            some = self.shots[generator.permutation(len(self.shots))[:n_shots]]
            found.append(self.accuracy(self.memory.add("new", some, bits, apart)))
        return tuple(np.mean(found, axis=0))


def main() -> None:
    """Prints two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--leave-out", type=int, default=4, help="classes that are left out in turn, the first ones")
    parser.add_argument("--bits", type=int, default=500)
    parser.add_argument("--loss", choices=LOSSES, default="cosine")
    parser.add_argument("--augment", choices=AUGMENTATIONS, default="mirrored")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    files, hashes, median_px = keep_readable(list_labelled(options.set, 1000, np.random.default_rng(0)), lambda *_: None)
    side_px = min(MOST_SIDE_PX, median_px // 8 * 8)
    sample = Sample(np.stack([to_square(rgb, side_px) for rgb in read_rgb(files.paths)]), files.labels)
    groups = group_near_duplicates(hashes)
    parts = split_by_group(files.labels, groups, list(PARTS.values()), np.random.default_rng([options.seed, 3]))
    left = {name: LeftOut(sample, parts, place, options) for place, name in enumerate(files.classes[: options.leave_out])}
    print("| left out | others right, % | AUROC known against unknown |\n|---|---|---|")
    before = {}
    for name, one in left.items():
        before[name] = one.accuracy(one.memory)[0]
        known, unknown = (one.memory.nearest(outputs).similarity for outputs in (one.old, one.new))
        print(f"| {name} | {100 * before[name]:.1f} | {auroc(known, unknown):.3f} |", flush=True)
    print("\n| key | shots | added class right, % | others lose, points |\n|---|---|---|---|")
    generator = np.random.default_rng([options.seed, 9])
    for bits, apart in ((1, None), (32, None), (1, APART), (32, APART)):
        for n_shots in SHOTS:
            found = {name: one.added(n_shots, bits, apart, generator) for name, one in left.items()}
            new = np.mean([right for _, right in found.values()])
            lost = np.mean([before[name] - old for name, (old, _) in found.items()])
            key = f"{bits} bit{'s' * (bits > 1)}{', pushed apart' if apart else ''}"
            print(f"| {key} | {n_shots} | {100 * new:.1f} | {100 * lost:.1f} |")


if __name__ == "__main__":
    main()
