"""The search space: name and range of every parameter, and the step from parameters to a configuration."""

import hashlib
import json
from typing import Any

import optuna

from genloss.model.networks.config import ACTIVATIONS, AGGREGATORS, NetworkConfig, convolved_side
from genloss.model.training.config import LOSSES, OPTIMIZERS, SCHEDULES, TrainingConfig
from genloss.model.training.configuration import to_document

# Increased whenever a name or a range changes; a study of another version is refused.
SPACE_VERSION = 1

MAX_DEPTH = 3
# Least and most of every whole number; drawn on a logarithmic scale.
WIDTHS = {
    "dct_units": (16, 256),
    "conv_filters": (4, 64),
    "conv_units": (8, 128),
    "metadata_units": (32, 1024),
    "metadata_per_block": (4, 64),
    "embedding_units": (16, 160),
    "lstm_units": (16, 160),
    "weighted_sum_units": (16, 256),
    "head_units": (16, 256),
}
SHARES = {"dropout": (0.0, 0.6), "jitter": (0.0, 0.5), "label_smoothing": (0.0, 0.1)}
# Drawn on a logarithmic scale. Optimizers differ in what they call a large step.
RATES = {
    "comparator_k": (2.0, 60.0),
    "weight_decay": (1e-6, 1e-1),
    "adamw_learning_rate": (1e-4, 1e-2),
    "lion_learning_rate": (1e-5, 2e-3),
    "sgd_learning_rate": (1e-2, 1.0),
}
# The second convolution moves in steps of two; pairs that leave nothing of a block are not offered.
KERNELS = tuple(pair for pair in ((1, 3), (3, 3), (5, 3), (1, 5), (3, 5), (5, 5)) if convolved_side(pair) >= 1)
# Versions per batch and blocks per version; more than this many blocks in a step do not fit a small machine's memory.
MOST_BLOCKS_PER_STEP = 128 * 256
BATCHES = tuple(
    (versions, blocks)
    for versions in (32, 64, 128, 256)
    for blocks in (32, 64, 128, 256)
    if versions * blocks <= MOST_BLOCKS_PER_STEP
)

_NETWORK = NetworkConfig(1)
_TRAINING = TrainingConfig()


def draw(trial: optuna.trial.BaseTrial) -> dict[str, dict[str, Any]]:
    """Draws a configuration as a document for training.configuration.from_document and `genloss train --config`.

    Every configuration in the space can be trained and exported. Epochs and seed are not drawn: a trial has a time instead of
    epochs, and the seed belongs to the study.
    """
    aggregator = trial.suggest_categorical("aggregator", AGGREGATORS)
    optimizer = trial.suggest_categorical("optimizer", OPTIMIZERS)
    loss = trial.suggest_categorical("loss", LOSSES)
    kernels = trial.suggest_categorical("conv_kernels", _written(KERNELS, _NETWORK.conv_kernels))
    shipped_batch = (_TRAINING.versions_per_batch, _TRAINING.blocks_per_version)
    versions, blocks = _read(trial.suggest_categorical("batch", _written(BATCHES, shipped_batch)))
    network = NetworkConfig(
        metadata_size=1,
        dct_units=_stack(trial, "dct_units"),
        conv_filters=(_width(trial, "conv_filters", 0), _width(trial, "conv_filters", 1)),
        conv_kernels=_read(kernels),
        conv_units=_width(trial, "conv_units"),
        metadata_units=_stack(trial, "metadata_units"),
        metadata_per_block=_width(trial, "metadata_per_block"),
        embedding_units=_width(trial, "embedding_units"),
        aggregator=aggregator,
        aggregator_units=_width(trial, f"{aggregator}_units"),
        head_units=_width(trial, "head_units"),
        activation=trial.suggest_categorical("activation", ACTIVATIONS),
        dropout=_share(trial, "dropout"),
        jitter=_share(trial, "jitter"),
        comparator_k=_rate(trial, "comparator_k"),
    )
    training = TrainingConfig(
        versions_per_batch=versions,
        blocks_per_version=blocks,
        optimizer=optimizer,
        learning_rate=_rate(trial, f"{optimizer}_learning_rate"),
        schedule=trial.suggest_categorical("schedule", SCHEDULES),
        weight_decay=_rate(trial, "weight_decay"),
        loss=loss,
        label_smoothing=_TRAINING.label_smoothing if loss == "squared_error" else _share(trial, "label_smoothing"),
    )
    document = to_document(network, training)
    del document["training"]["epochs"], document["training"]["seed"]
    return document


