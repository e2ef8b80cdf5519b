"""Keys of many dimensions: random keys, keys from outputs, packed bits, similarities.

Two random sign vectors of D dimensions have a cosine of 0 with a standard deviation of 1 / sqrt(D). So random keys are far
apart without training.

Source: Kanerva, "Hyperdimensional Computing", 2009.
"""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

LEAST_DIMENSIONS, MOST_DIMENSIONS = 64, 10_000
_TRIES = 100
_CLOSE = 1e-3


def draw_keys(n_keys: int, n_dimensions: int, generator: np.random.Generator) -> Vectors:
    """Draws (K, D) float32 keys of -1 and 1, each with probability one half; no two keys are equal or opposite.

    Args:
        n_keys: K.
        n_dimensions: D, in [64, 10,000].
        generator: the same seed gives the same keys.

    Raises:
        ValueError: the number of dimensions is out of bounds.
    """
    if not LEAST_DIMENSIONS <= n_dimensions <= MOST_DIMENSIONS:
        raise ValueError(f"keys have {LEAST_DIMENSIONS} to {MOST_DIMENSIONS} dimensions, not {n_dimensions}")
    keys = np.zeros((n_keys, n_dimensions), np.float32)
    for place in range(n_keys):
        for _ in range(_TRIES):
            keys[place] = generator.integers(0, 2, n_dimensions) * 2.0 - 1.0
            if place == 0 or np.abs(cosines(keys[place : place + 1], keys[:place])).max() < 1:
                break
    return keys


def pack_signs(vectors: NDArray) -> NDArray[np.uint8]:
    """Packs the signs of (..., D) into bits, (..., ceil(D / 8)) uint8; a bit is set for a value above zero."""
    return np.packbits(np.asarray(vectors) > 0, axis=-1)


def unpack_signs(packed: NDArray[np.uint8], n_dimensions: int) -> Vectors:
    """Unpacks bits to (..., D) float32 of -1 and 1."""
    return np.unpackbits(packed, axis=-1, count=n_dimensions).astype(np.float32) * 2 - 1


def cosines(vectors: NDArray, keys: NDArray) -> Vectors:
    """Cosines of (N, D) vectors with (K, D) keys, (N, K), in [-1, 1]; 0 for a vector of zeros."""
    found = to_unit(vectors) @ to_unit(keys).T
    return np.clip(found, -1, 1).astype(np.float32)


def hamming_similarities(vectors: NDArray, packed_keys: NDArray[np.uint8]) -> Vectors:
    """Similarities of the signs of (N, D) vectors with (K, ceil(D / 8)) packed keys, (N, K).

    The similarity is 1 - 2 h / D for a Hamming distance of h, which is the cosine of the signs: 1 if all are equal, 0 by
    chance, -1 if all are opposite.
    """
    packed = pack_signs(vectors)
    differing = np.bitwise_count(packed[:, None, :] ^ packed_keys[None]).sum(axis=-1, dtype=np.int64)
    return (1 - 2 * differing / np.shape(vectors)[-1]).astype(np.float32)


def push_apart(key: NDArray, others: NDArray, most: float, n_steps: int = 100) -> Vectors:
    """Moves a key away from others that it resembles, as little as possible.

    Args:
        key: (D,).
        others: (K, D).
        most: largest cosine with another key that is accepted, in [0, 1).
        n_steps: most steps.

    Returns:
        (D,) float32, of the length of `key`.

    Source: Hersche and others, "Constrained Few-shot Class-incremental Learning", 2022, where keys are nudged.
    """
    moved = to_unit(np.asarray(key, np.float32)[None])[0]
    units = to_unit(others)
    for _ in range(n_steps):
        excess = np.maximum(units @ moved - most, 0)
        if excess.max(initial=0) < _CLOSE:
            break
        moved = to_unit((moved - excess @ units)[None])[0]
    return (moved * np.linalg.norm(key)).astype(np.float32)


def to_unit(vectors: NDArray) -> Vectors:
    """Scales (..., D) vectors to length 1; vectors of zeros do not change."""
    vectors = np.asarray(vectors, np.float32)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = vectors / np.maximum(length, np.float32(1e-30))
    return unit


def means_of_others(vectors: Vectors) -> Vectors:
    """For each of (N, D) vectors the mean of the others, (N, D); N is at least 2."""
    means: Vectors = (vectors.sum(axis=0) - vectors) / (len(vectors) - 1)
    return means


def row_cosines(vectors: NDArray, keys: NDArray) -> Vectors:
    """Cosines of (N, D) vectors with (N, D) keys, row by row; (N,), in [-1, 1]."""
    return np.array([cosines(vector[None], key[None])[0, 0] for vector, key in zip(vectors, keys, strict=True)])
