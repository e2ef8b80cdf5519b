"""What a trial's process is given and what it sends back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class TrialTask:
    """What a trial is to do.

    Attributes:
        pairs: folder written by make_pairs.py.
        document: the configuration, as from space.draw.
        seconds: time for training.
        fraction: share of the training chains that is used, in (0, 1].
        data_seed: chooses them; the same for all trials of a study.
        training_seed: of weights, shuffling and jitter.
        max_size: largest size of the ONNX file, in sizes of the shipped tower's.
        max_latency: longest time to score, in times of the shipped tower's.
        half: of the validation split; trials are judged on half 0, and half 1 is left for comparing
            what different searches found (benchmarks/accuracy/search_comparison.py).
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
    """What is known before training: sizes and time of the exported tower.

    Attributes:
        megabytes: of the ONNX file.
        size, latency: in those of the shipped tower.
        latency_ms: to score one picture of as many blocks as genloss looks at, on one core of this machine.
    """

    megabytes: float
    size: float
    latency: float
    latency_ms: float


@dataclass(frozen=True)
class Judged:
    """The end of a trial: pair accuracy on its half of the validation split, with all blocks, as genloss scores."""

    accuracy: float


@dataclass(frozen=True)
class Refused:
    """The tower is larger or slower than allowed; it was not trained."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """The trial went wrong."""

    reason: str
