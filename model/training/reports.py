"""Progress reports of a running training."""

from collections.abc import Callable
from dataclasses import dataclass

# The time is cut into this many equal parts; slow and fast networks are compared at the end of the same part.
N_PARTS = 10
# Called with (step, steps in all, running loss, running pair accuracy).
OnStep = Callable[[int, int, float, float], None]


@dataclass(frozen=True)
class EpochReport:
    """Figures of one epoch. A loss is a mean binary cross-entropy, an accuracy a share of pairs."""

    epoch: int
    loss: float
    pair_accuracy: float
    validation_accuracy: float
    seconds: float


@dataclass(frozen=True)
class PartReport:
    """Figures at the end of a part of the training time.

    Attributes:
        part: 1 to N_PARTS; a part that ended while the validation split was measured is skipped.
        passes: passes over the training split so far.
        loss: mean loss over the pairs of this part.
        pair_accuracy: share of this part's training pairs in the right order.
        validation_accuracy: share of validation pairs in the right order, with averaged weights and `blocks_per_version`
            blocks.
        seconds: seconds since the start.
    """

    part: int
    passes: float
    loss: float
    pair_accuracy: float
    validation_accuracy: float
    seconds: float
