"""Runs a sweep, from a labelled folder to the results."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import LabelledFiles, Watch, keep_readable, list_labelled
from genloss.dataset.splits import group_near_duplicates, split_by_group
from genloss.dataset.sweep.findings import LevelFinding, find_out
from genloss.dataset.sweep.levels import AS_FOUND
from genloss.dataset.sweep.options import PARTS, SweepOptions, check_out
from genloss.dataset.sweep.outputs import MOST_SHOWN, LevelOutputs, Parts
from genloss.dataset.sweep.trained import AS_FOUND_FOLDER, judge_level, load_trained, prepare_classifier
from genloss.model.errors import DatasetError


@dataclass(frozen=True)
class Trained:
    """Results of a classifier in a sweep.

    Attributes:
        level: of the training pictures.
        findings: for every tested level.
        outputs: tested level -> outputs.
    """

    level: int
    findings: list[LevelFinding]
    outputs: dict[int, LevelOutputs]


@dataclass(frozen=True)
class Sweep:
    """Results of a sweep.

    Attributes:
        options: of the sweep.
        parts: the pictures in their parts.
        side_px: side of the network's pictures in pixels.
        n_groups: number of near-duplicate groups of two or more pictures.
        shown: (M,) places in the test part of the pictures whose outputs and attention are kept.
        thresholds: level of the training pictures -> (K,) similarity from which each class is known.
        trained: results of each classifier; the first was trained on unchanged pictures.
    """

    options: SweepOptions
    parts: Parts
    side_px: int
    n_groups: int
    shown: NDArray[np.intp]
    thresholds: dict[int, NDArray[np.float32]]
    trained: list[Trained]

    @property
    def test_labels(self) -> NDArray[np.int64]:
        """(N,) classes of the test pictures."""
        return self.parts.files.labels[self.parts.test]


def sweep(options: SweepOptions, watch: Watch, on_trained: Callable[[Trained], None] = lambda trained: None) -> Sweep:
    """Trains the classifiers, tests them at all levels, and returns the results. An interrupted sweep resumes.

    Args:
        options: of the sweep.
        watch: shows the progress.
        on_trained: called with the results of each classifier.

    Raises:
        DatasetError: too few pictures in a class or in a part, or the folder cannot be used (a subclass says why).
        OutputRefusedError: `out` lies inside the read folder, or holds other files, or another run works in it.
        TrainingError: the loss is not finite, or a checkpoint is damaged.
    """
    seed = options.fit.seed
    listed = list_labelled(options.folder, options.most_per_class, np.random.default_rng([seed, 2]))
    claim = check_out(options, listed)
    files, hashes, median_px = keep_readable(listed, watch)
    groups = group_near_duplicates(hashes)
    parts = Parts(files, *split_by_group(files.labels, groups, list(PARTS.values()), np.random.default_rng([seed, 3])))
    _check_parts(files, parts)
    with claim.held():
        return _sweep_parts(options, parts, groups, options.choose_side(median_px), watch, on_trained)


def _sweep_parts(
    options: SweepOptions, parts: Parts, groups: NDArray[np.int64], side_px: int, watch: Watch,
    on_trained: Callable[[Trained], None],
) -> Sweep:  # fmt: skip
    """Trains and tests in the claimed folder; `groups` are those of near-duplicates, (N,)."""
    seed = options.fit.seed
    shown = np.sort(np.random.default_rng([seed, 4]).permutation(len(parts.test))[:MOST_SHOWN])
    found: list[Trained] = []
    thresholds = {}
    for level in (AS_FOUND, *sorted(set(options.train_levels), reverse=True)):
        folder = options.out / (AS_FOUND_FOLDER if level == AS_FOUND else f"trained-{level}")
        prepare_classifier(options, parts, level, side_px, watch, folder)
        classifier = load_trained(folder)
        outputs = {
            tried: judge_level(options, parts, classifier, tried, shown, watch, folder)
            for tried in (AS_FOUND, *options.degradation.levels)
        }
        thresholds[level] = np.array([entry.threshold for entry in classifier.memory.entries], np.float32)
        generator = np.random.default_rng([seed, 5])
        test_groups = groups[parts.test]
        findings = find_out(outputs, parts.files.labels[parts.test], test_groups, thresholds[level], generator)
        found.append(Trained(level, findings, outputs))
        on_trained(found[-1])
    n_groups = int((np.bincount(groups) > 1).sum())
    return Sweep(options, parts, side_px, n_groups, shown, thresholds, found)


def _check_parts(files: LabelledFiles, parts: Parts) -> None:
    for name, places in (("train", parts.train), ("validation", parts.validation), ("test", parts.test)):
        missing = set(range(len(files.classes))) - set(files.labels[places].tolist())
        if missing:
            raise DatasetError(
                f"no picture of class {files.classes[min(missing)]} is left for the {name} part: the class is too small, "
                "or its pictures are near-duplicates of each other"
            )
