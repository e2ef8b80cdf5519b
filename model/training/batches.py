"""Shuffled batches of whole chains with all their ordered pairs, in fixed shapes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.training.dataset import ChainSet

PAIRS_PER_VERSION = 2  # room for pairs in a batch; chains of 2-6 versions average 1.7 pairs per version


@dataclass(frozen=True)
class Batch:
    """Whole chains with all their ordered pairs. The tower sees each version once; all shapes are fixed.

    Attributes:
        blocks: (V, N, 8, 8) uint8.
        presence: (V, N) float32.
        metadata: (V, M) float32.
        left: (P,) int32, index of the left version of each pair.
        right: (P,) int32, index of the right version.
        left_is_worse: (P,) float32, 1 or 0.
        weight: (P,) float32, 0 for padding.
        chain_sizes: number of versions of each chain, in order; padding versions come after them.
    """

    blocks: NDArray[np.uint8]
    presence: NDArray[np.float32]
    metadata: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    left_is_worse: NDArray[np.float32]
    weight: NDArray[np.float32]
    chain_sizes: tuple[int, ...]


def batches(
    data: ChainSet, split: str, n_versions: int, n_blocks: int, generator: np.random.Generator | None
) -> Iterator[Batch]:
    """One pass over a split.

    Args:
        data: from open_chains.
        split: "train", "validation" or "test".
        n_versions: versions in a batch, at least as many as the longest chain has.
        n_blocks: blocks of a picture: a random subset of the stored ones, in increasing order of entropy.
        generator: shuffles chains, sides and blocks. None for the stored order, the blocks of highest entropy, and each
            version of a pair once on the left.
    """
    chains = data.chains[split]
    order = np.arange(len(chains)) if generator is None else generator.permutation(len(chains))
    members: list[NDArray[np.int64]] = []
    room = n_versions
    for index in order:
        versions = np.arange(*chains[index])
        if len(versions) > room:
            yield _make_batch(data, members, n_versions, n_blocks, generator)
            members, room = [], n_versions
        members.append(versions)
        room -= len(versions)
    if members:
        yield _make_batch(data, members, n_versions, n_blocks, generator)


def count_batches(data: ChainSet, split: str, n_versions: int) -> int:
    """Approximate number of batches in one pass."""
    sizes = np.diff(data.chains[split], axis=1)
    return int(np.ceil(sizes.sum() / (n_versions - sizes.mean() / 2)))


def _make_batch(
    data: ChainSet, members: list[NDArray[np.int64]], n_versions: int, n_blocks: int, generator: np.random.Generator | None
) -> Batch:
    versions = np.concatenate(members)
    blocks = np.zeros((n_versions, n_blocks, 64), dtype=np.uint8)
    presence = np.zeros((n_versions, n_blocks), dtype=np.float32)
    metadata = np.zeros((n_versions, data.metadata.shape[1]), dtype=np.float32)
    metadata[: len(versions)] = data.metadata[versions]
    for row, version in enumerate(versions):
        present = int(data.n_present[version])
        kept = min(present, n_blocks)
        chosen = slice(present - kept, present)
        stored = data.blocks[version]
        if generator is not None and present > n_blocks:
            picked = np.sort(generator.choice(present, n_blocks, replace=False))
            blocks[row] = stored[picked]
        else:
            blocks[row, :kept] = stored[chosen]
        presence[row, :kept] = 1.0
    presence[len(versions) :, 0] = 1.0  # padding pictures need one block for the aggregator to run on
    pairs = _ordered_pairs(members, generator)
    n_pairs = PAIRS_PER_VERSION * n_versions
    if generator is not None:
        pairs = pairs[generator.permutation(len(pairs))][:n_pairs]
    weight = np.zeros(n_pairs, dtype=np.float32)
    weight[: len(pairs)] = 1.0
    padded = np.zeros((n_pairs, 3), dtype=np.int32)
    padded[: len(pairs)] = pairs[:n_pairs]
    return Batch(
        blocks.reshape(n_versions, n_blocks, 8, 8), presence, metadata,
        padded[:, 0].copy(), padded[:, 1].copy(), padded[:, 2].astype(np.float32), weight,
        tuple(len(chain) for chain in members),
    )  # fmt: skip


def _ordered_pairs(members: list[NDArray[np.int64]], generator: np.random.Generator | None) -> NDArray[np.int32]:
    """(P, 3): left row, right row, whether left is worse; each pair once, on a random or alternating side."""
    rows = []
    start = 0
    for versions in members:
        better, worse = np.triu_indices(len(versions), 1)
        rows.append(np.stack([better + start, worse + start], axis=1))
        start += len(versions)
    pairs = np.concatenate(rows)
    swap = np.arange(len(pairs)) % 2 == 0 if generator is None else generator.random(len(pairs)) < 0.5
    pairs[swap] = pairs[swap, ::-1]
    return np.column_stack([pairs, swap]).astype(np.int32)
