"""Trains a network for a given time instead of a number of epochs, to compare configurations at equal cost."""

import time
from collections.abc import Callable

import keras
import numpy as np

from genloss.model.networks.config import NetworkConfig
from genloss.model.training.batches import batches
from genloss.model.training.config import TrainingConfig
from genloss.model.training.dataset import ChainSet
from genloss.model.training.reports import N_PARTS, PartReport
from genloss.model.training.tower_training import Fit


def train_for(
    data: ChainSet,
    network: NetworkConfig,
    training: TrainingConfig,
    seconds: float,
    on_part: Callable[[PartReport], None] = lambda report: None,
    clock: Callable[[], float] = time.monotonic,
) -> keras.Model:
    """Trains until the time is over. The learning rate follows the clock, and `training.epochs` is ignored.

    The time includes building, compiling and measuring on the validation split. Every part makes at least one step.

    Args:
        data: from dataset.open_chains; its "train" and "validation" splits are used.
        seconds: time to train, by `clock`.
        on_part: called after every tenth of the time.
        clock: returns seconds since any fixed moment.

    Returns:
        The tower with the averaged weights of the part that was best on the validation split.

    Raises:
        TrainingError: there are no chains, a setting cannot be used, or the loss is not finite.
    """
    started = clock()
    fit = Fit(data, network, training)
    generator = np.random.default_rng(training.seed)
    best, best_accuracy = fit.average, -1.0
    sums = np.zeros(3)
    n_steps, n_pairs, part = 0, 0.0, 1
    sizes = np.diff(data.chains["train"], axis=1)[:, 0]
    pairs_per_pass = float((sizes * (sizes - 1) // 2).sum())
    while True:
        for batch in batches(data, "train", training.versions_per_batch, training.blocks_per_version, generator):
            sums += fit.step(batch, min(1.0, (clock() - started) / seconds), n_steps)
            n_steps += 1
            elapsed = clock() - started
            if elapsed < seconds * part / N_PARTS:
                continue
            part = min(N_PARTS, int(elapsed / seconds * N_PARTS))
            n_pairs += sums[2]
            accuracy = fit.validation_accuracy()
            if accuracy > best_accuracy:
                best, best_accuracy = [array.copy() for array in fit.average], accuracy
            loss, right = sums[:2] / sums[2]
            elapsed = clock() - started
            if elapsed >= seconds:  # looking at the validation split took the rest of the time
                part = N_PARTS
            on_part(PartReport(part, n_pairs / pairs_per_pass, float(loss), float(right), accuracy, elapsed))
            if part == N_PARTS:
                fit.tower.set_weights(best)
                return fit.tower
            sums = np.zeros(3)
            part = int(elapsed / seconds * N_PARTS) + 1
