"""The pictures of a sweep, and what a classifier makes of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import LabelledFiles

MOST_SHOWN = 400  # pictures whose outputs and attention are kept


@dataclass(frozen=True)
class Parts:
    """The pictures of a sweep and which of them are learned from, validated and tested on; places in `files`."""

    files: LabelledFiles
    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]


@dataclass(frozen=True)
class LevelOutputs:
    """What a classifier makes of N test pictures at one level.

    Attributes:
        similarities: (N, K) with the keys.
        outputs: (M, D) of the first M of `shown`.
        attention: (M, h, w) of the same, to their own class.
        n_bytes: (N,) of the files at this level.
    """

    similarities: NDArray[np.float32]
    outputs: NDArray[np.float32]
    attention: NDArray[np.float32]
    n_bytes: NDArray[np.int64]
