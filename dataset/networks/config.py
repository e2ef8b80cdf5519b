"""What a small classifier looks like and how it is fitted; importing this needs no Keras."""

from dataclasses import dataclass
from typing import Literal

LossName = Literal["cosine", "squared_error", "cross_entropy"]
Augmentation = Literal["none", "mirrored", "turned"]

LOSSES: tuple[LossName, ...] = ("cosine", "squared_error")  # those that keys of many dimensions take
AUGMENTATIONS: tuple[Augmentation, ...] = ("none", "mirrored", "turned")
LEAST_SIDE_PX, MOST_SIDE_PX = 16, 512


def usual_side(median_px: int, most_px: int) -> int:
    """Side in pixels of a network's pictures, a multiple of eight: the shorter side of most of a set's, within bounds."""
    return max(LEAST_SIDE_PX, min(most_px, median_px // 8 * 8))


@dataclass(frozen=True)
class ClassifierConfig:
    """Convolutions, a mean over all places, and one linear layer.

    Attributes:
        side_px: of the square pictures it takes.
        filters: of each 3x3 convolution.
        n_outputs: dimensions of the output.
        dropout: share of the means that are left out while training.
    """

    side_px: int = 96
    filters: tuple[int, ...] = (16, 32, 64, 128)
    n_outputs: int = 500
    dropout: float = 0.2


@dataclass(frozen=True)
class FitConfig:
    """How a classifier is fitted.

    Attributes:
        loss: between output and key. "cross_entropy" takes the keys of one-hot classes.
        epochs: passes over the training pictures at most.
        patience: epochs without a better validation accuracy after which fitting ends.
        batch: pictures in a step.
        learning_rate: at its peak.
        weight_decay: of AdamW.
        augmentation: "mirrored" left and right; "turned" also upside down and by quarter turns; both with small shifts.
        seed: of weights, order, augmentation and dropout.
    """

    loss: LossName = "cosine"
    epochs: int = 60
    patience: int = 12
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    augmentation: Augmentation = "mirrored"
    seed: int = 0
