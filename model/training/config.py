"""Training settings of tower and judge, without Keras. Options, HTTP schemas and the search take their defaults from here."""

from dataclasses import dataclass

OPTIMIZERS = ("adamw", "lion", "sgd")
SCHEDULES = ("cosine", "linear", "constant")
LOSSES = ("cross_entropy", "focal", "squared_error")


@dataclass(frozen=True)
class TrainingConfig:
    """Training settings of the network.

    Attributes:
        epochs: passes over the training split.
        versions_per_batch: versions in a step, in whole chains.
        blocks_per_version: size of the random subset of a version's blocks in a step.
        optimizer: "adamw", "lion" or "sgd" (Nesterov momentum of 0.9), each with decoupled weight decay.
        learning_rate: peak rate, after a warm-up of one twentieth of the run.
        schedule: how the rate falls to 1 % of its peak: "cosine" or "linear"; "constant" keeps the peak.
        weight_decay: weight decay of the optimizer.
        loss: loss of the comparator's probability: "cross_entropy", "focal" or "squared_error".
        label_smoothing: distance of the targets from 0 and 1, in [0, 0.5); "squared_error" ignores it.
        averaging: decay, for each step, of the running average of the weights. The average is evaluated and shipped.
        parent_share: share of the parent's weights in the finished tower, in [0, 1); the rest are those of the best epoch.
            A tower that is trained further forgets some of what its parent knew; the mean of both keeps it (Wortsman et al.,
            "Robust fine-tuning of zero-shot models", 2022). Without a parent it says nothing.
        seed: seed of initial weights, shuffling and jitter.
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
    parent_share: float = 0.0
    seed: int = 1683


@dataclass(frozen=True)
class JudgeTraining:
    """Training settings of the judge.

    Attributes:
        epochs: passes over all ordered pairs of the training split.
        pairs_per_batch: pairs in a step.
        learning_rate: peak rate; the schedule is that of the tower.
        weight_decay: weight decay of AdamW.
        label_smoothing: distance of the targets from 0 and 1, in [0, 0.5).
        seed: seed of initial weights, shuffling and jitter.
    """

    epochs: int = 40
    pairs_per_batch: int = 512
    learning_rate: float = 1e-3
    weight_decay: float = 3e-3
    label_smoothing: float = 0.01
    seed: int = 1683
