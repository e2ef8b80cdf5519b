"""What a training says of itself while it runs."""

from collections.abc import Callable
from dataclasses import dataclass

# The time is cut into this many equal parts; slow and fast networks are compared at the end of the same part.
N_PARTS = 10
# Called with (step, steps in all, running loss, running pair accuracy).
OnStep = Callable[[int, int, float, float], None]


@dataclass(frozen=True)
class EpochReport:
    """What one epoch came to; losses are mean binary cross-entropy, accuracies shares of pairs."""

    epoch: int
    loss: float
    pair_accuracy: float
    validation_accuracy: float
    seconds: float


@dataclass(frozen=True)
class PartReport:
    """What a training had come to at the end of a part of its time.

    Attributes:
        part: 1 to N_PARTS; parts that passed while measuring are left out.
        passes: passes over the training split so far.
        loss: mean over the pairs of this part.
        pair_accuracy: share of this part's training pairs ordered rightly.
        validation_accuracy: share of validation pairs, with averaged weights and `blocks_per_version` blocks.
        seconds: since the start.
    """

    part: int
    passes: float
    loss: float
    pair_accuracy: float
    validation_accuracy: float
    seconds: float
