"""How tower and judge are fitted, without Keras: options, HTTP schemas and the search take their defaults from here."""

from dataclasses import dataclass

OPTIMIZERS = ("adamw", "lion", "sgd")
SCHEDULES = ("cosine", "linear", "constant")
LOSSES = ("cross_entropy", "focal", "squared_error")


@dataclass(frozen=True)
class TrainingConfig:
    """How the network is fitted.

    Attributes:
        epochs: passes over the training split.
        versions_per_batch: versions that go through the tower at once; whole chains.
        blocks_per_version: random subset of a version's blocks used in a step.
        optimizer: "adamw", "lion" or "sgd" (Nesterov momentum of 0.9), each with decoupled weight decay.
        learning_rate: peak, after a warm-up of one twentieth of the run.
        schedule: how the rate falls to 1 % of its peak: "cosine" or "linear"; "constant" keeps it.
        weight_decay: of the optimizer.
        loss: of the comparator's probability: "cross_entropy", "focal" or "squared_error".
        label_smoothing: target distance from 0 and 1, in [0, 0.5); squared errors know none.
        averaging: decay per step of the running average of weights that is evaluated and shipped.
        seed: of initial weights, shuffling and jitter.
    """

    epochs: int = 20
    versions_per_batch: int = 128
    blocks_per_version: int = 128
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    weight_decay: float = 1e-3
    loss: str = "cross_entropy"
    label_smoothing: float = 0.01
    averaging: float = 0.998
    seed: int = 1683


@dataclass(frozen=True)
class JudgeTraining:
    """How the judge is fitted.

    Attributes:
        epochs: passes over all ordered pairs of the training split.
        pairs_per_batch: pairs in a step.
        learning_rate: peak of the same schedule as the tower's.
        weight_decay: of AdamW.
        label_smoothing: target distance from 0 and 1, in [0, 0.5).
        seed: of initial weights, shuffling and jitter.
    """

    epochs: int = 40
    pairs_per_batch: int = 512
    learning_rate: float = 1e-3
    weight_decay: float = 3e-3
    label_smoothing: float = 0.01
    seed: int = 1683
