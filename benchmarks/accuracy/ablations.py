"""The value of each part of the tower: the shipped tower without a part, and small towers trained without it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from small_tower import EPOCHS, trained_on

from genloss.model.measurements.features import FeatureConfig
from genloss.model.networks.config import NetworkConfig
from genloss.model.scoring.bundle import load_bundle
from genloss.model.scoring.evaluation import chain_accuracy
from genloss.model.training.batches import batches
from genloss.model.training.dataset import ChainSet, open_chains
from genloss.model.training.parent import keras_tower
from genloss.model.training.tower_training import score_versions

BLOCK_COUNTS = (64, 128, 256, 512)
COMPARATOR_WEIGHTS = (5.0, 20.0, 80.0)


def ablations(pairs: Path, folder: Path, n_chains: int) -> list[str]:
    """Markdown with pair accuracies on the test split of a pair set.

    Args:
        pairs: folder written by make_pairs.py.
        folder: of the bundle.
        n_chains: training chains of the small towers; 0 leaves them out.
    """
    data = open_chains(pairs, FeatureConfig())
    lines = ["## What the parts are worth", "Pairs of the test split ordered rightly by score, in percent.", ""]
    lines += ["| the shipped tower | pairs |", "|---|---|"]
    lines += [f"| {name} | {100 * accuracy:.1f} |" for name, accuracy in _taken_out(data, folder)]
    if n_chains:
        lines += ["", f"Towers of the default shape trained alike, {EPOCHS} passes over {n_chains} chains:", ""]
        lines += ["| | pairs |", "|---|---|"]
        lines += [f"| {name} | {100 * accuracy:.1f} |" for name, accuracy in _trained(data, n_chains)]
    return [*lines, ""]


def _taken_out(data: ChainSet, folder: Path) -> Iterator[tuple[str, float]]:
    """Accuracy of the shipped tower with fewer blocks, with shuffled blocks, and with a branch replaced by its mean output."""
    tower = keras_tower(load_bundle(folder, whole=False))
    yield "whole, 512 blocks", _accuracy(tower, data)
    for count in BLOCK_COUNTS[:-1]:
        yield f"{count} blocks", _accuracy(tower, data, count)
    yield "blocks in random order", _accuracy(tower, _shuffled(data))
    merge = tower.get_layer("merge").per_block
    kernel, bias = merge.get_weights()
    last_dense = [layer for layer in tower.layers if layer.name.startswith("dct_dense_")][-1]
    branches = {
        "DCT": (last_dense.output, slice(0, last_dense.units)),
        "pixel-convolution": (tower.get_layer("pixels").output, slice(last_dense.units, None)),
    }
    for name, (output, rows) in branches.items():
        cut = kernel.copy()
        cut[rows] = 0.0
        merge.set_weights([cut, bias + _mean_output(keras.Model(tower.inputs, output), data) @ kernel[rows]])
        yield f"without the {name} branch", _accuracy(tower, data)
        merge.set_weights([kernel, bias])
    mean = np.broadcast_to(tower.get_layer("standardise").mean.numpy(), data.metadata.shape)
    yield "without the metadata branch", _accuracy(tower, replace(data, metadata=np.ascontiguousarray(mean)))


def _trained(data: ChainSet, n_chains: int) -> Iterator[tuple[str, float]]:
    size = data.metadata.shape[1]
    chosen = np.arange(min(n_chains, len(data.chains["train"])))
    variants = {"default: LSTM in order of entropy, comparator weight 20": NetworkConfig(size)}
    variants["unordered weighted sum"] = NetworkConfig(size, aggregator="weighted_sum")
    for weight in COMPARATOR_WEIGHTS:
        if weight != NetworkConfig(size).comparator_k:
            variants[f"comparator weight {weight:g}"] = NetworkConfig(size, comparator_k=weight)
    for name, network in track(variants.items(), "training small towers", console=Console(stderr=True)):
        yield name, _accuracy(trained_on(data, chosen, network), data)


def _accuracy(tower: keras.Model, data: ChainSet, n_blocks: int = BLOCK_COUNTS[-1]) -> float:
    return chain_accuracy(score_versions(tower, data, "test", n_blocks))


def _shuffled(data: ChainSet) -> ChainSet:
    generator = np.random.default_rng(0)
    first, last = int(data.chains["test"].min()), int(data.chains["test"].max())
    blocks = np.array(data.blocks[first:last])
    for version, rows in enumerate(blocks, first):
        present = int(data.n_present[version])
        rows[:present] = rows[generator.permutation(present)]
    chains = {"test": data.chains["test"] - first}
    return ChainSet(blocks, data.n_present[first:last], data.metadata[first:last], chains, data.sha256)


def _mean_output(branch: keras.Model, data: ChainSet) -> NDArray[np.float32]:
    """Mean output of a block branch over the blocks of one batch of test versions."""
    batch = next(batches(data, "test", 128, BLOCK_COUNTS[-1], None))
    found = np.asarray(branch.predict_on_batch([batch.blocks, batch.presence, batch.metadata]))
    return (found * batch.presence[..., None]).sum(axis=(0, 1)) / batch.presence.sum()
