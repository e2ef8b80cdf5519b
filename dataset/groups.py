"""Finds classes whose compression differs from the other classes: a network could learn this as a shortcut."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from genloss.dataset.attributes import ATTRIBUTES, Attribute
from genloss.dataset.labels import check_labelled
from genloss.dataset.tests_of_difference import SIGNIFICANT, Difference, adjust, compare_counts
from genloss.dataset.view import View

# Share of a class's files that would have to change until the class is distributed like the others.
LEAST_DISTANCE = 0.2
_LEAST_FILES = 10  # smaller classes are not tested
_COMPRESSION = "format || ' ' || coding || ' ' || subsampling || ' ' || IFNULL(jpeg_quality, '') || ' ' || tables"


@dataclass(frozen=True)
class OddGroup:
    """A class that differs from all other classes together in one attribute.

    Attributes:
        folder: the class.
        heading: of the attribute.
        n_files: of the class.
        distance: total variation distance in [0, 1].
        p: probability of the chi-square test, corrected for the number of tests.
        words: the value that is most over-represented in the class, with its shares here and in the others.
    """

    folder: str
    heading: str
    n_files: int
    distance: float
    p: float
    words: str


@dataclass(frozen=True)
class Guess:
    """Accuracy of guessing the class from compression alone, on held-out files.

    Attributes:
        right: share of right guesses.
        blind: share of right guesses if the guess is always the largest class.
    """

    right: float
    blind: float


@dataclass(frozen=True)
class Groups:
    """Comparison of the classes.

    Attributes:
        sizes: files of each class.
        overall: heading of an attribute -> test of all classes against each other.
        odd: classes that stand out, the most different first.
        guess: accuracy of guessing the class from format, coding, subsampling, quality and tables.
    """

    sizes: Counter[str]
    overall: dict[str, Difference]
    odd: list[OddGroup]
    guess: Guess


def compare_groups(view: View) -> Groups:
    """Compares each class with all other classes together.

    Raises:
        DatasetUnlabelledError: the pictures lie in fewer than two folders.
    """
    sizes = view.counts("folder")
    check_labelled(list(sizes))
    compared = [attribute for attribute in ATTRIBUTES if attribute.compared]
    overall: dict[str, Difference] = {}
    found: list[tuple[Attribute, str, Difference, float, str]] = []
    for attribute in compared:
        by_folder = _counts_by_folder(view, attribute)
        together: Counter[Any] = Counter()
        for counts in by_folder.values():
            together.update(counts)
        difference = compare_counts(list(by_folder.values()))
        if difference is not None:
            overall[attribute.heading] = difference
        for folder, counts in by_folder.items():
            others = together - counts
            test = compare_counts([counts, others]) if counts.total() >= _LEAST_FILES else None
            if test is not None:
                found.append((attribute, folder, test, _distance(counts, others), _describe(counts, others)))
    corrected = adjust([test.p for _, _, test, _, _ in found])
    odd = [
        OddGroup(folder, attribute.heading, sizes[folder], distance, p, words)
        for (attribute, folder, _, distance, words), p in zip(found, corrected, strict=True)
        if p < SIGNIFICANT and distance >= LEAST_DISTANCE
    ]
    odd.sort(key=lambda group: (-group.distance, group.folder))
    return Groups(sizes, overall, odd, _guess(view))


def _counts_by_folder(view: View, attribute: Attribute) -> dict[str, Counter[Any]]:
    by_folder: dict[str, Counter[Any]] = defaultdict(Counter)
    grouped = f"AND {attribute.condition} GROUP BY 1, 2"
    for folder, value, count in view.select(f"folder, {attribute.expression}, COUNT(*)", grouped):
        by_folder[folder][value] = count
    return dict(by_folder)


def _distance(first: "Counter[Any]", second: "Counter[Any]") -> float:
    """Total variation distance: half the sum of the absolute differences of all shares."""
    if not first or not second:
        return 0.0
    return sum(abs(first[value] / first.total() - second[value] / second.total()) for value in first | second) / 2


def _describe(counts: "Counter[Any]", others: "Counter[Any]") -> str:
    def surplus(value: Any) -> float:
        return counts[value] / counts.total() - others[value] / max(1, others.total())

    value = max(counts, key=surplus)
    here, elsewhere = 100 * counts[value] / counts.total(), 100 * others[value] / max(1, others.total())
    return f"{value}: {here:.3g} % of this class, {elsewhere:.3g} % of the others"


def _guess(view: View) -> Guess:
    """Learns the most frequent class of each compression from every second file, and tests it on the others."""
    learned: dict[str, Counter[str]] = defaultdict(Counter)
    blind: Counter[str] = Counter()
    tried: Counter[tuple[str, str]] = Counter()
    seen: Counter[str] = Counter()
    for folder, compression in view.select(f"folder, {_COMPRESSION}", "ORDER BY path"):
        seen[folder] += 1
        if seen[folder] % 2:
            learned[compression][folder] += 1
            blind[folder] += 1
        else:
            tried[folder, compression] += 1
    if not tried:
        return Guess(0.0, 0.0)
    largest = max(blind, key=lambda folder: blind[folder])
    best = {compression: max(counts, key=lambda folder: counts[folder]) for compression, counts in learned.items()}
    right = sum(count for (folder, compression), count in tried.items() if best.get(compression, largest) == folder)
    always = sum(count for (folder, _), count in tried.items() if folder == largest)
    return Guess(right / tried.total(), always / tried.total())
