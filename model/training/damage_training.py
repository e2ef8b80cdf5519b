"""Fits the memory on damage: the linear layer by gradient descent towards fixed random keys, then its calibration."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.damage.damage_memory import DamageCalibration, DamageMemory, to_bank
from genloss.model.damage.kinds import NONE, OF_CONTAINER
from genloss.model.damage.layer import DamageLayer, prepare
from genloss.model.memory.explicit_memory import KeyBits, Memory
from genloss.model.memory.keys import Vectors, draw_keys, to_unit
from genloss.model.training.damage_set import DamageSet

_KNOWN_SHARE = 0.95  # of validation pictures that are not called unfamiliar
_TEMPERATURES = np.geomspace(0.02, 0.5, 40)
_LEAST_EIGENVALUE = 1e-3
_PCA_ROWS = 10_000
# A kind speaks where the lower end of a one-sided interval of 99 % is above 90 % right: the threshold is searched on the same
# pictures, and with an interval of 90 % two of three kinds were right in 85 % only on the test split.
LEAST_RIGHT, _DEVIATIONS = 0.9, 2.33


@dataclass(frozen=True)
class DamageTraining:
    """Settings of the fit.

    Attributes:
        n_dimensions: dimensions of the layer's output and of the keys, in [64, 10,000].
        pointing_share: share of the dimensions that point to keys; the others are the reduced evidence.
        n_steps: steps of gradient descent.
        n_rows: versions in a step.
        learning_rate: rate of the first step; it falls to 0 along a cosine.
        temperature: temperature of the softmax over cosines in training.
        noise: noise on the evidence, in standard deviations.
        balance: a version of a kind with n versions is drawn with a weight of n ** -balance.
        n_bank: number of validation vectors that are stored for taught kinds.
        key_bits: bits for each dimension of a key, 1 or 32.
        seed: seed of everything random.
    """

    n_dimensions: int = 512
    pointing_share: float = 0.75
    n_steps: int = 1500
    n_rows: int = 512
    learning_rate: float = 4e-3
    temperature: float = 0.08
    noise: float = 0.3
    balance: float = 0.35
    n_bank: int = 400
    key_bits: KeyBits = 1
    seed: int = 1683


def fit_damage(
    data: DamageSet, training: DamageTraining, on_step: Callable[[int, int], None] = lambda done, total: None
) -> DamageMemory:
    """Fits and calibrates a memory.

    Args:
        data: versions of the splits "train", for the layer, and "validation", for thresholds and temperature.
        training: settings.
        on_step: called with the number of steps done, and of all steps.
    """
    generator = np.random.default_rng(training.seed)
    train, validation = data.of(data.splits == "train"), data.of(data.splits == "validation")
    names = sorted(set(train.kinds.tolist()))
    n_pointing = round(training.n_dimensions * training.pointing_share)
    drawn = draw_keys(len(names), training.n_dimensions, generator)
    if training.key_bits == 32:
        drawn = generator.standard_normal(drawn.shape).astype(np.float32)
    keys = Memory.of_keys(names, drawn, training.key_bits)
    mean, deviation = train.evidence.mean(axis=0), train.evidence.std(axis=0) + 1e-6
    columns = prepare(train.evidence, mean, deviation)
    labels = np.array([names.index(kind) for kind in train.kinds])
    pointing = _fit_pointing(columns, labels, keys.keys[:, :n_pointing], training, generator, on_step)
    open_part = _principal_directions(columns, training.n_dimensions - n_pointing, generator)
    layer = DamageLayer.of_weights(mean, deviation, np.hstack([pointing, open_part]), n_pointing)
    return _calibrate(layer, keys, validation, training, generator)


def _fit_pointing(
    columns: Vectors, labels: NDArray[np.int_], keys: Vectors, training: DamageTraining, generator: np.random.Generator,
    on_step: Callable[[int, int], None],
) -> Vectors:  # fmt: skip
    """Weights (E + 1, D) by Adam on the cross entropy of cosines with the keys (K, D)."""
    units = to_unit(keys)
    weights = (0.02 * generator.standard_normal((columns.shape[1], keys.shape[1]))).astype(np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    shares = np.bincount(labels, minlength=len(keys))[labels] ** -training.balance
    shares /= shares.sum()
    for step in range(training.n_steps):
        rows = generator.choice(len(columns), training.n_rows, p=shares)
        seen = columns[rows] + np.float32(training.noise) * generator.standard_normal((len(rows), columns.shape[1]), np.float32)
        out = seen @ weights
        length = np.linalg.norm(out, axis=1, keepdims=True) + np.float32(1e-6)
        unit = out / length
        odds = unit @ units.T / np.float32(training.temperature)
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        odds[np.arange(len(rows)), labels[rows]] -= 1
        pull = (odds / np.float32(len(rows) * training.temperature)) @ units
        gradient = seen.T @ ((pull - (pull * unit).sum(axis=1, keepdims=True) * unit) / length)
        first = np.float32(0.9) * first + np.float32(0.1) * gradient
        second = np.float32(0.999) * second + np.float32(0.001) * gradient * gradient
        rate = training.learning_rate / 2 * (1 + np.cos(np.pi * step / training.n_steps))
        mean, square = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
        weights -= (rate * (mean / (np.sqrt(square) + 1e-8) + 0.01 * weights)).astype(np.float32)
        on_step(step + 1, training.n_steps)
    return weights


def _principal_directions(columns: Vectors, n_directions: int, generator: np.random.Generator) -> Vectors:
    """Weights (E + 1, n) to the strongest directions of the evidence, each with a deviation of 1."""
    if not n_directions:
        return np.zeros((columns.shape[1], 0), np.float32)
    rows = generator.choice(len(columns), min(len(columns), _PCA_ROWS), replace=False)
    seen = columns[rows, :-1].astype(np.float64)
    centre = seen.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((seen - centre).T))
    chosen = vectors[:, ::-1][:, :n_directions] / np.sqrt(np.maximum(values[::-1][:n_directions], 0) + _LEAST_EIGENVALUE)
    return np.vstack([chosen, -centre @ chosen]).astype(np.float32)


def _calibrate(
    layer: DamageLayer, keys: Memory, validation: DamageSet, training: DamageTraining, generator: np.random.Generator
) -> DamageMemory:
    vectors = layer.vectors(validation.evidence)
    rows = generator.choice(len(vectors), min(len(vectors), training.n_bank), replace=False)
    bank, place = to_bank(vectors[rows]), {name: index for index, name in enumerate(keys.names)}
    labels = np.array([place[kind] for kind in validation.kinds])

    def at(temperature: float) -> DamageMemory:
        return DamageMemory(layer, keys, DamageCalibration(temperature, {}, 0.0), bank)

    def loss(temperature: float) -> float:
        return float(-np.log(at(temperature).odds(vectors)[np.arange(len(labels)), labels] + 1e-12).mean())

    temperature = float(min(_TEMPERATURES, key=loss))
    odds = at(temperature).odds(vectors)
    speaks_from = {}
    for name, index in place.items():
        claims = (odds.argmax(axis=1) == index) & (validation.formats != OF_CONTAINER.get(name, ""))
        found = sure_from(odds[claims, index], labels[claims] == index)
        if found is not None and name != NONE:
            speaks_from[name] = found
    strength = layer.strength(validation.evidence, keys.keys)
    familiar_from = float(np.quantile(strength, 1 - _KNOWN_SHARE))
    return DamageMemory(layer, keys, DamageCalibration(temperature, speaks_from, familiar_from), bank)


def sure_from(odds: NDArray[np.floating], right: NDArray[np.bool_]) -> float | None:
    """The least probability from which enough of a kind's claims were right; None if there is none.

    Args:
        odds: (N,) probabilities of the claims.
        right: (N,) whether each claim was right.
    """
    order = np.argsort(-odds, kind="stable")
    n = np.arange(1, len(order) + 1)
    share, squared = np.cumsum(right[order]) / n, _DEVIATIONS**2
    middle = share + squared / (2 * n)
    spread = _DEVIATIONS * np.sqrt(share * (1 - share) / n + squared / (4 * n * n))
    enough = np.flatnonzero((middle - spread) / (1 + squared / n) >= LEAST_RIGHT)
    return float(odds[order[enough[-1]]]) if len(enough) else None
