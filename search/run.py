"""What `search/tune.py` does: open the study, run trials until enough are settled, keep the best, write the report."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from genloss.model.errors import PairsError, SearchError
from genloss.model.files import write_atomically
from genloss.model.measurements.features import FEATURE_VERSION, FeatureConfig
from genloss.model.progress_log import NAME as PROGRESS_LOG
from genloss.model.progress_log import ProgressLog
from genloss.model.training.dataset import open_chains
from genloss.model.training.reports import N_PARTS
from genloss.search.objective import Objective, TrialFailedError
from genloss.search.report import write_report
from genloss.search.space import space_identity
from genloss.search.study import best_trials, n_running, open_study, requeue, requeue_stale, settled_trials
from genloss.search.trial_messages import TrialTask

# So many failures in a row mean that the machine or the data is at fault, not the configurations.
MOST_FAILURES = 5


def run_search(
    pairs: Path,
    out: Path,
    budget_minutes: float,
    n_trials: int,
    timeout_minutes: float | None,
    fraction: float,
    objectives: tuple[str, ...],
    storage: str | None,
    study_name: str,
    resume: bool,
    sampler: str,
    pruner: str,
    max_size: float,
    max_latency: float,
    seed: int,
) -> None:
    """Searches until the study has `n_trials` settled trials or the time is over; arguments as in tune.py.

    Raises:
        GenerationLossError: anything a user can act on: pairs, storage, another study, trials that all fail.
        KeyboardInterrupt: after the interrupted trial was queued again and the report written.
    """
    if timeout_minutes is not None and timeout_minutes < budget_minutes:
        raise SearchError(f"a timeout of {timeout_minutes:g} minutes leaves no room for a trial of {budget_minutes:g}")
    ends = None if timeout_minutes is None else time.monotonic() + 60 * timeout_minutes
    digest = _check_pairs(pairs)
    out.mkdir(parents=True, exist_ok=True)
    identity = {
        "pairs": digest, "feature_version": FEATURE_VERSION, "space": space_identity(), "budget_minutes": budget_minutes,
        "fraction": fraction, "max_size": max_size, "max_latency": max_latency, "seed": seed,
    }  # fmt: skip
    url = storage or f"sqlite:///{(out / 'study.sqlite').resolve()}"
    study = open_study(url, study_name, identity, objectives, resume, sampler, pruner, seed, N_PARTS)
    task = TrialTask(pairs, {}, 60 * budget_minutes, fraction, seed, seed, max_size, max_latency)
    log = ProgressLog(out / PROGRESS_LOG)
    console = Console(stderr=True, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console) as progress:
            whole = progress.add_task(_best_so_far(study), total=n_trials, completed=len(settled_trials(study)))
            one = progress.add_task("starting", total=N_PARTS)

            def show(number: int, share: float) -> None:
                progress.update(one, description=f"trial {number}", completed=int(share * N_PARTS))
                done = len(settled_trials(study)) * N_PARTS + int(share * N_PARTS)
                log.step("the search", min(done, n_trials * N_PARTS), n_trials * N_PARTS)

            def note(trial: FrozenTrial) -> None:
                progress.console.print(_line(trial), highlight=False)
                progress.update(whole, description=_best_so_far(study), completed=len(settled_trials(study)))
                _write_best(study, out)

            _run_trials(study, Objective(task, objectives, show), n_trials, ends, note)
        _write_results(study, out)
    except (KeyboardInterrupt, SearchError):  # too many failures are to be looked at, too
        _write_results(study, out)
        raise
    except optuna.exceptions.StorageInternalError as error:
        raise SearchError(
            f"the database failed: {error.__cause__ or error}; the same command goes on where it stopped"
        ) from error
    console.print(_best_so_far(study), highlight=False)
    use = f"{out / 'best.json'} for genloss train --config, " if best_trials(study) else ""
    console.print(f"{use}{out / 'report.html'} to look at", highlight=False)


def _check_pairs(pairs: Path) -> str:
    """Measures the features if that was not done yet; the sha256 of the chains."""
    data = open_chains(pairs, FeatureConfig())
    for split, least in (("train", 1), ("validation", 2)):
        if len(data.chains.get(split, ())) < least:
            raise PairsError(f"{pairs} has fewer than {least} chains in its {split} split; use more originals or more chains")
    return data.sha256[:16]


def _run_trials(
    study: optuna.Study, objective: Objective, n_trials: int, ends: float | None, note: Callable[[FrozenTrial], None]
) -> None:
    n_failures = 0
    finished: list[FrozenTrial] = []
    while True:
        requeue_stale(study)
        n_settled = len(settled_trials(study))
        if n_settled >= n_trials or (ends is not None and time.monotonic() + objective.task.seconds > ends):
            return
        if n_settled + n_running(study) >= n_trials:
            time.sleep(1.0)  # others are at the last trials; theirs are taken over if they die
            continue
        try:
            study.optimize(
                objective, n_trials=1, catch=(TrialFailedError,), callbacks=[lambda _, trial: finished.append(trial)]
            )
        except KeyboardInterrupt:
            _give_back(study, objective)
            raise
        except (optuna.exceptions.UpdateFinishedTrialError, ValueError) as error:
            # After a long sleep of this machine another worker may have taken the trial for dead.
            if "Cannot tell" not in str(error) and isinstance(error, ValueError):
                raise
            continue
        while finished:
            trial = finished.pop()
            note(trial)
            n_failures = n_failures + 1 if trial.state == TrialState.FAIL else 0
            if n_failures == MOST_FAILURES:
                raise SearchError(f"{n_failures} trials failed in a row, the last one: {trial.user_attrs.get('ended')}")


def _give_back(study: optuna.Study, objective: Objective) -> None:
    """Queues the trial again that was running when the user stopped the search."""
    number = objective.running[-1] if objective.running else None
    if number is not None and study.get_trials()[number].state == TrialState.FAIL:
        requeue(study, number)


def _line(trial: FrozenTrial) -> str:
    if trial.state == TrialState.COMPLETE:
        speed = f"{trial.user_attrs['latency']:.2f} times the shipped tower's time, {trial.user_attrs['megabytes']:.1f} MB"
        return f"trial {trial.number}: {100 * trial.values[0]:.2f} %, {speed}"
    reached = f", {100 * trial.value:.2f} %" if trial.value is not None else ""
    return f"trial {trial.number}: {trial.user_attrs.get('ended', 'failed')}{reached}"


def _best_so_far(study: optuna.Study) -> str:
    best = best_trials(study)
    return f"best {100 * best[0].values[0]:.2f} % (trial {best[0].number})" if best else "no trial judged yet"


def _write_results(study: optuna.Study, out: Path) -> None:
    _write_best(study, out)
    write_report(study, out / "report.html")


def _write_best(study: optuna.Study, out: Path) -> None:
    best = best_trials(study)
    if not best:
        return
    write_atomically(out / "best.json", _document(best[0]))
    if len(study.directions) > 1:
        folder = out / "pareto"
        folder.mkdir(exist_ok=True)
        for trial in best:
            write_atomically(folder / f"trial-{trial.number}.json", _document(trial))
        kept = {f"trial-{trial.number}.json" for trial in best}
        for path in folder.glob("trial-*.json"):
            if path.name not in kept:
                path.unlink(missing_ok=True)


def _document(trial: FrozenTrial) -> bytes:
    return (json.dumps(trial.user_attrs["document"], indent=2) + "\n").encode()
