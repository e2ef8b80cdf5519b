"""Charts of the report: matplotlib figures as SVG markup, which a template inserts without escaping."""

import io
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from genloss.model.training.reports import N_PARTS

BLUE, ORANGE, GREY, RED = "#2f6fc4", "#d9822b", "#9aa3ad", "#c23b3b"
_LOOK: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "genloss", "font.family": "sans-serif", "font.size": 10, "axes.grid": True,
    "grid.color": "#e3e6ea", "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#8a929b",
    "axes.axisbelow": True, "legend.frameon": False,
}  # fmt: skip
_SLICE_COLUMNS = 4


def accuracy(trial: FrozenTrial) -> float:
    """Final accuracy of a trial in percent, or its last report before it was pruned; NaN without either."""
    return 100 * trial.values[0] if trial.values else float("nan")


def history(trials: Sequence[FrozenTrial]) -> Markup:
    """Accuracy of each trial, and the best so far; failed and refused trials are ticks at the bottom."""
    figure, axes = _figure(11.6, 3.6)
    judged = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    best = list(itertools.accumulate(map(accuracy, judged), max))
    if judged:
        axes.step(_numbers(judged), best, where="post", color=BLUE, lw=1.5, label="best so far")
    _dots(axes, judged, BLUE, "o", "judged")
    _dots(
        axes, [one for one in trials if one.state == TrialState.PRUNED and one.values], GREY, "v", "pruned, at its last report"
    )
    shipped = next((one for one in judged if one.user_attrs.get("shipped")), None)
    if shipped is not None:
        axes.axhline(accuracy(shipped), color=ORANGE, lw=1.2, ls="--", label=f"shipped configuration (trial {shipped.number})")
    lost = [one.number for one in trials if one.state == TrialState.FAIL or (one.state == TrialState.PRUNED and not one.values)]
    if lost:
        transform = axes.get_xaxis_transform()
        axes.plot(lost, [0.02] * len(lost), "x", color=RED, ms=5, transform=transform, label="failed or refused")
    axes.set(xlabel="trial", ylabel="validation pairs, %")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(axes)
    return _svg(figure)


def learning(trials: Sequence[FrozenTrial], best: Sequence[FrozenTrial]) -> Markup:
    """Accuracy over the share of the time, a line for each trial; the best trials have colours."""
    figure, axes = _figure(11.6, 3.6)
    colours = dict(zip([one.number for one in best], (BLUE, "#3a9a6a", "#8a5cc2", "#c2578f", "#5b7f8c"), strict=False))
    for trial in sorted(trials, key=lambda one: one.number in colours):
        parts = trial.user_attrs.get("parts", [])
        if parts:
            colour = colours.get(trial.number)
            axes.plot(
                [100 * part["part"] / N_PARTS for part in parts],
                [100 * part["validation_accuracy"] for part in parts],
                color=colour or GREY,
                lw=1.8 if colour else 0.8,
                marker=".",
                label=f"trial {trial.number}" if colour else None,
            )
    axes.set(xlabel="share of the trial's time, %", ylabel="validation pairs, %", xlim=(0, 102))
    _legend(axes)
    return _svg(figure)


def importance(shares: Mapping[str, float]) -> Markup:
    """Bars, the most important parameter on top."""
    names = list(shares)[:15][::-1]
    figure, axes = _figure(11.6, 0.7 + 0.27 * len(names))
    axes.barh(names, [100 * shares[name] for name in names], color=BLUE, height=0.65)
    axes.grid(axis="y", visible=False)
    axes.set(xlabel="share of what decides whether a trial is among the best, %")
    return _svg(figure)


def slices(trials: Sequence[FrozenTrial], names: Sequence[str]) -> Markup:
    """Accuracy by each parameter; the axis is logarithmic where the parameter is drawn on a logarithmic scale."""
    rows = -(-len(names) // _SLICE_COLUMNS)
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(11.6, 2.35 * rows), layout="constrained")
        grid = figure.subplots(rows, _SLICE_COLUMNS, squeeze=False, sharey=True)
    for axes, name in zip(grid.flat, names, strict=False):
        for state, colour in ((TrialState.PRUNED, GREY), (TrialState.COMPLETE, BLUE)):
            shown = [one for one in trials if one.state == state and name in one.params and one.values]
            values = [one.params[name] for one in shown]
            distribution = next(one.distributions[name] for one in trials if name in one.distributions)
            if isinstance(distribution, CategoricalDistribution):
                choices = [str(choice) for choice in distribution.choices]
                crowded = len(choices) > 6
                axes.set_xticks(range(len(choices)), choices, rotation=90 * crowded)
                axes.set_xlim(-0.5, len(choices) - 0.5)
                values = [choices.index(str(value)) for value in values]
            elif isinstance(distribution, IntDistribution | FloatDistribution) and distribution.log:
                axes.set_xscale("log")
                wide = distribution.high / distribution.low >= 100
                axes.xaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
                axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
                axes.xaxis.set_minor_locator(NullLocator())
            elif isinstance(distribution, IntDistribution):
                axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.plot(values, [accuracy(one) for one in shown], ".", color=colour, ms=6, alpha=0.8)
        axes.set_title(name, fontsize=10, loc="left")
        axes.tick_params(labelsize=8)
    for axes in list(grid.flat)[len(names) :]:
        axes.remove()
    figure.supylabel("validation pairs, %", fontsize=10)
    return _svg(figure)


def pareto(trials: Sequence[FrozenTrial]) -> Markup:
    """Accuracy against latency of finished trials, with a line through the Pareto front."""
    figure, axes = _figure(11.6, 3.8)
    judged = [one for one in trials if one.state == TrialState.COMPLETE]
    places = sorted((one.user_attrs["latency"], accuracy(one), one) for one in judged)
    front: list[tuple[float, float, FrozenTrial]] = []
    for place in sorted(places, key=lambda place: (place[0], -place[1])):
        if not front or place[1] > front[-1][1]:
            front.append(place)
    axes.plot([place[0] for place in places], [place[1] for place in places], "o", color=GREY, ms=5, label="judged")
    axes.plot(
        [place[0] for place in front],
        [place[1] for place in front],
        "o-",
        color=BLUE,
        ms=6,
        drawstyle="steps-post",
        label="Pareto front",
    )
    for x, y, trial in front:
        axes.annotate(f"trial {trial.number}", (x, y), xytext=(6, -12), textcoords="offset points", fontsize=9, color=BLUE)
    axes.axvline(1.0, color=ORANGE, lw=1.2, ls="--", label="the shipped tower's time")
    axes.set(xlabel="time to score a picture, in times of the shipped tower's", ylabel="validation pairs, %")
    _legend(axes)
    return _svg(figure)


def _dots(axes: Axes, trials: Sequence[FrozenTrial], colour: str, marker: str, label: str) -> None:
    if trials:
        axes.plot(_numbers(trials), [accuracy(one) for one in trials], marker, color=colour, ms=5, label=label)


def _numbers(trials: Sequence[FrozenTrial]) -> list[int]:
    return [trial.number for trial in trials]


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots()


def _legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False)


def _svg(figure: Figure) -> Markup:
    """The figure as SVG; matplotlib has escaped every text in it."""
    buffer = io.StringIO()
    with matplotlib.rc_context(_LOOK):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return Markup(text[text.index("<svg") :])  # without the XML declaration
