"""The bar chart of README: share of pairs that genloss and simple rules order rightly."""

import re
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

matplotlib.rcParams["svg.hashsalt"] = "genloss"  # so that a chart drawn again has the same bytes

BLUE, LIGHT_BLUE, GREY = "#2458c6", "#7d9fe8", "#b4b8be"
ROW = re.compile(r"^\| (?P<rule>[^|]+?) \| (?P<percent>\d+(?:\.\d+)?) % \|$", re.MULTILINE)
COUNT = re.compile(r"\| pairs in the right order, of (?P<n>[\d,]+) \|")


def draw_chart(readme: Path, path: Path) -> None:
    """Draws the table of README, so that both show the same figures.

    Args:
        readme: with a table of rules and percentages.
        path: of the SVG file.

    Raises:
        ValueError: README has no such table.
    """
    text = readme.read_text(encoding="utf-8")
    rows, count = [(row["rule"].replace("`", ""), float(row["percent"])) for row in ROW.finditer(text)], COUNT.search(text)
    if not rows or count is None:
        raise ValueError(f"{readme} has no table of rules and percentages")
    rules, percents = zip(*rows, strict=True)
    colours = [
        BLUE if rule.startswith("genloss rank") else LIGHT_BLUE if rule.startswith("genloss") else GREY for rule in rules
    ]
    figure, axes = plt.subplots(figsize=(7.2, 0.42 * len(rows) + 1.1))
    bars = axes.barh(rules, percents, color=colours)
    axes.bar_label(bars, [f"{percent:g} %" for percent in percents], padding=4)
    axes.axvline(50, color="black", linewidth=0.8, linestyle=":")
    axes.invert_yaxis()
    axes.set(xlim=(0, 112), xticks=range(0, 101, 25), xlabel="pairs in the right order, % (a coin toss: 50)")
    axes.set_title(f"Which of two versions is closer to the original? {count['n']} pairs", fontsize=11, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
