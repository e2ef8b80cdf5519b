"""Fits the siamese network on chains; saves a checkpoint after every epoch and goes on from it."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from model.atomic import write_atomically
from model.checkpoint import restore_checkpoint, save_checkpoint
from model.dataset import Batch, ChainSet, batches, count_batches
from model.errors import TrainingError
from model.evaluation import chain_accuracy
from model.network import NetworkConfig, build_tower
from model.siamese import build_chain_siamese, cut_tower

CHECKPOINT = "checkpoint.npz"
HISTORY = "history.json"


@dataclass(frozen=True)
class TrainingConfig:
    """How the network is fitted.

    Attributes:
        epochs: passes over the training split.
        versions_per_batch: versions that go through the tower at once; whole chains.
        blocks_per_version: random subset of a version's blocks used in a step.
        learning_rate: peak, after a warm-up of one twentieth of the run; falls to 1 % along a cosine.
        weight_decay: of AdamW.
        label_smoothing: target distance from 0 and 1, in [0, 0.5).
        averaging: decay per step of the running average of weights that is evaluated and shipped.
        seed: of initial weights, shuffling and jitter.
    """

    epochs: int = 20
    versions_per_batch: int = 128
    blocks_per_version: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.01
    averaging: float = 0.998
    seed: int = 1683


@dataclass(frozen=True)
class EpochReport:
    """What one epoch came to; losses are mean binary cross-entropy, accuracies shares of pairs."""

    epoch: int
    loss: float
    pair_accuracy: float
    validation_accuracy: float
    seconds: float


Progress = Callable[[int, int, float, float], None]


def train(
    data: ChainSet,
    network: NetworkConfig,
    training: TrainingConfig,
    folder: Path,
    on_step: Progress = lambda step, total, loss, accuracy: None,
    on_epoch: Callable[[EpochReport], None] = lambda report: None,
) -> tuple[keras.Model, list[EpochReport]]:
    """Trains from the folder's checkpoint, or from scratch where there is none.

    Args:
        data: from dataset.open_chains; its "train" and "validation" splits are used.
        folder: for the checkpoint; made when missing.
        on_step: called with (step, steps in all, running loss, running pair accuracy).
        on_epoch: called after each epoch, once its checkpoint is on disk.

    Returns:
        The tower with the averaged weights of the epoch that was best on the validation split, and the
        history of all epochs.

    Raises:
        TrainingError: no training chains, a checkpoint of another run, or a loss that is not finite.
    """
    if not len(data.chains.get("train", ())):
        raise TrainingError("the pair set has no chains in its train split; generate more chains")
    if training.versions_per_batch < 6:
        raise TrainingError(f"versions_per_batch must hold a chain of 6, got {training.versions_per_batch}")
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(training.seed)
    tower = build_tower(network)
    first, last = data.chains["train"][:, 0], data.chains["train"][:, 1]
    members = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
    tower.get_layer("standardise").adapt(data.metadata[members])
    siamese = build_chain_siamese(tower, network.comparator_k)
    optimizer = keras.optimizers.AdamW(training.learning_rate, weight_decay=training.weight_decay, clipnorm=1.0)
    loss = keras.losses.BinaryCrossentropy(label_smoothing=2 * training.label_smoothing)
    siamese.compile(optimizer, loss, weighted_metrics=["binary_accuracy"])
    optimizer.build(siamese.trainable_variables)

    identity = json.dumps([asdict(network), asdict(training), data.sha256], sort_keys=True)
    average = [np.array(variable) for variable in tower.weights]
    best = average
    history: list[EpochReport] = []
    if (folder / CHECKPOINT).exists():
        kept, stored = restore_checkpoint(folder / CHECKPOINT, identity, siamese, optimizer)
        average, best = kept["average"], kept["best"]
        history = [EpochReport(**report) for report in stored]
    per_epoch = count_batches(data, "train", training.versions_per_batch)
    for epoch in range(len(history), training.epochs):
        started = time.monotonic()
        generator = np.random.default_rng([training.seed, epoch])
        total = training.epochs * per_epoch
        step = epoch * per_epoch
        sums = np.zeros(3)  # loss, rightly ordered pairs, pairs
        stream = batches(data, "train", training.versions_per_batch, training.blocks_per_version, generator)
        for batch in stream:
            optimizer.learning_rate = training.learning_rate * schedule(step / total)
            found = siamese.train_on_batch(_inputs(batch), batch.left_is_worse[:, None], sample_weight=batch.weight)
            if not np.isfinite(found[0]):
                raise TrainingError(f"the loss became {found[0]} in epoch {epoch + 1}; lower the learning rate")
            n_pairs = float(batch.weight.sum())
            sums += float(found[0]) * len(batch.weight), float(found[1]) * n_pairs, n_pairs
            decay = min(training.averaging, (1 + step) / (10 + step))
            for mean, variable in zip(average, tower.weights, strict=True):
                mean *= decay
                mean += (1 - decay) * np.array(variable)
            step += 1
            on_step(step, total, float(sums[0] / sums[2]), float(sums[1] / sums[2]))
        accuracy = _validate(tower, average, data, training)
        seconds = time.monotonic() - started
        report = EpochReport(epoch + 1, float(sums[0] / sums[2]), float(sums[1] / sums[2]), accuracy, seconds)
        history.append(report)
        # Without a validation split every accuracy is NaN and the last epoch is as good as any.
        if not accuracy < max((one.validation_accuracy for one in history[:-1]), default=0.0):
            best = [array.copy() for array in average]
        reports = [asdict(one) for one in history]
        save_checkpoint(folder / CHECKPOINT, identity, siamese, optimizer, {"average": average, "best": best}, reports)
        write_atomically(folder / HISTORY, json.dumps(reports).encode())
        on_epoch(report)
    tower = cut_tower(siamese)
    tower.set_weights(best)
    return tower, history


def score_versions(
    tower: keras.Model, data: ChainSet, split: str, n_blocks: int, versions_per_batch: int = 128
) -> list[NDArray[np.float32]]:
    """Scores of every chain of a split, in order; one array per chain, best version first by truth."""
    chains: list[NDArray[np.float32]] = []
    for batch in batches(data, split, versions_per_batch, n_blocks, None):
        scores = np.asarray(tower.predict_on_batch([batch.blocks, batch.presence, batch.metadata]))[:, 0]
        chains += np.split(scores, np.cumsum(batch.chain_sizes))[:-1]
    return chains


def _inputs(batch: Batch) -> list[NDArray]:
    return [batch.blocks, batch.presence, batch.metadata, batch.left, batch.right]


def schedule(progress: float) -> float:
    """Share of the peak learning rate at a share of the run."""
    warm = 0.05
    if progress < warm:
        return 0.05 + 0.95 * progress / warm
    return 0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * min(1.0, (progress - warm) / (1 - warm)))))


def _validate(tower: keras.Model, average: list[NDArray], data: ChainSet, training: TrainingConfig) -> float:
    if not len(data.chains.get("validation", ())):
        return float("nan")
    kept = [np.array(variable) for variable in tower.weights]
    tower.set_weights(average)
    scores = score_versions(tower, data, "validation", training.blocks_per_version, training.versions_per_batch)
    tower.set_weights(kept)
    return chain_accuracy(scores)