def shipped_parameters() -> dict[str, Any]:
    """The parameters whose draw() gives the defaults of NetworkConfig and TrainingConfig."""
    whole = {
        name: getattr(_NETWORK, name)
        for name in ("conv_units", "metadata_per_block", "embedding_units", "head_units", "aggregator", "activation")
    }
    rates = {name: getattr(_NETWORK, name) for name in ("dropout", "jitter", "comparator_k")}
    stacks: dict[str, int] = {}
    for name in ("dct_units", "metadata_units"):
        units = getattr(_NETWORK, name)
        stacks |= {f"{name}_depth": len(units), **{f"{name}_{index}": one for index, one in enumerate(units)}}
    smoothing = {} if _TRAINING.loss == "squared_error" else {"label_smoothing": _TRAINING.label_smoothing}
    return {
        **whole,
        **rates,
        **stacks,
        **smoothing,
        **{f"conv_filters_{index}": one for index, one in enumerate(_NETWORK.conv_filters)},
        f"{_NETWORK.aggregator}_units": _NETWORK.aggregator_units,
        "conv_kernels": _text(_NETWORK.conv_kernels),
        "batch": _text((_TRAINING.versions_per_batch, _TRAINING.blocks_per_version)),
        f"{_TRAINING.optimizer}_learning_rate": _TRAINING.learning_rate,
        **{name: getattr(_TRAINING, name) for name in ("optimizer", "schedule", "weight_decay", "loss")},
    }


def space_identity() -> str:
    """Identifies the space: its version, and a digest of the shipped configuration, which may widen the ranges."""
    shipped = json.dumps(shipped_parameters(), sort_keys=True)
    return f"{SPACE_VERSION}-{hashlib.sha256(shipped.encode()).hexdigest()[:8]}"


def _stack(trial: optuna.trial.BaseTrial, name: str) -> tuple[int, ...]:
    depth = trial.suggest_int(f"{name}_depth", 1, max(MAX_DEPTH, len(getattr(_NETWORK, name))))
    return tuple(_width(trial, name, index) for index in range(depth))


def _width(trial: optuna.trial.BaseTrial, name: str, index: int | None = None) -> int:
    low, high = _stretched(WIDTHS[name], _shipped(name, index))
    return trial.suggest_int(name if index is None else f"{name}_{index}", int(low), int(high), log=True)


def _share(trial: optuna.trial.BaseTrial, name: str) -> float:
    return trial.suggest_float(name, *_stretched(SHARES[name], _shipped(name)))


def _rate(trial: optuna.trial.BaseTrial, name: str) -> float:
    return trial.suggest_float(name, *_stretched(RATES[name], _shipped(name)), log=True)


def _shipped(name: str, index: int | None = None) -> float | None:
    return shipped_parameters().get(name if index is None else f"{name}_{index}")


def _stretched(span: tuple[float, float], shipped: float | None) -> tuple[float, float]:
    """The range, wide enough for the shipped value: trial 0 has to lie inside."""
    return span if shipped is None else (min(span[0], shipped), max(span[1], shipped))


def _written(pairs: tuple[tuple[int, int], ...], shipped: tuple[int, int]) -> tuple[str, ...]:
    """Pairs as text, for choices have to be plain values in the storage; the shipped one is among them."""
    return tuple(dict.fromkeys(_text(pair) for pair in (*pairs, shipped)))


def _text(pair: tuple[int, int]) -> str:
    return f"{pair[0]}x{pair[1]}"


def _read(text: str) -> tuple[int, int]:
    first, second = map(int, text.split("x"))
    return first, second
