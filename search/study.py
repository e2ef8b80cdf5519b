"""One study in one database: opens or resumes it, checks it against its data, and re-queues stale trials."""

import os
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import optuna
import sqlalchemy
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from genloss.model.errors import SearchError
from genloss.search.space import shipped_parameters

# A worker that is killed leaves a running trial behind; it is given to another one this many seconds later.
HEARTBEAT_SECONDS = 5
GRACE_SECONDS = 25
# A trial that kills its worker this often is left as failed.
MOST_RETRIES = 2
# So often a worker tries to open a database that others are just creating.
MOST_OPENINGS = 5

IDENTITY = "genloss"
STUDY_ID = "genloss_id"  # tells studies of one name in two databases apart
DIRECTIONS = {"accuracy": StudyDirection.MAXIMIZE, "latency": StudyDirection.MINIMIZE}
N_RANDOM_TRIALS = 5  # then TPE chooses; Optuna's ten are much of a short study that begins with a good configuration

optuna.logging.set_verbosity(optuna.logging.ERROR)


def open_study(
    url: str,
    name: str,
    identity: Mapping[str, Any],
    objectives: Sequence[str],
    resume: bool,
    sampler: str,
    pruner: str,
    seed: int,
    n_parts: int,
) -> optuna.Study:
    """Opens or creates a study. The first trial of a new study has the shipped configuration.

    Args:
        url: URL of the database, such as sqlite:////home/me/study.sqlite or postgresql://me@host/genloss.
        name: name of the study; several studies may share a database.
        identity: all that must be equal for trials to be comparable; a study with another identity is refused.
        objectives: from options.OBJECTIVES.
        resume: whether an existing study may be resumed.
        sampler: from options.SAMPLERS.
        pruner: from options.PRUNERS; with two objectives no trial is pruned.
        seed: seed of the sampler.
        n_parts: number of reports of a trial.

    Raises:
        SearchError: the database cannot be used, or the study has another identity.
    """
    identity = {**identity, "objectives": ",".join(objectives)}
    storage = _open_storage(url)
    sampling = _sampler(sampler, seed)
    pruning = _pruner(pruner if len(objectives) == 1 else "none", n_parts)
    try:
        try:
            study = optuna.create_study(
                storage=storage,
                study_name=name,
                sampler=sampling,
                pruner=pruning,
                directions=[DIRECTIONS[name] for name in objectives],
            )
            created = True
        except optuna.exceptions.DuplicatedStudyError:
            study = optuna.load_study(storage=storage, study_name=name, sampler=sampling, pruner=pruning)
            created = False
            if not resume:
                raise SearchError(f"the study {name!r} exists already; leave out --no-resume to resume it") from None
            _check(study, name, identity)
        if created or IDENTITY not in study.user_attrs:  # the latter if whoever made it was killed on the way
            if not study.get_trials(deepcopy=False):
                study.enqueue_trial(shipped_parameters(), user_attrs={"shipped": True})
            study.set_user_attr(STUDY_ID, uuid.uuid4().hex)
            study.set_user_attr(IDENTITY, identity)
        n_trials = len(study.get_trials(deepcopy=False))
        if not created:
            # The same seed would draw the same trials again, and so would several workers with one seed.
            study.sampler = _sampler(sampler, int(np.random.SeedSequence([seed, n_trials, os.getpid()]).generate_state(1)[0]))
            _adopt_running(study, storage)
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise SearchError(f"the database {_shown(url)} cannot be used: {_first_line(error)}") from error
    return study


def requeue_stale(study: optuna.Study) -> None:
    """Marks trials as failed whose worker has died, and queues them again."""
    with _experiments():
        optuna.storages.fail_stale_trials(study)


def requeue(study: optuna.Study, number: int) -> None:
    """Queues an interrupted trial again."""
    _retry(study, study.get_trials()[number])


