"""Statistics of a run: kinds of edit, formats, splits, and the values of every parameter."""

import json
from array import array
from collections import Counter, defaultdict
from typing import Any

from genloss.datagen.ledger import ChainRecord

_HIDDEN = {"name", "seed", "text", "colours", "left_px", "top_px", "baseline_px"}  # their distribution says nothing


class RunStatistics:
    """Counts records one at a time. It keeps numbers in arrays and words in counters, so that a long run needs little memory.

    Attributes:
        kinds: count of each kind of edit.
        formats: count of versions by format, for originals and for edited versions.
        lengths: count of chains by number of versions.
        splits: counts of chains and versions, by split.
        numbers: all values, by heading and name.
        words: count of each value, by heading and name.
    """

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.formats: Counter[str] = Counter()
        self.lengths: Counter[str] = Counter()
        self.splits: dict[str, Counter[str]] = defaultdict(Counter)
        self.numbers: dict[str, dict[str, array[float]]] = defaultdict(lambda: defaultdict(lambda: array("d")))
        self.words: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def add(self, record: ChainRecord) -> None:
        """Counts one chain; a skipped one changes nothing."""
        if record.skipped:
            return
        self.lengths[f"{len(record.versions)} versions"] += 1
        self.splits[record.split].update(chains=1, versions=len(record.versions))
        for place, version in enumerate(record.versions):
            role = "original" if place == 0 else "edited"
            if place:
                self.kinds[version["kind"]] += 1
            self.formats[f"{version['image_format']} ({role})"] += 1
            bits = 8 * version["n_bytes"] / (version["width_px"] * version["height_px"])
            measured = self.numbers[f"versions: {role}"]
            measured["longest side, px"].append(max(version["width_px"], version["height_px"]))
            measured["bits per pixel"].append(bits)
            for step in json.loads(version["recipe"])["steps"]:
                self._add_step(step)

    def headings(self) -> list[str]:
        """Headings of `numbers` and `words`, the steps last."""
        return sorted({*self.numbers, *self.words}, key=lambda name: (name.startswith("step"), name))

    def _add_step(self, step: dict[str, Any]) -> None:
        heading = f"step: {step['name']}"
        for key, value in step.items():
            if key in _HIDDEN:
                continue
            if isinstance(value, str | bool):
                self.words[heading][key][str(value)] += 1
            else:
                self.numbers[heading][key].append(value)
