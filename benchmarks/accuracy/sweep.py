"""A class left out of training: detection as unknown, and accuracy after adding it from a few pictures.

    python benchmarks/accuracy/sweep.py SET [--leave-out 4] [--bits 500] [--loss cosine] [--augment turned] [--seed 0]

For each of the first classes a network is trained on all other classes. The tables show the accuracy on the other classes,
the AUROC of known against unknown by similarity to the nearest key, and for 1, 5, 10 and 20 shots the accuracy on the added
class and the loss on the others. Vectors are the outputs of the network, with keys of 1 and of 32 bits, plain and pushed
apart; or the means of its last feature maps.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from auroc import auroc

from genloss.dataset.labelled import keep_readable, list_labelled, read_rgb, to_square
from genloss.dataset.networks.classifier import MEANS, OUTPUT, predict, tapped
from genloss.dataset.networks.config import AUGMENTATIONS, LOSSES, ClassifierConfig, FitConfig, usual_side
from genloss.dataset.networks.fitting import Sample, fit_classifier
from genloss.dataset.splits import group_near_duplicates, split_by_group
from genloss.dataset.sweep.options import PARTS, USUAL_SIDE_PX
from genloss.model.memory.explicit_memory import KeyBits, Memory
from genloss.model.memory.keys import draw_keys

SHOTS = (1, 5, 10, 20)
DRAWS = 10  # random choices of shots, to average over
APART = 0.8


@dataclass(frozen=True)
class Space:
    """Vectors of pictures, and the memory of the trained classes.

    Attributes:
        memory: of the old, trained classes.
        shots: vectors of the training pictures of the left-out class.
        new: vectors of the test pictures of the left-out class.
        old: vectors of the test pictures of the old classes.
        old_labels: labels of `old`.
    """

    memory: Memory
    shots: np.ndarray
    new: np.ndarray
    old: np.ndarray
    old_labels: np.ndarray

    def accuracy(self, memory: Memory) -> tuple[float, float]:
        """Accuracy on the old classes and on the added class."""
        old = np.mean([name == str(label) for name, label in zip(memory.nearest(self.old).names, self.old_labels)])
        return float(old), float(np.mean([name == "new" for name in memory.nearest(self.new).names]))

    def added(self, n_shots: int, bits: KeyBits, apart: float | None, generator: np.random.Generator) -> tuple[float, float]:
        """Accuracy on the old classes and on the added class, mean over draws of shots."""
        found = []
        for _ in range(DRAWS):
            some = self.shots[generator.permutation(len(self.shots))[:n_shots]]
            found.append(self.accuracy(self.memory.add("new", some, bits, apart)))
        old, new = np.mean(found, axis=0)
        return float(old), float(new)

    def auroc(self) -> float:
        """Probability that a picture of an old class is nearer to its nearest key than a picture of the left-out class."""
        return auroc(*(self.memory.nearest(vectors).similarity for vectors in (self.old, self.new)))


def spaces(sample: Sample, parts: list[np.ndarray], left_out: int, options: argparse.Namespace) -> dict[str, Space]:
    """Two spaces of a network trained on all classes but one: outputs with the learned keys, and means of the last maps.

    The mean over the training pictures is subtracted from the means. The key of an old class is the mean of its pictures.
    """
    labels = sample.labels - (sample.labels > left_out)
    train, validation, test = (part[sample.labels[part] != left_out] for part in parts)
    keys = draw_keys(int(labels.max()) + 1, options.bits, np.random.default_rng([options.seed, 1]))
    config = ClassifierConfig(sample.pictures.shape[1], n_outputs=options.bits)
    fit = FitConfig(options.loss, options.epochs, augmentation=options.augment, seed=options.seed)
    samples = (Sample(sample.pictures[part], labels[part]) for part in (train, validation))
    network, _ = fit_classifier(*samples, keys, config, fit)
    both = tapped(network, (OUTPUT, MEANS))
    places = [train, *(part[sample.labels[part] == left_out] for part in (parts[0], parts[2])), test]
    outputs, means = zip(*(predict(both, sample.pictures[place]) for place in places), strict=True)
    names = [str(label) for label in range(len(keys))]
    centred = [one - means[0].mean(axis=0) for one in means]
    prototypes = Memory(centred[0].shape[1])
    for label, name in enumerate(names):
        prototypes = prototypes.add(name, centred[0][labels[train] == label])
    return {
        "outputs": Space(Memory.of_keys(names, keys), *outputs[1:], labels[test]),
        "means": Space(prototypes, *centred[1:], labels[test]),
    }


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
    side_px = usual_side(median_px, USUAL_SIDE_PX)
    sample = Sample(np.stack([to_square(rgb, side_px) for rgb in read_rgb(files.paths)]), files.labels)
    groups = group_near_duplicates(hashes)
    parts = split_by_group(files.labels, groups, list(PARTS.values()), np.random.default_rng([options.seed, 3]))
    left = {name: spaces(sample, parts, place, options) for place, name in enumerate(files.classes[: options.leave_out])}
    print("| left out | vectors | others right, % | AUROC known against unknown |\n|---|---|---|---|")
    for name, both in left.items():
        for vectors, space in both.items():
            print(f"| {name} | {vectors} | {100 * space.accuracy(space.memory)[0]:.1f} | {space.auroc():.3f} |")
    print("\n| vectors | key | shots | added class right, % | others lose, points |\n|---|---|---|---|---|")
    generator = np.random.default_rng([options.seed, 9])
    keys: tuple[tuple[str, KeyBits, float | None], ...] = (
        ("outputs", 1, None), ("outputs", 32, None), ("outputs", 32, APART), ("means", 1, None), ("means", 32, None),
    )  # fmt: skip
    for vectors, bits, apart in keys:
        for n_shots in SHOTS:
            found = [(both[vectors], both[vectors].added(n_shots, bits, apart, generator)) for both in left.values()]
            new = np.mean([right for _, (_, right) in found])
            lost = np.mean([space.accuracy(space.memory)[0] - old for space, (old, _) in found])
            key = f"{bits} bit{'s' * (bits > 1)}{', pushed apart' if apart else ''}"
            print(f"| {vectors} | {key} | {n_shots} | {100 * new:.1f} | {100 * lost:.1f} |")


if __name__ == "__main__":
    main()
