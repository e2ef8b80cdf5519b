"""Draws the map of compression three times, coloured by cluster, subsampling and quality."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from genloss.dataset.charts import LOOK, to_svg
from genloss.dataset.map_points import CompressionMap

_COLOURS = (
    "#2f6fc4", "#d9822b", "#3a9a6a", "#c23b3b", "#8a5cc2", "#b8860b", "#c2578f", "#2aa5a5", "#7a8b2f", "#5b4fd1",
    "#8fb8ea", "#f0b97d", "#8fd0ac", "#e59a9a", "#c4abe6", "#8b5e3c", "#e8a5c8", "#13605f", "#4d5720", "#1d2b6b",
)  # fmt: skip
_GREY = "#c9ced4"


def draw_map(points: CompressionMap) -> str:
    """The three maps side by side as SVG; the first shows the numbers of the clusters."""
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(11.6, 4.3), layout="constrained")
        clusters, samplings, qualities = figure.subplots(1, 3)
    x, y = points.places.T
    size = 14 if len(x) < 600 else 6
    colours = [_GREY if number == 0 else _COLOURS[(number - 1) % len(_COLOURS)] for number in points.cluster]
    clusters.scatter(x, y, s=size, c=colours, linewidths=0, rasterized=True)
    for cluster in points.clusters:
        own = points.cluster == cluster.number
        middle = float(np.median(x[own])), float(np.median(y[own]))
        outline = [withStroke(linewidth=2.5, foreground="white")]
        clusters.annotate(str(cluster.number), middle, fontsize=9, weight="bold", path_effects=outline)
    names = np.array(points.subsampling)
    for name, colour in zip(sorted(set(names)), _COLOURS, strict=False):
        samplings.scatter(x[names == name], y[names == name], s=size, color=colour, label=name, linewidths=0, rasterized=True)
    samplings.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), fontsize=8, ncols=4, markerscale=2)
    drawn = qualities.scatter(x, y, s=size, c=points.quality, cmap="viridis", linewidths=0, rasterized=True)
    figure.colorbar(drawn, ax=qualities, location="bottom", shrink=0.7, pad=0.02)
    for axes, title in ((clusters, "cluster"), (samplings, "chroma subsampling"), (qualities, "JPEG quality")):
        axes.set_title(title, fontsize=10, loc="left")
        axes.set(xticks=[], yticks=[])
        axes.grid(visible=False)
    figure.set_dpi(150)
    return to_svg(figure)


def cluster_colour(number: int) -> str:
    """The colour of a cluster in the map."""
    return _COLOURS[(number - 1) % len(_COLOURS)]
