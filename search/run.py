"""Runs a search: opens the study, runs trials until enough are finished, stores the best, writes the report."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from genloss.model.errors import PairsError, SearchError
from genloss.model.files import lock_folder, write_atomically
from genloss.model.images.outputs import check_folder
from genloss.model.measurements.features import FEATURE_VERSION, FeatureConfig
from genloss.model.printable import counted
from genloss.model.progress_log import NAME as PROGRESS_LOG
from genloss.model.progress_log import ProgressLog
from genloss.model.training.dataset import open_chains
from genloss.model.training.reports import N_PARTS
from genloss.search.claim import check_claim, claim_folder
from genloss.search.console import SearchConsole, describe_best, describe_trial
from genloss.search.objective import Objective, TrialFailedError
from genloss.search.options import SearchOptions
from genloss.search.report import write_report
from genloss.search.space import space_identity
from genloss.search.study import STUDY_ID, best_trials, n_running, open_study, requeue, requeue_stale, settled_trials
from genloss.search.trial_messages import TrialTask

# So many failures in a row mean that the machine or the data is at fault, not the configurations.
MOST_FAILURES = 5


def run_search(options: SearchOptions) -> None:
    """Searches until the study has `options.n_trials` finished trials, or the time is over.

    Raises:
        GenerationLossError: an error that a user can act on: pairs, storage, another study, or all trials fail.
        KeyboardInterrupt: the user stopped the search; the trial was queued again and the report written.
    """
    check_folder(options.out)
    check_claim(options.out, options.study_name)
    ends = _end_of(options)
    with SearchConsole() as console:
        digest = _check_pairs(options.pairs, console.show_measuring)
        options.out.mkdir(parents=True, exist_ok=True)
        with lock_folder(options.out, exclusively=False) as is_free:  # several workers share the folder
            if not is_free:
                raise SearchError(
                    f"a run of another command works in {options.out}; wait until it is done, or give another --out"
                )
            study = _search_and_write(options, digest, ends, console)
    console.print(describe_best(study))
    use = f"{options.out / 'best.json'} for genloss train --config, " if best_trials(study) else ""
    console.print(f"{use}{options.out / 'report.html'} to look at")


def _search_and_write(options: SearchOptions, digest: str, ends: float | None, console: SearchConsole) -> optuna.Study:
    study = _open(options, digest)
    claim_folder(options.out, study.study_name, study.user_attrs.get(STUDY_ID, ""))
    try:
        _search(study, options, ends, console)
        _write_results(study, options.out)
    except (KeyboardInterrupt, SearchError):  # too many failures are to be looked at, too
        _write_results(study, options.out)
        raise
    except optuna.exceptions.StorageInternalError as error:
        raise SearchError(f"the database failed: {error.__cause__ or error}; run the same command again to resume") from error
    return study


def _end_of(options: SearchOptions) -> float | None:
    """When the time is over, by the monotonic clock; None for no limit."""
    if options.timeout_minutes is None:
        return None
    if options.timeout_minutes < options.budget_minutes:
        raise SearchError(
            f"a timeout of {options.timeout_minutes:g} minutes leaves no room for a trial of {options.budget_minutes:g}"
        )
    return time.monotonic() + 60 * options.timeout_minutes


def _check_pairs(pairs: Path, on_version: Callable[[int, int], None]) -> str:
    """The first 16 digits of the chains' sha256; features are measured if they are not there yet."""
    data = open_chains(pairs, FeatureConfig(), on_version)
    for split, least in (("train", 1), ("validation", 2)):
        if len(data.chains.get(split, ())) < least:
            raise PairsError(
                f"{pairs} has fewer than {counted(least, 'chain')} in its {split} split; use more originals or more chains"
            )
    return data.sha256[:16]


def _open(options: SearchOptions, digest: str) -> optuna.Study:
    identity: dict[str, Any] = {
        "pairs": digest, "feature_version": FEATURE_VERSION, "space": space_identity(),
        "budget_minutes": options.budget_minutes, "fraction": options.fraction, "max_size": options.max_size,
        "max_latency": options.max_latency, "seed": options.seed,
    }  # fmt: skip
    return open_study(
        options.storage or f"sqlite:///{(options.out / 'study.sqlite').resolve()}",
        options.study_name,
        identity,
        options.objectives,
        options.resume,
        options.sampler,
        options.pruner,
        options.seed,
        N_PARTS,
    )


def _search(study: optuna.Study, options: SearchOptions, ends: float | None, console: SearchConsole) -> None:
    log = ProgressLog(options.out / PROGRESS_LOG)
    console.show_study(study, options.n_trials)

    def show(number: int, share: float) -> None:
        console.show_trial(number, share)
        steps = options.n_trials * N_PARTS
        log.step("the search", min(len(settled_trials(study)) * N_PARTS + int(share * N_PARTS), steps), steps)

    def note(trial: FrozenTrial) -> None:
        console.print(describe_trial(trial))
        console.show_study(study, options.n_trials)
        _write_best(study, options.out)

    task = TrialTask(
        pairs=options.pairs,
        document={},
        seconds=60 * options.budget_minutes,
        fraction=options.fraction,
        data_seed=options.seed,
        training_seed=options.seed,
        max_size=options.max_size,
        max_latency=options.max_latency,
    )
    _run_trials(study, Objective(task, options.objectives, show), options.n_trials, ends, note)


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
