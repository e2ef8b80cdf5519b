"""Messages to and from the process of a trial."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class TrialTask:
    """Settings of a trial.

    Attributes:
        pairs: folder written by make_pairs.py.
        document: the configuration, as from space.draw.
        seconds: training time.
        fraction: share of the training chains that is used, in (0, 1].
        data_seed: seed that chooses these chains; the same for all trials of a study.
        training_seed: seed of weights, shuffling and jitter.
        max_size: largest ONNX file, as a multiple of the shipped tower's size.
        max_latency: longest latency, as a multiple of the shipped tower's.
        half: half of the validation split to measure on. Trials use half 0. Half 1 is for comparisons of the results of
            different searches (benchmarks/accuracy/search_comparison.py).
    """

    pairs: Path
    document: dict[str, dict[str, Any]]
    seconds: float
    fraction: float
    data_seed: int
    training_seed: int
    max_size: float
    max_latency: float
    half: int = 0


@dataclass(frozen=True)
class Measured:
    """Size and latency of the exported tower, measured before training.

    Attributes:
        megabytes: size of the ONNX file.
        size: size as a multiple of the shipped tower's.
        latency: latency as a multiple of the shipped tower's.
        latency_ms: time to score one picture with the most blocks, on one core of this machine.
    """

    megabytes: float
    size: float
    latency: float
    latency_ms: float


@dataclass(frozen=True)
class Judged:
    """Result of a trial: pair accuracy on its half of the validation split, with all blocks, as genloss scores."""

    accuracy: float


@dataclass(frozen=True)
class Refused:
    """The tower is larger or slower than allowed; it was not trained."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """The trial failed."""

    reason: str
