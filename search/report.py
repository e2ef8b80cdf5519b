"""report.html: one offline page with the course and the results of a search.

This module collects the content; templates/report.html lays it out and escapes it.
"""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from markupsafe import Markup
from optuna.trial import FrozenTrial, TrialState

from genloss.model.files import write_atomically
from genloss.model.templates import read_template
from genloss.search import charts
from genloss.search.study import IDENTITY, best_trials
from genloss.search.tower_drawing import TowerDrawing, draw_tower

N_BEST = 5
# With fewer judged trials an importance is noise.
LEAST_FOR_IMPORTANCE = 8


@dataclass(frozen=True)
class JudgedTrial:
    """A finished trial for the page; numbers are rounded text."""

    number: int
    shipped: bool
    accuracy: str
    latency: str
    latency_ms: str
    megabytes: str
    passes: str
    training: str
    drawing: TowerDrawing


@dataclass(frozen=True)
class Charts:
    """SVG of each chart; "" if there is no data yet."""

    history: Markup
    learning: Markup
    importance: Markup
    slices: Markup
    pareto: Markup


def write_report(study: optuna.Study, path: Path) -> None:
    """Writes the page, which loads nothing from elsewhere."""
    trials = [trial for trial in study.get_trials() if trial.state.is_finished()]
    best = best_trials(study)[:N_BEST]
    identity: dict[str, Any] = study.user_attrs.get(IDENTITY, {})
    shipped = next((trial for trial in trials if trial.user_attrs.get("shipped") and trial.values), None)
    page = read_template(Path(__file__).parent / "templates" / "report.html").render(
        study_name=study.study_name,
        identity=[(name.replace("_", " "), value) for name, value in identity.items()],
        budget_minutes=identity.get("budget_minutes", 0),
        **_counts(trials),
        shipped_accuracy=None if shipped is None else _percent(shipped),
        best=[_judged(trial) for trial in best],
        charts=_charts(trials, best, _importance(study)),
        least_for_importance=LEAST_FOR_IMPORTANCE,
        ended_early=[
            (trial.number, trial.user_attrs.get("ended", "its worker died"))
            for trial in trials
            if trial.state in (TrialState.FAIL, TrialState.PRUNED)
        ],
    )
    write_atomically(path, page.encode("utf-8", "replace"))


def _counts(trials: Sequence[FrozenTrial]) -> dict[str, int]:
    states = Counter(trial.state for trial in trials)
    n_refused = sum(trial.state == TrialState.PRUNED and "parts" not in trial.user_attrs for trial in trials)
    return {
        "n_trials": len(trials),
        "n_judged": states[TrialState.COMPLETE],
        "n_pruned": states[TrialState.PRUNED] - n_refused,
        "n_refused": n_refused,
        "n_failed": states[TrialState.FAIL],
    }


def _judged(trial: FrozenTrial) -> JudgedTrial:
    attributes = trial.user_attrs
    document = attributes["document"]
    passes = attributes["parts"][-1]["passes"] if attributes.get("parts") else 0
    return JudgedTrial(
        number=trial.number,
        shipped=bool(attributes.get("shipped")),
        accuracy=_percent(trial),
        latency=f"{attributes['latency']:.2f}",
        latency_ms=f"{attributes['latency_ms']:.1f}",
        megabytes=f"{attributes['megabytes']:.1f}",
        passes=f"{passes:.1f}",
        training=_describe_training(document),
        drawing=draw_tower(document),
    )


def _percent(trial: FrozenTrial) -> str:
    return f"{charts.accuracy(trial):.2f}"


def _describe_training(document: dict[str, dict[str, Any]]) -> str:
    network, training = document["network"], document["training"]
    return (
        f"{training['optimizer']} at {training['learning_rate']:.2g}, {training['schedule']}, "
        f"{training['loss'].replace('_', ' ')}, "
        f"{training['versions_per_batch']} versions of {training['blocks_per_version']} blocks, {network['activation']}, "
        f"dropout {network['dropout']:.2f}, jitter {network['jitter']:.2f}, comparator {network['comparator_k']:.3g}"
    )


def _charts(trials: Sequence[FrozenTrial], best: Sequence[FrozenTrial], shares: Mapping[str, float]) -> Charts:
    drawn = {name for trial in trials for name in trial.params}
    names = [*shares, *sorted(drawn - shares.keys())]
    return Charts(
        history=charts.history(trials),
        learning=charts.learning(trials, best),
        importance=charts.importance(shares) if shares else Markup(),
        slices=charts.slices(trials, names) if any(trial.values for trial in trials) else Markup(),
        pareto=charts.pareto(trials) if best else Markup(),
    )


def _importance(study: optuna.Study) -> dict[str, float]:
    """Share of each parameter in what makes a trial good, the largest first; empty with too few judged trials."""
    judged = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(judged) < LEAST_FOR_IMPORTANCE:
        return {}
    counts = Counter(name for trial in judged for name in trial.params)
    common = [name for name, count in counts.items() if count >= LEAST_FOR_IMPORTANCE]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Some regimes for parameter", UserWarning)  # the page says how few trials there are
        return optuna.importance.get_param_importances(study, params=common)
