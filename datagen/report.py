"""report.html: one offline page with a run's chains, the distributions of all draws, and the skipped files.

This module collects the content; templates/report.html lays it out and escapes it.
"""

import base64
import json
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genloss.datagen.contact_sheet import ChainPictures
from genloss.datagen.duplicates import SPLITS
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.run_statistics import RunStatistics
from genloss.datagen.sources import Source
from genloss.model.files import write_atomically
from genloss.model.templates import read_template

_WIDTH_PX, _HEIGHT_PX, _BINS = 220, 70, 24
_LONGEST_BAR_PX = 140
_MOST_SKIPPED = 2000  # files listed; the rest is in sources.csv


@dataclass(frozen=True)
class CountBar:
    """A name, its count, and the length of its bar."""

    name: str
    count: int
    width_px: int


@dataclass(frozen=True)
class HistogramBar:
    """A rectangle inside the histogram, in pixels, and its tooltip."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Histogram:
    """Histogram of one number, width_px by height_px."""

    caption: str
    bars: list[HistogramBar]
    width_px: int = _WIDTH_PX
    height_px: int = _HEIGHT_PX


@dataclass(frozen=True)
class Section:
    """The draws under one heading: numbers as histograms, words as lists of counts."""

    heading: str
    histograms: list[Histogram]
    tallies: list[tuple[str, list[CountBar]]]


def write_report(
    out: Path,
    run: dict[str, str],
    counts: Counter[str],
    sources: list[Source],
    records: Iterable[ChainRecord],
    sheet: list[ChainPictures],
) -> None:
    """Writes out/report.html; the page loads nothing from elsewhere.

    Args:
        out: folder of the run.
        run: identity of the run, shown unchanged.
        counts: from pair_tables.write_tables.
        sources: every file of the image folder.
        records: all chains; read once, one at a time.
        sheet: chains to show as pictures.
    """
    statistics = RunStatistics()
    for record in records:
        statistics.add(record)
    skipped = [source for source in sources if source.skipped]
    groups = Counter(source.group for source in sources if source.group)
    page = read_template(Path(__file__).parent / "templates" / "report.html").render(
        run=run,
        n_chains=counts["chains"],
        n_versions=counts["versions"],
        n_pairs=counts["pairs"],
        n_groups=sum(size > 1 for size in groups.values()),
        splits=_splits(sources, statistics),
        n_sources=len(sources),
        n_skipped=len(skipped),
        skipped=skipped[:_MOST_SKIPPED],
        skipped_chains=sorted((name, count) for name, count in counts.items() if name.startswith("chains skipped")),
        chains=[_chain(pictures) for pictures in sheet],
        kinds=_count_bars(statistics.kinds),
        formats=_count_bars(statistics.formats),
        lengths=_count_bars(statistics.lengths),
        sections=[_section(statistics, heading) for heading in statistics.headings()],
    )
    # A file name need not be UTF-8; its undecodable bytes become question marks.
    write_atomically(out / "report.html", page.encode("utf-8", "replace"))


def _splits(sources: list[Source], statistics: RunStatistics) -> dict[str, dict[str, int]]:
    originals = Counter(source.split for source in sources)
    return {
        name: {
            "originals": originals[name],
            "chains": statistics.splits[name]["chains"],
            "versions": statistics.splits[name]["versions"],
        }
        for name, _ in SPLITS
    }


def _chain(pictures: ChainPictures) -> dict[str, Any]:
    record = pictures.record
    return {
        "number": record.chain,
        "source": record.source,
        "split": record.split,
        "versions": [_version(version, data) for version, data in zip(record.versions, pictures.thumbnails, strict=True)],
    }


def _version(version: dict[str, Any], thumbnail: bytes) -> dict[str, Any]:
    """What the ledger says of the version, its picture, and its recipe in words and in full."""
    steps = json.loads(version["recipe"])["steps"]
    details = "\n".join(" ".join(f"{key}={value}"[:60] for key, value in step.items()) for step in steps)
    return {
        **version,
        "thumbnail": base64.b64encode(thumbnail).decode(),
        "steps": ", ".join(step["name"] for step in steps) or "the file itself",
        "details": details or "the file itself",
    }


def _section(statistics: RunStatistics, heading: str) -> Section:
    numbers, words = statistics.numbers.get(heading, {}), statistics.words.get(heading, {})
    return Section(
        heading,
        [_histogram(name, values) for name, values in sorted(numbers.items())],
        [(name, _count_bars(tally)) for name, tally in sorted(words.items())],
    )


def _histogram(name: str, values: "array[float]") -> Histogram:
    numbers = np.array(values)
    counts, edges = np.histogram(numbers, bins=min(_BINS, max(1, np.unique(numbers).size)))
    width, tallest = _WIDTH_PX / len(counts), max(1, int(counts.max()))
    bars = [
        HistogramBar(
            x=round(place * width, 1),
            y=round(_HEIGHT_PX * (1 - count / tallest), 1),
            width=round(max(0.5, width - 1), 1),
            height=round(_HEIGHT_PX * count / tallest, 1),
            title=f"{edges[place]:.4g} to {edges[place + 1]:.4g}: {count}",
        )
        for place, count in enumerate(counts.tolist())
    ]
    caption = f"{name}: {numbers.min():.4g} to {numbers.max():.4g}, median {np.median(numbers):.4g}, n {len(numbers)}"
    return Histogram(caption, bars)


def _count_bars(counts: Counter[str]) -> list[CountBar]:
    """The most frequent first."""
    most = max(counts.values(), default=1)
    return [CountBar(name, count, round(_LONGEST_BAR_PX * count / most)) for name, count in counts.most_common()]
