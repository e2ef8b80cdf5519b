"""Trains the pair judge on the chains of the tower's training. It resumes after an interruption."""

import hashlib
import io
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import TrainingError
from genloss.model.files import open_atomically
from genloss.model.networks.config import JudgeConfig
from genloss.model.networks.judge import build_judge
from genloss.model.training.batches import batches
from genloss.model.training.checkpoint import restore_checkpoint, save_checkpoint
from genloss.model.training.config import JudgeTraining
from genloss.model.training.dataset import ChainSet
from genloss.model.training.optimisation import schedule
from genloss.model.training.reports import EpochReport, OnStep
from genloss.model.training.tower_training import weights_sha256

CHECKPOINT = "judge-checkpoint.npz"


def collect_evidence(
    tower: keras.Model,
    data: ChainSet,
    n_blocks: int,
    folder: Path,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> NDArray[np.float32]:
    """The evidence of every version, (V, E): its metadata, followed by the tower's summary of its blocks.

    The evidence is stored in the folder, under a name that depends on the tower's weights, and is read from there next time.
    """
    digest = hashlib.sha256(data.sha256.encode())
    for weight in tower.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    path = folder / f"evidence-{digest.hexdigest()[:16]}.npy"
    if not path.exists():
        summary = keras.Model(tower.inputs, tower.get_layer("aggregator").output)
        size = data.metadata.shape[1]
        evidence = np.zeros((len(data.metadata), size + summary.output.shape[1]), np.float32)
        evidence[:, :size] = data.metadata
        done = 0
        for split, chains in data.chains.items():
            members = np.concatenate([np.arange(*chain) for chain in chains])
            place = 0
            for batch in batches(data, split, 64, n_blocks, None):
                found = np.asarray(summary.predict_on_batch([batch.blocks, batch.presence, batch.metadata]))
                n_versions = sum(batch.chain_sizes)
                evidence[members[place : place + n_versions], size:] = found[:n_versions]
                place += n_versions
                done += n_versions
                on_step(done, len(evidence))
        buffer = io.BytesIO()
        np.save(buffer, evidence)
        with open_atomically(path) as stream:
            stream.write(buffer.getbuffer())
    stored: NDArray[np.float32] = np.load(path)
    return stored


def train_judge(
    evidence: NDArray[np.float32],
    data: ChainSet,
    config: JudgeConfig,
    training: JudgeTraining,
    folder: Path,
    on_step: OnStep = lambda step, total, loss, accuracy: None,
    on_epoch: Callable[[EpochReport], None] = lambda report: None,
    parent: keras.Model | None = None,
) -> tuple[keras.Model, list[EpochReport]]:
    """Trains from the folder's checkpoint; without a checkpoint, from the parent or from scratch.

    Args:
        evidence: from collect_evidence.
        on_step: as in tower_training.train.
        on_epoch: as in tower_training.train.
        parent: a judge of the same shape. Training starts from its weights and its scaling of the evidence.

    Returns:
        The judge, and the history of all epochs.

    Raises:
        TrainingError: the parent has another shape, the checkpoint is of another run, or the loss is not finite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(training.seed)
    judge = build_judge(config)
    chains = data.chains["train"]
    if parent is None:
        judge.get_layer("standardise").adapt(evidence[np.concatenate([np.arange(*chain) for chain in chains])])
    elif [one.shape for one in parent.weights] != [one.shape for one in judge.weights]:
        raise TrainingError("the parent's judge has another shape than the one to be trained")
    else:
        judge.set_weights(parent.get_weights())
    optimizer = keras.optimizers.AdamW(training.learning_rate, weight_decay=training.weight_decay, clipnorm=1.0)
    loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=2 * training.label_smoothing)
    accuracy = keras.metrics.BinaryAccuracy(threshold=0.0)
    judge.compile(optimizer, loss, metrics=[accuracy])
    optimizer.build(judge.trainable_variables)
    digest = hashlib.sha256(np.ascontiguousarray(evidence[:: max(1, len(evidence) // 1000)]).tobytes()).hexdigest()
    identity = json.dumps([asdict(config), asdict(training), data.sha256, digest, *weights_sha256(parent)], sort_keys=True)
    history: list[EpochReport] = []
    if (folder / CHECKPOINT).exists():
        _, stored = restore_checkpoint(folder / CHECKPOINT, identity, judge, optimizer)
        history = [EpochReport(**report) for report in stored]
    better, worse = ordered_pairs(chains)
    per_epoch = max(1, len(better) // training.pairs_per_batch)
    for epoch in range(len(history), training.epochs):
        started = time.monotonic()
        generator = np.random.default_rng([training.seed, epoch])
        order = generator.permutation(len(better))
        sums = np.zeros(2)
        for index in range(per_epoch):
            step = epoch * per_epoch + index
            chosen = order[index * training.pairs_per_batch : (index + 1) * training.pairs_per_batch]
            left_is_worse = generator.random(len(chosen)) < 0.5
            left = np.where(left_is_worse, worse[chosen], better[chosen])
            right = np.where(left_is_worse, better[chosen], worse[chosen])
            optimizer.learning_rate = training.learning_rate * schedule(step / (training.epochs * per_epoch))
            judge.reset_metrics()
            found = judge.train_on_batch([evidence[left], evidence[right]], left_is_worse[:, None].astype(np.float32))
            if not np.isfinite(found[0]):
                raise TrainingError(f"the judge's loss became {found[0]} in epoch {epoch + 1}; lower the learning rate")
            sums += float(found[0]), float(found[1])
            on_step(step + 1, training.epochs * per_epoch, float(sums[0] / (index + 1)), float(sums[1] / (index + 1)))
        margins = [matrix[np.triu_indices(len(matrix), 1)] for matrix in judge_chains(judge, evidence, data, "validation")]
        validation = float(np.mean(np.concatenate(margins) < 0)) if margins else float("nan")
        report = EpochReport(
            epoch + 1, float(sums[0] / per_epoch), float(sums[1] / per_epoch), validation, time.monotonic() - started
        )
        history.append(report)
        save_checkpoint(folder / CHECKPOINT, identity, judge, optimizer, {}, [asdict(one) for one in history])
        on_epoch(report)
    finished = build_judge(config)  # never compiled, so that saving it does not save the optimizer's state
    finished.set_weights(judge.get_weights())
    return finished, history


def judge_chains(
    judge: keras.Model, evidence: NDArray[np.float32], data: ChainSet, split: str, pairs_per_batch: int = 4096
) -> list[NDArray[np.float32]]:
    """For each chain of a split, the (V, V) log odds that the row's version is worse than the column's."""
    chains = data.chains.get(split, np.zeros((0, 2), np.int64))
    better, worse = ordered_pairs(chains)
    parts = [
        np.asarray(judge.predict_on_batch([evidence[better[start:end]], evidence[worse[start:end]]]))[:, 0]
        for start, end in ((start, start + pairs_per_batch) for start in range(0, len(better), pairs_per_batch))
    ]
    found = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    matrices, place = [], 0
    for first, last in chains:
        upper = np.triu_indices(last - first, 1)
        matrix = np.zeros((last - first, last - first), np.float32)
        matrix[upper] = found[place : place + len(upper[0])]
        matrices.append(matrix - matrix.T)
        place += len(upper[0])
    return matrices


def ordered_pairs(chains: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the better and of the worse version of every ordered pair of every chain."""
    better, worse = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for first, last in chains:
        one, other = np.triu_indices(last - first, 1)
        better.append(first + one)
        worse.append(first + other)
    return np.concatenate(better), np.concatenate(worse)