def settled_trials(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that completed, were pruned or failed; not trials that were killed and queued again."""
    trials = study.get_trials(deepcopy=False)
    with _experiments():
        again = {number for trial in trials for number in _retry.retry_history(trial)}
    return [trial for trial in trials if trial.state.is_finished() and trial.number not in again]


def n_running(study: optuna.Study) -> int:
    """Number of running trials."""
    return len(study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))


def best_trials(study: optuna.Study) -> list[FrozenTrial]:
    """The best trials, the most accurate first: all completed trials for one objective, the Pareto front for two."""
    judged = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(study.directions) > 1:
        judged = study.best_trials
    return sorted(judged, key=lambda trial: -trial.values[0])


@contextmanager
def _experiments() -> Iterator[None]:
    """Hides Optuna's warnings that heartbeats and grouped sampling are experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


with _experiments():
    _retry = optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=MOST_RETRIES)


def _open_storage(url: str) -> optuna.storages.RDBStorage:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):  # without a driver named: the one the extra installs
            url = f"postgresql+pg8000://{url.removeprefix(prefix)}"
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": 60}  # seconds to wait while another worker writes
    n_failed = 0
    while True:
        try:
            with _experiments():
                return optuna.storages.RDBStorage(
                    url,
                    engine_kwargs=options,
                    heartbeat_interval=HEARTBEAT_SECONDS,
                    grace_period=GRACE_SECONDS,
                    heartbeat_stale_trial_callback=_retry,
                )
        except (sqlalchemy.exc.SQLAlchemyError, ImportError, ValueError, RuntimeError) as error:
            # Two workers that start at once both create the tables; the second finds them when it tries again.
            n_failed += 1
            collided = "already exists" in str(error) or "unique" in str(error).lower()
            if n_failed == MOST_OPENINGS or not collided:
                raise SearchError(f"the database {_shown(url)} cannot be used: {_first_line(error)}") from error
        time.sleep(0.5 * n_failed)


def _check(study: optuna.Study, name: str, identity: Mapping[str, Any]) -> None:
    for _ in range(20):  # whoever makes the study says last what it is of
        if IDENTITY in study.user_attrs:
            break
        time.sleep(0.25)
    else:
        if study.user_attrs.keys() - {STUDY_ID} or len(study.get_trials(deepcopy=False)) > 1:
            raise SearchError(f"the study {name!r} was not made by this program; give another --study")
        return
    for key, value in study.user_attrs[IDENTITY].items():
        if identity.get(key) != value:
            raise SearchError(
                f"the study {name!r} was made with {key} {value}, now it is {identity.get(key)}; "
                "give another --study, --storage or --out"
            )


def _adopt_running(study: optuna.Study, storage: optuna.storages.RDBStorage) -> None:
    """Marks running trials as alive once: one whose worker died before its first heartbeat would never count as dead."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        storage.record_heartbeat(trial._trial_id)


def _sampler(name: str, seed: int) -> optuna.samplers.BaseSampler:
    if name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    # Multivariate in groups, for widths depend on depths; running trials count as bad, so that workers spread out.
    with _experiments():
        return optuna.samplers.TPESampler(
            seed=seed, multivariate=True, group=True, constant_liar=True, n_startup_trials=N_RANDOM_TRIALS
        )


def _pruner(name: str, n_parts: int) -> optuna.pruners.BasePruner:
    match name:
        case "median":
            return optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2, n_min_trials=3)
        case "hyperband":
            return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=n_parts, reduction_factor=3)
        case _:
            return optuna.pruners.NopPruner()


def _shown(url: str) -> str:
    """Without the password, and fit for one line."""
    try:
        return sqlalchemy.make_url(url).render_as_string(hide_password=True)
    except (sqlalchemy.exc.ArgumentError, ValueError):  # the latter for a port that is no number
        return repr(url[:80]) if "@" not in url else "(unreadable)"


def _first_line(error: BaseException) -> str:
    cause = error
    while isinstance(cause, sqlalchemy.exc.DBAPIError | optuna.exceptions.StorageInternalError):
        inner = cause.orig if isinstance(cause, sqlalchemy.exc.DBAPIError) else cause.__cause__
        if inner is None:
            break
        cause = inner
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    return lines[0][:200]
