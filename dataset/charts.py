"""Charts of the audit's report as SVG: bars with logarithmic counts, and a heat map of sizes."""

import io
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from genloss.model.printable import printable

BLUE, ORANGE = "#2f6fc4", "#d9822b"
_RATIOS = ((1, 1, "#c23b3b"), (4, 3, "#3a9a6a"), (3, 2, "#2f6fc4"))
CROPPED_PX = 1000
_N_CELLS = 100
_MOST_BARS = 40
_FEW_CELLS = 20
LOOK: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "genloss", "font.family": "sans-serif", "font.size": 10, "axes.grid": True,
    "grid.color": "#e3e6ea", "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#8a929b",
    "axes.axisbelow": True, "legend.frameon": False,
}  # fmt: skip


def count_bars(sets: Sequence[tuple[str, "Counter[Any]"]], label: str) -> str:
    """Bar chart of counts on a logarithmic axis, with a colour for each set.

    Args:
        sets: name and counts of one or two sets.
        label: of the axis of values.
    """
    together: Counter[Any] = Counter()
    for _, counts in sets:
        together.update(counts)
    values = sorted(value for value, _ in together.most_common(_MOST_BARS))
    names = [chart_text(str(value) if len(str(value)) < 28 else f"{str(value)[:26]}…") for value in values]
    figure, axes = _figure(min(11.6, 2.4 + 0.55 * len(values) * len(sets)), 2.9)
    _log_bars(axes, [(name, [counts[value] for value in values]) for name, counts in sets], np.arange(len(values)))
    is_long = max(map(len, names)) > 9
    axes.set_xticks(range(len(values)), names, rotation=35 if is_long else 0, ha="right" if is_long else "center")
    axes.set(ylabel="files", xlabel=label)
    return to_svg(figure)


def quality_bars(sets: Sequence[tuple[str, "Counter[int]"]]) -> str:
    """Bar chart of the qualities 1 to 100, counts on a logarithmic axis."""
    figure, axes = _figure(11.6, 3.2)
    qualities = np.arange(1, 101)
    _log_bars(axes, [(name, [counts[int(quality)] for quality in qualities]) for name, counts in sets], qualities)
    axes.set(xlabel="JPEG quality", ylabel="files", xlim=(0, 101))
    axes.set_xticks([1, *range(10, 101, 10)])
    return to_svg(figure)


def map_limits(largest_px: int) -> list[float]:
    """Largest side in pixels of each heat map: the whole range, preceded by a cropped map if sizes exceed CROPPED_PX."""
    whole = 1.04 * largest_px
    return [whole] if largest_px <= CROPPED_PX else [CROPPED_PX, whole]


def size_map(counts: "Counter[tuple[int, int]]", limit: float) -> str:
    """Heat map of widths and heights, with lines at the usual aspect ratios.

    Args:
        counts: files by (width, height) in pixels.
        limit: largest width and height of the map in pixels, from map_limits.
    """
    sizes = np.array(list(counts), dtype=float)
    edges = np.linspace(0, limit * 1.0001, 1 + (_N_CELLS if limit > 4 * _N_CELLS else _N_CELLS // 2))
    heat, _, _ = np.histogram2d(sizes[:, 1], sizes[:, 0], bins=(edges, edges), weights=np.array(list(counts.values()), float))
    figure, axes = _figure(5.6, 4.7)
    norm = LogNorm(vmin=1, vmax=max(2.0, heat.max()))
    shown = np.ma.masked_less(heat, 1)
    image = axes.imshow(shown, origin="upper", extent=(0, limit, limit, 0), cmap="viridis", norm=norm, interpolation="none",
                        zorder=2)  # fmt: skip
    rows, columns = np.nonzero(heat)
    if len(rows) <= _FEW_CELLS:  # a single cell is hard to see
        middles = (edges[:-1] + edges[1:]) / 2
        axes.scatter(
            middles[columns], middles[rows], c=heat[rows, columns], norm=norm, marker="s", edgecolors="#1f2933", zorder=3
        )
    for long, short, colour in _RATIOS:
        for across, down in {(long, short), (short, long)}:
            scale = limit / max(across, down)
            is_first = (across, down) == (long, short)
            axes.plot([0, across * scale], [0, down * scale], color=colour, lw=0.9, alpha=0.75, zorder=1,
                      label=f"{long}:{short}" if is_first else None)  # fmt: skip
    axes.set(xlabel="width, px", ylabel="height, px", xlim=(0, limit), ylim=(limit, 0))
    axes.legend(loc="upper right", fontsize=8, frameon=True)
    bar = figure.colorbar(image, ax=axes, label=f"files in {edges[1]:.2g} px squares", shrink=0.85)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
    return to_svg(figure)


def chart_text(text: str) -> str:
    """Text from a file or a folder's name for a chart: escaped for XML's sake, and without a meaning for matplotlib.

    Matplotlib takes what stands between two dollars for a formula, and leaves labels that begin with _ out of a legend.
    """
    shown = printable(text).replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown


def to_svg(figure: Figure) -> str:
    """The figure as SVG markup, in which matplotlib has escaped every text."""
    buffer = io.StringIO()
    with matplotlib.rc_context(LOOK), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # matplotlib's font lacks it; a browser will take another font
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]  # without the XML declaration


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots()


def _log_bars(axes: Axes, sets: Sequence[tuple[str, list[int]]], places: Any) -> None:
    width = 0.8 / len(sets)
    for number, ((name, heights), colour) in enumerate(zip(sets, (BLUE, ORANGE), strict=False)):
        shift = (number - (len(sets) - 1) / 2) * width
        bars = axes.bar(places + shift, heights, width=width, color=colour, label=chart_text(name))
        if len(heights) <= _MOST_BARS:
            axes.bar_label(bars, [str(height) if height else "" for height in heights], fontsize=7.5, color="#5c6772")
    axes.set_yscale("log")
    highest = max(max(heights) for _, heights in sets)
    axes.set_ylim(0.5, max(10, highest) * 2.2)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else ""))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", visible=False)
    if len(sets) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9)
