"""Small towers trained in the same way, to compare their inputs and parts."""

import tempfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.model.networks.config import NetworkConfig
from genloss.model.training.config import TrainingConfig
from genloss.model.training.dataset import ChainSet
from genloss.model.training.tower_training import train

EPOCHS = 8


def trained_on(data: ChainSet, chosen: NDArray[np.int64], network: NetworkConfig) -> keras.Model:
    """A tower after EPOCHS passes over the chosen training chains of a pair set.

    Args:
        chosen: (C,) positions in the training split.
    """
    part = replace(data, chains={**data.chains, "train": data.chains["train"][chosen]})
    with tempfile.TemporaryDirectory() as folder:
        tower, _ = train(part, network, TrainingConfig(epochs=EPOCHS), Path(folder))
    return tower
