"""Options of a search. This module imports no package, so that `tune.py --help` always works."""

from dataclasses import dataclass
from pathlib import Path

SAMPLERS = ("tpe", "random")
PRUNERS = ("median", "hyperband", "none")
OBJECTIVES = ("accuracy", "latency")


@dataclass(frozen=True)
class SearchOptions:
    """Options of one search; search/tune.py takes its defaults from here.

    Attributes:
        pairs: folder written by make_pairs.py.
        out: folder for the results; created if missing.
        budget_minutes: time to train in each trial, above 0.
        n_trials: trials of the whole study, all workers together, at least 1.
        timeout_minutes: no trial starts that would end later than this after the start; None for no limit.
        fraction: share of the training chains that is used, in (0, 1].
        objectives: ("accuracy",), or ("accuracy", "latency") for the Pareto front of both, without pruning.
        storage: URL of the database, such as postgresql://me@host/genloss; None for a SQLite file in `out`.
        study_name: name of the study in the database.
        resume: whether an existing study may be resumed.
        sampler: method that draws configurations, one of SAMPLERS.
        pruner: method that stops trials early, one of PRUNERS.
        max_size: largest ONNX file to train, as a multiple of the shipped tower's size, above 0.
        max_latency: longest latency to train, as a multiple of the shipped tower's, above 0.
        seed: seed of data, sampler and weights, at least 0.
    """

    pairs: Path
    out: Path
    budget_minutes: float = 10.0
    n_trials: int = 50
    timeout_minutes: float | None = None
    fraction: float = 0.25
    objectives: tuple[str, ...] = ("accuracy",)
    storage: str | None = None
    study_name: str = "genloss"
    resume: bool = True
    sampler: str = "tpe"
    pruner: str = "median"
    max_size: float = 2.0
    max_latency: float = 4.0
    seed: int = 1683
