"""Checkpoints: all that a training needs to resume with the same result, in one file."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import TrainingError
from genloss.model.files import write_atomically

# Part of every identity: a checkpoint laid out by an older version is another run's.
LAYOUT = 2


def save_checkpoint(
    path: Path,
    identity: str,
    network: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    kept: dict[str, Sequence[NDArray]],
    history: list[dict[str, Any]],
) -> None:
    """Writes the state after an epoch.

    Args:
        identity: identifies data and configuration; restore_checkpoint refuses a checkpoint with another identity.
        kept: other lists of arrays by name, such as running averages of the weights.
        history: one record for each finished epoch.
    """
    # `variables` rather than `weights`: the states of jitter and dropout are part of it.
    arrays = {f"weight_{index}": np.array(value) for index, value in enumerate(network.variables)}
    arrays |= {f"optimizer_{index}": np.array(value) for index, value in enumerate(optimizer.variables)}
    for name, values in kept.items():
        arrays |= {f"kept_{name}_{index}": value for index, value in enumerate(values)}
    arrays |= {"identity": np.array(f"{LAYOUT} {identity}"), "history": np.array(json.dumps(history))}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_atomically(path, buffer.getvalue())


def restore_checkpoint(
    path: Path, identity: str, network: keras.Model, optimizer: keras.optimizers.Optimizer
) -> tuple[dict[str, list[NDArray]], list[dict[str, Any]]]:
    """Restores network and optimizer from a checkpoint; returns the other lists of arrays and the history.

    Raises:
        TrainingError: the checkpoint is damaged, or of other data or another configuration.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            if str(stored["identity"]) != f"{LAYOUT} {identity}":
                raise TrainingError(f"{path} is from other data or another configuration; give another --out")
            for index, variable in enumerate(network.variables):
                variable.assign(stored[f"weight_{index}"])
            for index, variable in enumerate(optimizer.variables):
                variable.assign(stored[f"optimizer_{index}"])
            kept: dict[str, list[NDArray]] = {}
            for name in stored.files:
                if name.startswith("kept_"):
                    kept.setdefault(name.split("_")[1], []).append(np.array(stored[name]))
            return kept, json.loads(str(stored["history"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path} cannot be read ({error}); delete it to start again") from error
