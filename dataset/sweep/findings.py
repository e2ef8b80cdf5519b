"""Evaluates the outputs at each level: accuracy with interval, similarities, and the level at which accuracy falls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.networks.attention import agreement
from genloss.dataset.sweep.levels import AS_FOUND
from genloss.dataset.sweep.outputs import LevelOutputs

FALLS = (1, 5, 10)  # percentage points of accuracy
_RESAMPLES = 2000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class LevelFinding:
    """Results of a classifier at a level. Accuracies, falls and `known` are shares of the test pictures.

    Attributes:
        level: AS_FOUND for unchanged files.
        accuracy: share of pictures whose nearest key is that of the right class.
        low, high: 95 % bootstrap interval of the accuracy, over groups of near-duplicates.
        fall: accuracy on unchanged files less accuracy at this level.
        fall_low, fall_high: 95 % bootstrap interval of the fall, paired by picture.
        by_class: accuracy of each class.
        own: mean similarity with the key of the right class, in [-1, 1].
        other: mean similarity with the nearest key of a wrong class, in [-1, 1].
        known: share of pictures whose similarity with the nearest key reaches the threshold of that class.
        attention: mean correlation of the attention with the attention to the unchanged picture, in [-1, 1].
        n_bytes: mean size of a file in bytes.
    """

    level: int
    accuracy: float
    low: float
    high: float
    fall: float
    fall_low: float
    fall_high: float
    by_class: list[float]
    own: float
    other: float
    known: float
    attention: float
    n_bytes: float


def find_out(
    by_level: dict[int, LevelOutputs], labels: NDArray[np.int64], groups: NDArray[np.int64],
    thresholds: NDArray[np.float32], generator: np.random.Generator,
) -> list[LevelFinding]:  # fmt: skip
    """Findings for every level, in the order of `by_level`.

    Args:
        by_level: level -> outputs for N test pictures; must include AS_FOUND.
        labels: (N,) classes of the pictures.
        groups: (N,) near-duplicate groups.
        thresholds: (K,) similarity from which each class is known.
        generator: for the bootstrap.
    """
    counts = _draw_counts(groups, generator)
    reference = by_level[AS_FOUND]
    right_as_found = reference.similarities.argmax(axis=1) == labels
    findings = []
    for level, outputs in by_level.items():
        nearest = outputs.similarities.argmax(axis=1)
        right = nearest == labels
        low, high = np.percentile(_means(right, counts), _INTERVAL)
        fall_low, fall_high = np.percentile(_means(right_as_found, counts) - _means(right, counts), _INTERVAL)
        own = np.take_along_axis(outputs.similarities, labels[:, None], axis=1)[:, 0]
        others = outputs.similarities.copy()
        np.put_along_axis(others, labels[:, None], -2, axis=1)
        findings.append(
            LevelFinding(
                level, float(right.mean()), float(low), float(high),
                float(right_as_found.mean() - right.mean()), float(fall_low), float(fall_high),
                [float(right[labels == label].mean()) for label in range(int(labels.max()) + 1)],
                float(own.mean()), float(others.max(axis=1).mean()),
                float((outputs.similarities.max(axis=1) >= thresholds[nearest]).mean()),
                float(agreement(outputs.attention, reference.attention).mean()),
                float(outputs.n_bytes.mean()),
            )
        )  # fmt: skip
    return findings


def level_of_fall(findings: Sequence[LevelFinding], points: float) -> float | None:
    """The highest level at which accuracy has fallen by `points`, interpolated linearly between levels.

    None if accuracy never falls so far. If it falls so far at the first level already, that level is returned.

    Args:
        findings: in order of falling levels; AS_FOUND is ignored.
        points: percentage points of accuracy.
    """
    before: LevelFinding | None = None
    for finding in (finding for finding in findings if finding.level != AS_FOUND):
        if 100 * finding.fall >= points:
            if before is None:
                return float(finding.level)
            share = (points / 100 - before.fall) / (finding.fall - before.fall)
            return before.level + share * (finding.level - before.level)
        before = finding
    return None


def is_sure(finding: LevelFinding) -> bool:
    """Whether a fall is significant: its interval lies above zero."""
    return finding.fall_low > 0


def _draw_counts(groups: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.float64]:
    """(R, N) counts of each picture in R resamples, which draw groups with replacement."""
    _, places = np.unique(groups, return_inverse=True)
    n_groups = int(places.max()) + 1
    return generator.multinomial(n_groups, np.full(n_groups, 1 / n_groups), _RESAMPLES)[:, places].astype(float)


def _means(right: NDArray[np.bool_], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = counts @ right / counts.sum(axis=1)
    return found
