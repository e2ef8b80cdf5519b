"""Tests whether sets or classes differ by more than chance, and measures the size of the effect."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import ExtraMissingError

try:
    from scipy.stats import chi2, kstwobign
except ImportError as error:
    raise ExtraMissingError("comparing sets or classes", "audit", error) from error

LEAST_EXPECTED = 5.0  # count in a cell of a chi-square test; rarer values are pooled (Cochran, 1954)
SIGNIFICANT = 0.01
# Upper limit of an effect and the word for it. V: Cohen (1988), one degree of freedom; for D there is no convention.
_V_WORDS = ((0.1, "negligible"), (0.3, "small"), (0.5, "medium"), (1.01, "large"))
_D_WORDS = ((0.05, "negligible"), (0.15, "small"), (0.3, "medium"), (1.01, "large"))


@dataclass(frozen=True)
class Difference:
    """The outcome of one test.

    Attributes:
        test: "chi-square" or "Kolmogorov-Smirnov".
        statistic: chi-square, or D.
        p: probability of a difference at least as large by chance.
        effect: Cramér's V, or D; both in [0, 1].
        size: "negligible", "small", "medium" or "large".
    """

    test: str
    statistic: float
    p: float
    effect: float
    size: str


def compare_counts(counts: Sequence["Counter[Any]"]) -> Difference | None:
    """Chi-square test of homogeneity, with Cramér's V; None if fewer than two sets or values remain after pooling.

    Args:
        counts: how often each value occurs in each set.
    """
    table = pooled_table([one for one in counts if one.total()])
    if min(table.shape) < 2:
        return None
    total = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    n_rows, n_columns = table.shape
    effect = float(np.sqrt(statistic / (total * (min(n_rows, n_columns) - 1))))
    p = float(chi2.sf(statistic, (n_rows - 1) * (n_columns - 1)))
    return Difference("chi-square", statistic, p, effect, _word(effect, _V_WORDS))


def compare_numbers(first: "Counter[float]", second: "Counter[float]") -> Difference | None:
    """Two-sample Kolmogorov-Smirnov test with its asymptotic probability.

    None if a set is empty or all numbers are equal. Ties make the probability too large, never too small.

    Args:
        first, second: how often each number occurs.
    """
    if not first or not second or len(first | second) < 2:
        return None
    values = sorted(first | second)
    shares = [np.cumsum([one[value] for value in values]) / one.total() for one in (first, second)]
    distance = float(np.abs(shares[0] - shares[1]).max())
    effective = first.total() * second.total() / (first.total() + second.total())
    p = float(kstwobign.sf(distance * np.sqrt(effective)))
    return Difference("Kolmogorov-Smirnov", distance, p, distance, _word(distance, _D_WORDS))


def adjust(probabilities: Sequence[float]) -> list[float]:
    """Probabilities with Holm's correction for many tests, in the order given.

    Source: Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    adjusted = [0.0] * len(probabilities)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(probabilities)), key=probabilities.__getitem__)):
        highest = max(highest, min(1.0, probabilities[place] * (len(probabilities) - rank)))
        adjusted[place] = highest
    return adjusted


def pooled_table(counts: Sequence["Counter[Any]"]) -> NDArray[np.float64]:
    """(sets, values) counts; values that are too rare for the test share a column."""
    if not counts:
        return np.zeros((0, 0))
    together: Counter[Any] = Counter()
    for one in counts:
        together.update(one)
    # The smallest set has the smallest expected counts.
    share = min(one.total() for one in counts) / max(1, together.total())
    common = [value for value, count in together.most_common() if count * share >= LEAST_EXPECTED]
    columns = [[one[value] for value in common] for one in counts]
    rest = [one.total() - sum(column) for one, column in zip(counts, columns, strict=True)]
    n_rest = sum(rest)
    if n_rest * share >= LEAST_EXPECTED or (n_rest and not common):
        columns = [[*column, left] for column, left in zip(columns, rest, strict=True)]
    elif n_rest:  # too rare even together: added to the least frequent of the others
        for column, left in zip(columns, rest, strict=True):
            column[-1] += left
    return np.array(columns, dtype=float)


def _word(effect: float, words: Sequence[tuple[float, str]]) -> str:
    return next(word for limit, word in words if effect < limit)
