"""Trains the siamese network on chains; saves a checkpoint after every epoch, and resumes from it."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import TrainingError
from genloss.model.files import write_atomically
from genloss.model.networks.config import NetworkConfig
from genloss.model.networks.siamese import build_chain_siamese, cut_tower
from genloss.model.networks.tower import build_tower
from genloss.model.scoring.evaluation import chain_accuracy
from genloss.model.training.batches import Batch, batches, count_batches
from genloss.model.training.checkpoint import restore_checkpoint, save_checkpoint
from genloss.model.training.config import TrainingConfig
from genloss.model.training.dataset import ChainSet
from genloss.model.training.optimisation import make_loss, make_optimizer, schedule
from genloss.model.training.reports import EpochReport, OnStep

CHECKPOINT = "checkpoint.npz"
HISTORY = "history.json"


def train(
    data: ChainSet,
    network: NetworkConfig,
    training: TrainingConfig,
    folder: Path,
    on_step: OnStep = lambda step, total, loss, accuracy: None,
    on_epoch: Callable[[EpochReport], None] = lambda report: None,
    parent: keras.Model | None = None,
) -> tuple[keras.Model, list[EpochReport]]:
    """Trains from the folder's checkpoint; without a checkpoint, from the parent or from scratch.

    Args:
        data: from dataset.open_chains; its "train" and "validation" splits are used.
        folder: folder of the checkpoint; created if missing.
        on_step: called with (step, number of steps, running loss, running pair accuracy).
        on_epoch: called after each epoch, when its checkpoint is on disk.
        parent: a tower of the same shape. Training starts from its weights and its scaling of the metadata.

    Returns:
        The tower and the history of all epochs. The tower has the averaged weights of the epoch that was best on the
        validation split, mixed with the parent's by `training.parent_share`. Its scores are shifted so that half of that
        split's scores lie below 0.5.

    Raises:
        TrainingError: there are no training chains, the parent has another shape, the checkpoint is of another run, or the
            loss is not finite.
    """
    fit = Fit(data, network, training, parent)
    folder.mkdir(parents=True, exist_ok=True)
    identity = json.dumps([asdict(network), asdict(training), data.sha256, *weights_sha256(parent)], sort_keys=True)
    best = fit.average
    history: list[EpochReport] = []
    if (folder / CHECKPOINT).exists():
        kept, stored = restore_checkpoint(folder / CHECKPOINT, identity, fit.siamese, fit.optimizer)
        fit.average, best = kept["average"], kept["best"]
        history = [EpochReport(**report) for report in stored]
    per_epoch = count_batches(data, "train", training.versions_per_batch)
    for epoch in range(len(history), training.epochs):
        started = time.monotonic()
        generator = np.random.default_rng([training.seed, epoch])
        total = training.epochs * per_epoch
        step = epoch * per_epoch
        sums = np.zeros(3)
        stream = batches(data, "train", training.versions_per_batch, training.blocks_per_version, generator)
        for batch in stream:
            sums += fit.step(batch, step / total, step)
            step += 1
            on_step(step, total, float(sums[0] / sums[2]), float(sums[1] / sums[2]))
        accuracy = fit.validation_accuracy()
        seconds = time.monotonic() - started
        report = EpochReport(epoch + 1, float(sums[0] / sums[2]), float(sums[1] / sums[2]), accuracy, seconds)
        history.append(report)
        # Without a validation split every accuracy is NaN and the last epoch is as good as any.
        if not accuracy < max((one.validation_accuracy for one in history[:-1]), default=0.0):
            best = [array.copy() for array in fit.average]
        reports = [asdict(one) for one in history]
        averages = {"average": fit.average, "best": best}
        save_checkpoint(folder / CHECKPOINT, identity, fit.siamese, fit.optimizer, {**averages}, reports)
        write_atomically(folder / HISTORY, json.dumps(reports).encode())
        on_epoch(report)
    if parent is not None:
        share = training.parent_share
        best = [(1 - share) * one + share * other for one, other in zip(best, parent.get_weights(), strict=True)]
    fit.tower.set_weights(best)
    _centre(fit.tower, data, training)
    return fit.tower, history


def _centre(tower: keras.Model, data: ChainSet, training: TrainingConfig) -> None:
    """Moves the scores so that half of the validation versions lie below 0.5; no order changes.

    The comparator learns from differences alone, so the level of the scores is arbitrary; near 0 or 1 they crowd together.
    """
    if not len(data.chains.get("validation", ())):
        return
    scores = score_versions(tower, data, "validation", training.blocks_per_version, training.versions_per_batch)
    middle = float(np.clip(np.median(np.concatenate(scores)), 1e-6, 1 - 1e-6))
    kernel, bias = tower.get_layer("generation_loss").get_weights()
    tower.get_layer("generation_loss").set_weights([kernel, bias - np.float32(np.log(middle / (1 - middle)))])


class Fit:
    """A siamese network in training, with the running average of its tower's weights.

    Args:
        data: chains; trains on the "train" split, measures on the "validation" split.
        parent: as for `train`.

    Attributes:
        tower: tower with the weights of the last step.
        average: running average of the tower's weights.

    Raises:
        TrainingError: there are no training chains, a setting is unknown, or the parent has another shape.
    """

    def __init__(
        self, data: ChainSet, network: NetworkConfig, training: TrainingConfig, parent: keras.Model | None = None
    ) -> None:
        if not len(data.chains.get("train", ())):
            raise TrainingError("the pair set has no chains in its train split; generate more chains")
        if training.versions_per_batch < 6:
            raise TrainingError(f"versions_per_batch must hold a chain of 6, got {training.versions_per_batch}")
        self._data, self._training = data, training
        keras.utils.set_random_seed(training.seed)
        tower = build_tower(network)
        if parent is None:
            first, last = data.chains["train"][:, 0], data.chains["train"][:, 1]
            members = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
            tower.get_layer("standardise").adapt(data.metadata[members])
        else:
            if [one.shape for one in parent.weights] != [one.shape for one in tower.weights]:
                raise TrainingError("the parent's tower has another shape than the one to be trained")
            tower.set_weights(parent.get_weights())
        self.siamese = build_chain_siamese(tower, network.comparator_k)
        self.tower = cut_tower(self.siamese)
        self.optimizer = make_optimizer(training.optimizer, training.learning_rate, training.weight_decay)
        loss = make_loss(training.loss, training.label_smoothing)
        self.siamese.compile(self.optimizer, loss, weighted_metrics=["binary_accuracy"])
        self.optimizer.build(self.siamese.trainable_variables)
        self.average = [np.array(variable) for variable in tower.weights]

    def step(self, batch: Batch, progress: float, n_steps: int) -> NDArray[np.float64]:
        """Trains on one batch.

        Args:
            progress: share of the run that is over, in [0, 1].
            n_steps: number of steps before this one.

        Returns:
            (3,): summed loss, pairs in the right order, all pairs.

        Raises:
            TrainingError: the loss is not finite.
        """
        training = self._training
        self.optimizer.learning_rate = training.learning_rate * schedule(progress, training.schedule)
        inputs = [batch.blocks, batch.presence, batch.metadata, batch.left, batch.right]
        found = self.siamese.train_on_batch(inputs, batch.left_is_worse[:, None], sample_weight=batch.weight)
        if not np.isfinite(found[0]):
            raise TrainingError(f"the loss became {found[0]} in step {n_steps + 1}; lower the learning rate")
        decay = min(training.averaging, (1 + n_steps) / (10 + n_steps))
        for mean, variable in zip(self.average, self.tower.weights, strict=True):
            mean *= decay
            mean += (1 - decay) * np.array(variable)
        n_pairs = float(batch.weight.sum())
        return np.array([float(found[0]) * len(batch.weight), float(found[1]) * n_pairs, n_pairs])

    def validation_accuracy(self) -> float:
        """Pair accuracy of the averaged weights on the validation split; NaN if the split is empty."""
        if not len(self._data.chains.get("validation", ())):
            return float("nan")
        kept = [np.array(variable) for variable in self.tower.weights]
        self.tower.set_weights(self.average)
        training = self._training
        scores = score_versions(self.tower, self._data, "validation", training.blocks_per_version, training.versions_per_batch)
        self.tower.set_weights(kept)
        return chain_accuracy(scores)


def weights_sha256(parent: keras.Model | None) -> list[str]:
    """Digest of the network that a training started from, for the identity of its checkpoints; [] without a parent."""
    if parent is None:
        return []
    return [hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in parent.get_weights())).hexdigest()]


def score_versions(
    tower: keras.Model, data: ChainSet, split: str, n_blocks: int, versions_per_batch: int = 128
) -> list[NDArray[np.float32]]:
    """Scores of every chain of a split: an array for each chain, its versions in their true order, best first."""
    chains: list[NDArray[np.float32]] = []
    for batch in batches(data, split, versions_per_batch, n_blocks, None):
        scores = np.asarray(tower.predict_on_batch([batch.blocks, batch.presence, batch.metadata]))[:, 0]
        chains += np.split(scores, np.cumsum(batch.chain_sizes))[:-1]
    return chains
