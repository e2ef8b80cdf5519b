"""Pictures of a sweep, and a classifier's outputs for them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import LabelledFiles

MOST_SHOWN = 400  # pictures whose outputs and attention are kept


@dataclass(frozen=True)
class Parts:
    """The pictures of a sweep, and the places in `files` of the train, validation and test parts."""

    files: LabelledFiles
    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]


@dataclass(frozen=True)
class LevelOutputs:
    """Outputs of a classifier for N test pictures at a level.

    Attributes:
        similarities: (N, K) with the keys.
        outputs: (M, D) of the M pictures in Sweep.shown.
        attention: (M, h, w) of these pictures to the right class.
        n_bytes: (N,) sizes of the files at this level, in bytes.
    """

    similarities: NDArray[np.float32]
    outputs: NDArray[np.float32]
    attention: NDArray[np.float32]
    n_bytes: NDArray[np.int64]
