"""Accuracy of scores and rankings: over chains, over listed pairs, by category."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import PairsError

REQUIRED_COLUMNS = ("better", "worse", "category")


@dataclass(frozen=True)
class Pair:
    """Two versions of one picture: the path of each, and the category of the edit between them."""

    better: str
    worse: str
    category: str


@dataclass(frozen=True)
class CategoryResult:
    """Accuracy on the pairs of one category: listed pairs, scored pairs, and the share in the right order (ties count half)."""

    category: str
    n_pairs: int
    n_scored: int
    accuracy: float


@dataclass(frozen=True)
class Evaluation:
    """Accuracy over a list of pairs.

    Attributes:
        n_pairs: pairs listed.
        n_scored: pairs whose two files could be scored; the others count as wrong.
        accuracy: share of all pairs in the right order; a tie counts half.
        macro: mean of the categories' accuracies.
        categories: in alphabetical order.
    """

    n_pairs: int
    n_scored: int
    accuracy: float
    macro: float
    categories: tuple[CategoryResult, ...]


def read_pairs(path: Path, split: str | None = None) -> list[Pair]:
    """Reads pairs from a CSV file with the columns better, worse, category and, if `split` is given, split.

    Raises:
        PairsError: the file cannot be read, lacks a column or an entry, or has no pair.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            needed = (*REQUIRED_COLUMNS, "split") if split else REQUIRED_COLUMNS
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise PairsError(f"{path} lacks the {'column' if len(missing) == 1 else 'columns'} {', '.join(missing)}")
            rows = []
            for row in reader:
                if any(row[name] is None for name in needed):
                    raise PairsError(f"{path}, line {reader.line_num}: an entry of {', '.join(needed)} is missing")
                if split is None or row["split"] == split:
                    rows.append(row)
    except OSError as error:
        raise PairsError(f"{path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise PairsError(f"{path} cannot be read: {error}") from error
    if not rows:
        raise PairsError(f"{path} lists no pairs" + (f" of the split {split!r}" if split else ""))
    return [Pair(row["better"], row["worse"], row["category"]) for row in rows]


def evaluate(pairs: Sequence[Pair], margins: Sequence[float | None]) -> Evaluation:
    """Accuracy on pairs.

    Args:
        pairs: at least one.
        margins: one per pair: above 0 if the order is right, 0 for a tie, below 0 if it is wrong, None if a file could
            not be scored.
    """
    points: dict[str, list[float]] = defaultdict(list)
    n_scored: dict[str, int] = defaultdict(int)
    for pair, margin in zip(pairs, margins, strict=True):
        n_scored[pair.category] += margin is not None
        points[pair.category].append(0.0 if margin is None else 0.5 if margin == 0 else float(margin > 0))
    categories = tuple(
        CategoryResult(name, len(points[name]), n_scored[name], float(np.mean(points[name]))) for name in sorted(points)
    )
    total = sum(result.n_pairs for result in categories)
    return Evaluation(
        n_pairs=total,
        n_scored=sum(result.n_scored for result in categories),
        accuracy=sum(result.accuracy * result.n_pairs for result in categories) / total,
        macro=float(np.mean([result.accuracy for result in categories])),
        categories=categories,
    )


def chain_differences(chain_scores: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Score of the worse minus score of the better version, for every ordered pair of every chain."""
    parts = []
    for scores in chain_scores:
        better, worse = np.triu_indices(len(scores), 1)
        parts.append(scores[worse].astype(np.float64) - scores[better])
    return np.concatenate(parts) if parts else np.zeros(0)


def chain_accuracy(chain_scores: Sequence[NDArray[np.float32]]) -> float:
    """Share of ordered pairs whose better version has the lower score; a tie counts half."""
    difference = chain_differences(chain_scores)
    return float(np.mean((difference > 0) + 0.5 * (difference == 0))) if difference.size else float("nan")
