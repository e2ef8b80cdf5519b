"""Charts of a sweep as SVG: accuracy by level, similarity with the keys, and maps of the outputs."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genloss.dataset.charts import BLUE, LOOK, ORANGE, chart_text, to_svg
from genloss.dataset.sweep.findings import LevelFinding

COLOURS = (BLUE, ORANGE, "#3a9a6a", "#c23b3b", "#8a5cc2", "#b8860b", "#c2578f", "#2aa5a5", "#7a8b2f", "#5b4fd1")
_GREY = "#5c6772"


def accuracy_chart(curves: Sequence[tuple[str, Sequence[LevelFinding]]], names: Sequence[str], unit: str, chance: float) -> str:
    """Accuracy with interval at every level; a line for each classifier.

    Args:
        curves: training pictures of each classifier in words, and the findings, all at the same levels.
        names: of the levels.
        unit: of the levels.
        chance: accuracy of always predicting the largest class.
    """
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(7.6, 3.8), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(names))
        for number, (name, findings) in enumerate(curves):
            colour = COLOURS[number % len(COLOURS)]
            heights = np.array([100 * finding.accuracy for finding in findings])
            axes.plot(places, heights, marker="o", ms=4, color=colour, label=f"trained on {name}")
            low, high = (np.array([100 * getattr(finding, end) for finding in findings]) for end in ("low", "high"))
            axes.fill_between(places, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.axhline(100 * chance, color=_GREY, lw=0.9, ls=":", label="always the largest class")
        axes.set_xticks(places, names)
        axes.set(xlabel=unit, ylabel="accuracy, %", ylim=(0, 101))
        axes.set_title("Accuracy on compressed test pictures", loc="left")
        axes.legend(loc="lower left", fontsize=8.5)
        return to_svg(figure)


def distance_chart(findings: Sequence[LevelFinding], names: Sequence[str], unit: str) -> str:
    """Mean similarity with the right key and with the nearest wrong key, and agreement of the attention, by level."""
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(7.6, 3.2), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(names))
        lines = (("own", "similarity with the own key", BLUE), ("other", "with the nearest other key", ORANGE),
                 ("attention", "attention against that as found", "#3a9a6a"))  # fmt: skip
        for field, label, colour in lines:
            axes.plot(places, [getattr(finding, field) for finding in findings], marker="o", ms=4, color=colour, label=label)
        axes.set_xticks(places, names)
        axes.set(xlabel=unit, ylim=(min(-0.05, *(finding.other - 0.05 for finding in findings)), 1.05))
        axes.set_title("Similarity of outputs and attention, at most 1", loc="left")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8.5)
        return to_svg(figure)


def output_maps(places: NDArray[np.float64], labels: NDArray[np.int64], classes: Sequence[str], names: Sequence[str]) -> str:
    """Maps of the outputs at each level, in a common layout, coloured by class.

    Args:
        places: (L, M, 2) coordinates without a unit, for L levels and M pictures.
        labels: (M,) classes.
        classes: names of the classes.
        names: of the L levels.
    """
    across = 4
    down = -(-len(names) // across)
    low, high = places.reshape(-1, 2).min(axis=0), places.reshape(-1, 2).max(axis=0)
    margin = 0.04 * (high - low)
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(11.6, 2.75 * down + 0.4), layout="constrained")
        panels = figure.subplots(down, across, squeeze=False).ravel()
        for axes, name, points in zip(panels, names, places, strict=False):
            for label, own in enumerate(classes):
                axes.scatter(*points[labels == label].T, s=5, color=COLOURS[label % len(COLOURS)], linewidths=0,
                             label=chart_text(own if len(own) < 24 else f"{own[:22]}…"), rasterized=True)  # fmt: skip
            axes.set_title(name, fontsize=10, loc="left")
            axes.set(xticks=[], yticks=[], xlim=(low[0] - margin[0], high[0] + margin[0]),
                     ylim=(low[1] - margin[1], high[1] + margin[1]))  # fmt: skip
            axes.grid(visible=False)
        for axes in panels[len(names) :]:
            axes.set_visible(False)
        handles, texts = panels[0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside lower center", ncols=6, fontsize=8.5, markerscale=3)
        figure.set_dpi(150)
        return to_svg(figure)
