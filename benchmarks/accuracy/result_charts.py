"""The charts of docs/about/results.md, each with a title, units and a description."""

from collections.abc import Sequence

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from degradation_curves import Curve
from numpy.typing import NDArray

matplotlib.rcParams["svg.hashsalt"] = "genloss"  # so that a chart drawn again has the same bytes

BLUE, GREY = "#2458c6", "#8a8f98"
SIZE_INCHES = (6.4, 3.4)
N_BINS = 10


def reliability_points(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean stated probability and share of right answers, in ten bins between 50 and 100 %.

    Args:
        log_odds: (P,) that the truly better version of each pair is better.

    Returns:
        (B, 2) in [0, 1]; a row for every bin that holds a pair.
    """
    stated = 1 / (1 + np.exp(-np.abs(log_odds)))
    bins = np.minimum(N_BINS - 1, ((stated - 0.5) * 2 * N_BINS).astype(int))
    return np.array([(stated[bins == place].mean(), (log_odds[bins == place] > 0).mean()) for place in np.unique(bins)])


def draw_reliability(points: NDArray[np.float64]) -> plt.Figure:
    """Reliability diagram.

    Args:
        points: (B, 2), as of reliability_points.
    """
    figure, axes = plt.subplots(figsize=(4.4, 4.4))
    axes.plot([50, 100], [50, 100], "--", color=GREY, label="perfectly calibrated")
    axes.plot(*100 * points.T, "o-", color=BLUE, label="genloss, pair judge")
    axes.set(xlabel="stated probability, %", ylabel="share that was right, %", aspect="equal")
    axes.set_title("How often a stated probability is right")
    axes.legend()
    return figure


def draw_quality(qualities: Sequence[int], low: NDArray, middle: NDArray, high: NDArray, n_pictures: int) -> plt.Figure:
    """Generation loss by JPEG quality.

    Args:
        low: (Q,) 10 % quantile of the scores at each quality; `middle` is the median and `high` the 90 % quantile.
        n_pictures: saved at every quality.
    """
    figure, axes = plt.subplots(figsize=SIZE_INCHES)
    axes.fill_between(range(len(qualities)), low, high, alpha=0.2, color=BLUE, label="8 of 10 pictures")
    axes.plot(middle, "o-", color=BLUE, label="median picture")
    axes.set_xticks(range(len(qualities)), map(str, qualities))
    axes.set(xlabel="JPEG quality of the only save (100 is the best)", ylabel="generation loss, 0 to 1", ylim=(0, 1))
    axes.set_title(f"Generation loss by JPEG quality, {n_pictures} pictures")
    axes.legend(loc="lower left")
    return figure


def draw_generations(generations: Sequence[int], curves: Sequence[Curve], quality: int) -> plt.Figure:
    """Generation loss of each picture by the number of times it was saved again."""
    figure, axes = plt.subplots(figsize=SIZE_INCHES)
    for number, curve in enumerate(curves, 1):
        axes.plot(range(len(generations)), curve.scores, "o-", markersize=4, label=f"picture {number}")
    axes.set_xticks(range(len(generations)), map(str, generations))
    axes.set(xlabel=f"times turned by 90° and saved again as JPEG {quality}", ylabel="generation loss, 0 to 1", ylim=(0, 1))
    axes.set_title("Generation loss of a picture that is saved again and again")
    axes.legend(fontsize=8)
    return figure
