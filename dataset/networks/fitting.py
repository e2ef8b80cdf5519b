"""Trains a classifier on the keys of the classes, with early stopping. Resumes from a checkpoint after each epoch."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.dataset.networks.augmentation import augment
from genloss.dataset.networks.classifier import build_classifier, outputs_of
from genloss.dataset.networks.config import ClassifierConfig, FitConfig, LossName
from genloss.model.errors import TrainingError
from genloss.model.memory.keys import cosines
from genloss.model.training.checkpoint import restore_checkpoint, save_checkpoint
from genloss.model.training.optimisation import make_optimizer, schedule

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Labelled pictures of one size.

    Attributes:
        pictures: (N, S, S, 3).
        labels: (N,) places of the classes in the keys.
    """

    pictures: Pictures
    labels: Labels


@dataclass(frozen=True)
class Epoch:
    """Result of an epoch: number from 1, mean loss, and validation accuracy, NaN without validation pictures."""

    number: int
    loss: float
    accuracy: float


OnEpoch = Callable[[Epoch], None]


def fit_classifier(
    train: Sample,
    validation: Sample | None,
    keys: NDArray[np.float32],
    network_config: ClassifierConfig,
    config: FitConfig,
    folder: Path | None = None,
    on_epoch: OnEpoch = lambda epoch: None,
) -> tuple[keras.Model, list[Epoch]]:
    """Trains a network; returns it and all epochs. The weights are those of the epoch with the best validation accuracy.

    Args:
        train: training pictures.
        validation: for early stopping; None to run all epochs and return the last weights.
        keys: (K, D) targets, from keys.draw_keys, or the identity for "cross_entropy".
        network_config: shape of the network; n_outputs is D.
        config: how to train.
        folder: for the checkpoint; None for no checkpoint.
        on_epoch: called after each epoch, when the checkpoint is on disk.

    Raises:
        TrainingError: the checkpoint is of another run, or the loss is not finite.
    """
    keras.utils.set_random_seed(config.seed)
    network = build_classifier(network_config)
    optimizer = make_optimizer("adamw", config.learning_rate, config.weight_decay)
    network.compile(optimizer, _make_loss(config.loss))
    optimizer.build(network.trainable_variables)
    history: list[Epoch] = []
    best = network.get_weights()
    checkpoint = None if folder is None else folder / "checkpoint.npz"
    identity = _identity(train, keys, network_config, config)
    if checkpoint is not None and checkpoint.exists():
        kept, stored = restore_checkpoint(checkpoint, identity, network, optimizer)
        best, history = kept["best"], [Epoch(**epoch) for epoch in stored]
    while len(history) < config.epochs and not _has_stopped(history, config.patience, validation):
        loss = _run_epoch(network, train, keys, config, len(history))
        accuracy = float("nan") if validation is None else accuracy_of(network, validation, keys)
        epoch = Epoch(len(history) + 1, loss, accuracy)
        if validation is None or not history or epoch.accuracy > max(one.accuracy for one in history):
            best = network.get_weights()
        history.append(epoch)
        if checkpoint is not None:
            save_checkpoint(checkpoint, identity, network, optimizer, {"best": best}, [asdict(one) for one in history])
        on_epoch(epoch)
    network.set_weights(best)
    return network, history


def accuracy_of(network: keras.Model, sample: Sample, keys: NDArray[np.float32]) -> float:
    """Share of the pictures whose output is nearest to the key of the right class."""
    return float((cosines(outputs_of(network, sample.pictures), keys).argmax(axis=1) == sample.labels).mean())


def _run_epoch(network: keras.Model, train: Sample, keys: NDArray[np.float32], config: FitConfig, epoch: int) -> float:
    generator = np.random.default_rng([config.seed, epoch])
    order = generator.permutation(len(train.labels))
    n_steps = -(-len(order) // config.batch)
    network.reset_metrics()
    loss = float("nan")
    for step, places in enumerate(np.array_split(order, n_steps)):
        progress = (epoch + step / n_steps) / config.epochs
        network.optimizer.learning_rate = config.learning_rate * schedule(progress)
        pictures = augment(train.pictures[places], config.augmentation, generator).astype(np.float32)
        found: Any = network.train_on_batch(pictures, keys[train.labels[places]])
        loss = float(found[0] if isinstance(found, list) else found)  # the mean since the epoch began
        if not np.isfinite(loss):
            raise TrainingError(f"the loss became {loss} in epoch {epoch + 1}; lower the learning rate")
    return loss


def _has_stopped(history: list[Epoch], patience: int, validation: Sample | None) -> bool:
    if validation is None or not history:
        return False
    best = max(history, key=lambda epoch: epoch.accuracy)
    return len(history) - best.number >= patience


def _make_loss(name: LossName) -> keras.losses.Loss:
    match name:
        case "cosine":
            return keras.losses.CosineSimilarity()
        case "squared_error":
            return keras.losses.MeanSquaredError()
        case "cross_entropy":
            return keras.losses.CategoricalCrossentropy(from_logits=True)


def _identity(train: Sample, keys: NDArray[np.float32], network: ClassifierConfig, config: FitConfig) -> str:
    digest = hashlib.sha256()
    for array in (train.pictures, train.labels, keys):
        digest.update(np.ascontiguousarray(array).data)
    return json.dumps([asdict(network), asdict(config), digest.hexdigest()], sort_keys=True)
