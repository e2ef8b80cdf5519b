"""Configuration of a small classifier and of its training; needs no Keras."""

from dataclasses import dataclass
from typing import Literal

LossName = Literal["cosine", "squared_error", "cross_entropy"]
Augmentation = Literal["none", "mirrored", "turned"]

LOSSES: tuple[LossName, ...] = ("cosine", "squared_error")  # those for keys of many dimensions
AUGMENTATIONS: tuple[Augmentation, ...] = ("none", "mirrored", "turned")
LEAST_SIDE_PX, MOST_SIDE_PX = 16, 512


def usual_side(median_px: int, most_px: int) -> int:
    """Side of a network's pictures in pixels: the median shorter side, rounded down to a multiple of 8 and bounded.

    Args:
        median_px: median of the shorter sides of a set's pictures.
        most_px: upper bound; the lower bound is LEAST_SIDE_PX.
    """
    return max(LEAST_SIDE_PX, min(most_px, median_px // 8 * 8))


@dataclass(frozen=True)
class ClassifierConfig:
    """Shape of the network: convolutions, a mean over all places, and one linear layer.

    Attributes:
        side_px: of the square input pictures.
        filters: number of filters of each 3x3 convolution.
        n_outputs: dimensions of the output.
        dropout: share of the means that training drops.
    """

    side_px: int = 96
    filters: tuple[int, ...] = (16, 32, 64, 128)
    n_outputs: int = 500
    dropout: float = 0.2


@dataclass(frozen=True)
class FitConfig:
    """How a classifier is trained.

    Attributes:
        loss: between output and key. "cross_entropy" needs one-hot keys.
        epochs: most passes over the training pictures.
        patience: training stops after this many epochs without a better validation accuracy.
        batch: pictures in a step.
        learning_rate: peak of the schedule.
        weight_decay: of AdamW.
        augmentation: "mirrored" flips left and right; "turned" also turns by quarters; both add small shifts.
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
