"""report.html: one offline page that shows how a search went and what it found."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from genloss.model.files import write_atomically
from genloss.search import charts
from genloss.search.study import IDENTITY, best_trials
from genloss.search.tower_drawing import draw_tower

N_BEST = 5
# With fewer judged trials an importance is noise.
LEAST_FOR_IMPORTANCE = 8
_STYLE = """
:root { color-scheme: light; --line: #d5d9de; --ink: #1f2933; --soft: #5c6772; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; color: var(--ink);
  background: #fff; }
h1 { margin-bottom: .2rem; } h2 { margin-top: 2.4rem; border-bottom: 1px solid var(--line); }
p, figcaption { max-width: 56rem; } .soft { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: 600; color: var(--soft); font-size: 13px; } td.n, th.n { text-align: right; }
td, th { padding: .25rem 1.1rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #eef0f2; }
td.text { font-size: 13px; max-width: 34rem; }
.chart svg { width: 100%; height: auto; } svg.tower { width: 100%; max-width: 1000px; }
.box rect { fill: #eaf1fa; stroke: #2f6fc4; }
.box text { font: 12px system-ui, sans-serif; text-anchor: middle; fill: #1f2933; }
.wire { fill: none; stroke: #9aa3ad; stroke-width: 1.4; } .words { font: 12px system-ui, sans-serif; fill: #5c6772; }
figure { margin: 1.2rem 0 2rem; }
"""


def write_report(study: optuna.Study, path: Path) -> None:
    """Writes the page; it needs nothing else, neither files nor network."""
    trials = [trial for trial in study.get_trials() if trial.state.is_finished()]
    best = best_trials(study)[:N_BEST]
    body = [f"<h1>Search for a tower: {escape(study.study_name)}</h1>", _summary(study, trials, best)]
    if best:
        body += ["<h2>The best</h2>", _table(best)]
    body += [
        "<h2>History</h2>",
        charts.history(trials),
        "<p class=soft>Every trial is judged on the same half of the validation split. The best of many is judged a "
        "little too well for that very reason; train it in full before believing it.</p>",
        "<h2>While they trained</h2>",
        charts.learning(trials, best),
        "<h2>What matters</h2>",
    ]
    shares = _importance(study)
    if shares:
        body += [
            charts.importance(shares),
            f"<p class=soft>PED-ANOVA over the judged trials: what tells the best tenth from the rest, of the parameters that "
            f"at least {LEAST_FOR_IMPORTANCE} of them have.</p>",
        ]
    else:
        body.append(f"<p>Importances need at least {LEAST_FOR_IMPORTANCE} judged trials.</p>")
    drawn = {name for trial in trials for name in trial.params}
    names = [*shares, *sorted(drawn - shares.keys())]
    if any(trial.values for trial in trials):
        body += ["<h2>One parameter at a time</h2>", charts.slices(trials, names)]
        body.append("<p class=soft>Blue: judged. Grey: pruned, at the last report.</p>")
    if best:
        body += ["<h2>Accuracy and time</h2>", charts.pareto(trials), "<h2>The best towers</h2>"]
        body += [_figure(trial) for trial in best]
    body += [_ends(trials)]
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Search: {escape(study.study_name)}</title><style>{_STYLE}</style>{''.join(body)}</html>\n"
    )
    write_atomically(path, page.encode("utf-8", "replace"))


def _summary(study: optuna.Study, trials: Sequence[FrozenTrial], best: Sequence[FrozenTrial]) -> str:
    identity: dict[str, Any] = study.user_attrs.get(IDENTITY, {})
    counts = {state: sum(trial.state == state for trial in trials) for state in TrialState}
    pruned = [trial for trial in trials if trial.state == TrialState.PRUNED]
    refused = sum("parts" not in trial.user_attrs for trial in pruned)
    text = (
        f"{len(trials)} trials of {identity.get('budget_minutes', 0):g} minutes each: {counts[TrialState.COMPLETE]} judged, "
        f"{len(pruned) - refused} pruned, {refused} refused as too large or too slow, {counts[TrialState.FAIL]} failed."
    )
    if best:
        text += f" Best: {100 * best[0].values[0]:.2f} % of validation pairs (trial {best[0].number})"
        shipped = next((one for one in trials if one.user_attrs.get("shipped") and one.values), None)
        text += "." if shipped is None else f"; the shipped configuration has {100 * shipped.values[0]:.2f} %."
    facts = ", ".join(f"{escape(str(name).replace('_', ' '))} {escape(str(value))}" for name, value in identity.items())
    return f"<p>{text}</p><p class=soft>{facts}</p>"


def _table(best: Sequence[FrozenTrial]) -> str:
    rows = []
    for trial in best:
        attributes = trial.user_attrs
        passes = attributes["parts"][-1]["passes"] if attributes.get("parts") else 0
        rows.append(
            f"<tr><td class=n>{trial.number}<td class=n>{100 * trial.values[0]:.2f}<td class=n>{attributes['latency']:.2f}"
            f"<td class=n>{attributes['latency_ms']:.1f}<td class=n>{attributes['megabytes']:.1f}<td class=n>{passes:.1f}"
            f"<td class=text>{escape(_words(attributes['document']))}"
        )
    headings = ("trial", "validation pairs, %", "time, times shipped", "ms", "MB", "passes over the data")
    head = "".join(f"<th class=n>{name}" for name in headings)
    return f"<div class=scroll><table><tr>{head}<th>training{''.join(rows)}</table></div>"


def _words(document: dict[str, dict[str, Any]]) -> str:
    network, training = document["network"], document["training"]
    return (
        f"{training['optimizer']} at {training['learning_rate']:.2g}, {training['schedule']}, "
        f"{training['loss'].replace('_', ' ')}, "
        f"{training['versions_per_batch']} versions of {training['blocks_per_version']} blocks, {network['activation']}, "
        f"dropout {network['dropout']:.2f}, jitter {network['jitter']:.2f}, comparator {network['comparator_k']:.3g}"
    )


def _figure(trial: FrozenTrial) -> str:
    shipped = ", the shipped configuration" if trial.user_attrs.get("shipped") else ""
    caption = (
        f"<b>Trial {trial.number}</b>{shipped}: {100 * trial.values[0]:.2f} %. {escape(_words(trial.user_attrs['document']))}"
    )
    return f"<figure><figcaption>{caption}</figcaption>{draw_tower(trial.user_attrs['document'])}</figure>"


def _ends(trials: Sequence[FrozenTrial]) -> str:
    rows = [
        f"<tr><td class=n>{trial.number}<td>{escape(str(trial.user_attrs.get('ended', 'its worker died')))}"
        for trial in trials
        if trial.state in (TrialState.FAIL, TrialState.PRUNED)
    ]
    return f"<h2>Ended early</h2><table><tr><th class=n>trial<th>why{''.join(rows)}</table>" if rows else ""


def _importance(study: optuna.Study) -> dict[str, float]:
    judged = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(judged) < LEAST_FOR_IMPORTANCE:
        return {}
    counts = Counter(name for trial in judged for name in trial.params)
    common = [name for name, count in counts.items() if count >= LEAST_FOR_IMPORTANCE]
    return optuna.importance.get_param_importances(study, params=common)
