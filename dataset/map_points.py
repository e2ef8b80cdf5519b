"""Map of compression: subsampling, width, height and quality of colour JPEGs, laid out on a plane.

Source: "Compression in the ImageNet Dataset", which shows the first such map, made by UMAP.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.embedding import embed, find_clusters
from genloss.dataset.view import View

MOST_POINTS = 3000
LEAST_POINTS = 50
# Most files with the same four values; without this limit the most usual values would fill the map.
_MOST_ALIKE = 30
_SAMPLES = {"4:4:4": 1.0, "4:2:2": 0.5, "4:4:0": 0.5, "4:2:0": 0.25, "4:1:1": 0.25, "4:1:0": 0.125}  # share of chroma kept
_DIFFERS_IN_SHAPE = {"4:4:0": 0.1, "4:1:1": -0.1}  # keeps them apart from 4:2:2 and 4:2:0
_CONDITION = "AND jpeg_quality IS NOT NULL AND subsampling != '' AND width_px AND height_px"


@dataclass(frozen=True)
class Cluster:
    """A cluster of points.

    Attributes:
        number: from 1 for the largest; sets the colour on the map.
        n_points: number of points on the map; the set may have more such files.
        words: size, quality and subsampling of its files.
    """

    number: int
    n_points: int
    words: str


@dataclass(frozen=True)
class CompressionMap:
    """The P points of the map and their facts.

    Attributes:
        method: "UMAP" or "t-SNE".
        places: (P, 2) coordinates without a unit.
        cluster: (P,) number of each point's cluster; 0 for none.
        subsampling: of each point, P strings.
        quality: (P,) of each point, in [1, 100].
        clusters: the largest first.
        n_files: number of colour JPEGs from which the points were sampled.
    """

    method: str
    places: NDArray[np.float64]
    cluster: NDArray[np.int_]
    subsampling: list[str]
    quality: NDArray[np.int_]
    clusters: list[Cluster]
    n_files: int


def lay_out(view: View, generator: np.random.Generator) -> CompressionMap | str:
    """Lays out the map; returns a sentence with the reason if there is none.

    Args:
        view: the set.
        generator: samples the points and seeds the layout.
    """
    counted = [
        (subsampling, width_px, height_px, quality, count)
        for subsampling, width_px, height_px, quality, count in view.select(
            "subsampling, width_px, height_px, jpeg_quality, COUNT(*)", f"{_CONDITION} GROUP BY 1, 2, 3, 4"
        )
    ]
    rows = [row[:4] for row in counted for _ in range(min(row[4], _MOST_ALIKE))]
    if len(rows) < LEAST_POINTS:
        n_files = sum(row[4] for row in counted)
        return (
            f"No map: it needs {LEAST_POINTS} JPEG files in colour, counting at most {_MOST_ALIKE} of those with the same four "
            f"numbers; here {n_files:,} files have {len(counted):,} different ones."
        )
    if len(rows) > MOST_POINTS:
        rows = [rows[place] for place in sorted(generator.choice(len(rows), MOST_POINTS, replace=False))]
    vectors = _vectors(rows)
    laid = embed(vectors, int(generator.integers(2**31)))
    if isinstance(laid, str):
        return laid
    method, places = laid
    labels = find_clusters(places)
    clusters, numbers = _describe(labels, rows)
    return CompressionMap(
        method,
        places,
        numbers,
        [row[0] for row in rows],
        np.array([row[3] for row in rows]),
        clusters,
        sum(row[4] for row in counted),
    )


def _vectors(rows: list[tuple[str, int, int, int]]) -> NDArray[np.float64]:
    """(P, 4) coordinates. Half a side weighs as much as half the chroma samples, or as 20 points of quality."""
    return np.array(
        [
            [
                2 * np.log2(_SAMPLES.get(subsampling, 0.5)) + _DIFFERS_IN_SHAPE.get(subsampling, 0.0),
                2 * np.log2(width_px),
                2 * np.log2(height_px),
                quality / 10,
            ]
            for subsampling, width_px, height_px, quality in rows
        ]
    )


def _describe(labels: NDArray[np.int_], rows: list[tuple[str, int, int, int]]) -> tuple[list[Cluster], NDArray[np.int_]]:
    """The clusters, largest first, and the (P,) number of each point's cluster."""
    sizes = Counter(int(label) for label in labels if label >= 0)
    clusters, numbers = [], np.zeros(len(labels), int)
    for number, (label, n_points) in enumerate(sizes.most_common(), 1):
        numbers[labels == label] = number
        members = [row for row, its_label in zip(rows, labels, strict=True) if its_label == label]
        clusters.append(Cluster(number, n_points, _words(members)))
    return clusters, numbers


def _words(members: list[tuple[str, int, int, int]]) -> str:
    sizes = Counter(f"{width_px}x{height_px}" for _, width_px, height_px, _ in members)
    size, share = _leading(sizes)
    longest = sorted(max(width_px, height_px) for _, width_px, height_px, _ in members)
    texts = [f"{share}{size}" if share is not None else f"longest side {_span(longest)} px"]
    if share is None:
        texts += _shape(members)
    qualities = sorted(quality for *_, quality in members)
    quality, share = _leading(Counter(qualities))
    texts.append(f"quality {quality}{_at_share(share)}" if share is not None else f"quality {_span(qualities)}")
    sampling, share = _leading(Counter(subsampling for subsampling, *_ in members))
    texts.append(f"{sampling}{_at_share(share)}" if share is not None else "mixed subsampling")
    return ", ".join(texts)


def _shape(members: list[tuple[str, int, int, int]]) -> list[str]:
    upright = sum(height_px > width_px for _, width_px, height_px, _ in members) / len(members)
    square = sum(height_px == width_px for _, width_px, height_px, _ in members) / len(members)
    if square > 0.9:
        return ["square"]
    return ["upright"] if upright > 0.9 else ["landscape"] if upright + square < 0.1 else []


def _leading(counts: "Counter") -> tuple[object, str | None]:
    """The most frequent value, and "" for a share of at least 0.95, "mostly " for at least 0.6, None below."""
    value, count = counts.most_common(1)[0]
    share = count / counts.total()
    return value, "" if share >= 0.95 else "mostly " if share >= 0.6 else None


def _at_share(share: str | None) -> str:
    return " mostly" if share else ""


def _span(values: list[int]) -> str:
    """The middle 90 % of sorted values, as in "320 to 500"."""
    low, high = values[len(values) // 20], values[-1 - len(values) // 20]
    return str(low) if low == high else f"{low} to {high}"
