"""Loss, optimizer and learning rate schedule of a training."""

import keras
import numpy as np

from genloss.model.errors import TrainingError
from genloss.model.training.config import LOSSES, OPTIMIZERS, SCHEDULES

WARM_UP = 0.05
LAST = 0.01


def make_optimizer(kind: str, learning_rate: float, weight_decay: float) -> keras.optimizers.Optimizer:
    """Makes one of OPTIMIZERS, with decoupled weight decay and gradients clipped to a norm of 1.

    Raises:
        TrainingError: the kind is unknown.
    """
    common = {"learning_rate": learning_rate, "weight_decay": weight_decay, "clipnorm": 1.0}
    match kind:
        case "adamw":
            return keras.optimizers.AdamW(**common)
        case "lion":
            return keras.optimizers.Lion(**common)
        case "sgd":
            return keras.optimizers.SGD(momentum=0.9, nesterov=True, **common)
    raise TrainingError(f"optimizer {kind!r} is none of {', '.join(OPTIMIZERS)}")


def make_loss(kind: str, label_smoothing: float) -> keras.losses.Loss:
    """Makes one of LOSSES for the comparator's probability.

    Args:
        label_smoothing: distance of the targets from 0 and 1, in [0, 0.5); "squared_error" ignores it.

    Raises:
        TrainingError: the kind is unknown.
    """
    between = 2 * label_smoothing  # Keras counts what is taken off the distance of both targets
    match kind:
        case "cross_entropy":
            return keras.losses.BinaryCrossentropy(label_smoothing=between)
        case "focal":
            return keras.losses.BinaryFocalCrossentropy(label_smoothing=between)
        case "squared_error":
            return keras.losses.MeanSquaredError()
    raise TrainingError(f"loss {kind!r} is none of {', '.join(LOSSES)}")


def schedule(progress: float, kind: str = "cosine") -> float:
    """The learning rate as a share of its peak, at a given share of the run: a warm-up, then a fall to 1 % unless constant.

    Raises:
        TrainingError: the kind is unknown.
    """
    rest = min(1.0, (progress - WARM_UP) / (1 - WARM_UP))
    if kind not in SCHEDULES:
        raise TrainingError(f"schedule {kind!r} is none of {', '.join(SCHEDULES)}")
    if progress < WARM_UP:
        return WARM_UP + (1 - WARM_UP) * progress / WARM_UP
    match kind:
        case "constant":
            return 1.0
        case "linear":
            return LAST + (1 - LAST) * (1 - rest)
        case _:
            return LAST + (1 - LAST) * 0.5 * (1 + float(np.cos(np.pi * rest)))
