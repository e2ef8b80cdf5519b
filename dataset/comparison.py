"""Compares two sets, such as train and validation, and says in words where their distributions differ."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from genloss.dataset.attributes import ATTRIBUTES
from genloss.dataset.tests_of_difference import SIGNIFICANT, Difference, adjust, compare_counts, compare_numbers
from genloss.dataset.view import View

_N_NAMED = 3
# Numbers to compare: name, SQL expression, SQL condition.
_NUMBERS = (
    ("JPEG quality, as a number", "jpeg_quality", "jpeg_quality IS NOT NULL"),
    ("longest side", "MAX(width_px, height_px)", "width_px"),
    ("width over height", "ROUND(1.0 * width_px / height_px, 3)", "width_px AND height_px"),
    ("bits per pixel", "ROUND(8.0 * n_bytes / width_px / height_px, 2)", "width_px AND height_px"),
)


@dataclass(frozen=True)
class Compared:
    """One line of the comparison.

    Attributes:
        name: of the compared attribute or number.
        difference: outcome of the test.
        p: probability, corrected for the number of tests.
        words: the finding as a sentence.
    """

    name: str
    difference: Difference
    p: float
    words: str


def compare_sets(first: View, second: View) -> list[Compared]:
    """Tests every comparable attribute and number. Significant differences come first, then larger effects.

    Args:
        first, second: the audited set, and the set that it is compared with.
    """
    found: list[tuple[str, Difference, str]] = []
    for attribute in ATTRIBUTES:
        if attribute.compared:
            counts = [view.counts(attribute.expression, attribute.condition) for view in (first, second)]
            difference = compare_counts(counts)
            if difference is not None:
                found.append((attribute.heading, difference, _most_different(*counts)))
    for name, expression, condition in _NUMBERS:
        numbers = [view.counts(expression, condition) for view in (first, second)]
        difference = compare_numbers(*numbers)
        if difference is not None:
            medians = " against ".join(f"{_median(one):g}" for one in numbers)
            found.append((name[:1].upper() + name[1:], difference, f"median {medians}"))
    corrected = adjust([difference.p for _, difference, _ in found])
    compared = [
        Compared(name, difference, p, _sentence(difference, p, detail))
        for (name, difference, detail), p in zip(found, corrected, strict=True)
    ]
    return sorted(compared, key=lambda line: (line.p >= SIGNIFICANT, -line.difference.effect))


def _sentence(difference: Difference, p: float, detail: str) -> str:
    if p >= SIGNIFICANT:
        return f"No difference beyond chance; {detail}."
    if difference.size == "negligible":
        return f"A difference beyond chance, too small to matter; {detail}."
    return f"The sets differ, with a {difference.size} effect; {detail}."


def _most_different(first: "Counter[Any]", second: "Counter[Any]") -> str:
    """The values whose shares differ most, as in "4:2:0: 10.2 % against 33 %"."""
    shares = {value: (first[value] / max(1, first.total()), second[value] / max(1, second.total())) for value in first | second}
    most = sorted(shares, key=lambda value: -abs(shares[value][0] - shares[value][1]))[:_N_NAMED]
    return ", ".join(f"{value}: {100 * shares[value][0]:.3g} % against {100 * shares[value][1]:.3g} %" for value in most)


def _median(counts: "Counter[float]") -> float:
    below = 0
    for value in sorted(counts):
        below += counts[value]
        if 2 * below >= counts.total():
            return value
    return float("nan")
