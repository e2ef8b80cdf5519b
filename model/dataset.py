"""Chains on disk to features on disk to shuffled batches of whole chains with their ordered pairs."""

import fcntl
import hashlib
import json
import multiprocessing
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from model.decode import decode
from model.errors import ImageError, PairsError
from model.features import FEATURE_VERSION, FeatureConfig, extract


@dataclass(frozen=True)
class ChainSet:
    """Features of every version of a pair set, memory-mapped.

    Attributes:
        blocks: (V, n_blocks, 64) uint8; the first `n_present[v]` rows of version v are its blocks.
        n_present: (V,) int32.
        metadata: (V, M) float32.
        chains: per split, the first and last-plus-one version of each chain; within a chain, earlier
            versions are closer to the original.
        sha256: of the chains.jsonl all this was made from.
    """

    blocks: NDArray[np.uint8]
    n_present: NDArray[np.int32]
    metadata: NDArray[np.float32]
    chains: dict[str, NDArray[np.int64]]
    sha256: str


@dataclass(frozen=True)
class Batch:
    """Whole chains run through the tower once, with all their ordered pairs; all shapes are fixed.

    Attributes:
        blocks: (V, N, 8, 8) uint8.
        presence: (V, N) float32.
        metadata: (V, M) float32.
        left, right: (P,) int32 indices of versions.
        left_is_worse: (P,) float32, 1 or 0.
        weight: (P,) float32, 0 for padding.
        chain_sizes: versions of each chain in the batch, in order; padding versions come after them.
    """

    blocks: NDArray[np.uint8]
    presence: NDArray[np.float32]
    metadata: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    left_is_worse: NDArray[np.float32]
    weight: NDArray[np.float32]
    chain_sizes: tuple[int, ...]


_IGNORE_INTERRUPTS = (signal.SIGINT, signal.SIG_IGN)  # in workers: Ctrl-C is the parent's to handle
PAIRS_PER_VERSION = 2  # room for pairs in a batch; chains of 2-6 versions average 1.7 pairs per version


def open_chains(pairs: Path, config: FeatureConfig, n_workers: int = 2) -> ChainSet:
    """The features of a folder written by make_pairs.py, measured now if they are not there yet.

    Features are kept in `pairs/features-*`, named after their version and the chains' sha256, and are
    complete or absent.

    Raises:
        PairsError: no chains.jsonl there, or nothing usable in it.
    """
    listing = pairs / "chains.jsonl"
    try:
        text = listing.read_bytes()
        documents = [json.loads(line) for line in text.splitlines()]
    except (OSError, ValueError) as error:
        raise PairsError(f"{listing} cannot be read; make it with datagen/make_pairs.py ({error})") from error
    if not documents:
        raise PairsError(f"{listing} holds no chains")
    digest = hashlib.sha256(text).hexdigest()
    folder = pairs / f"features-{FEATURE_VERSION}-{config.n_blocks}-{digest[:16]}"
    if not folder.exists():
        with open(pairs / ".measuring", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # a second process waits for the first instead of writing over it
            if not folder.exists():
                _measure_all(pairs, documents, folder, config, n_workers)
    chains: dict[str, list[tuple[int, int]]] = {}
    version = 0
    for document in documents:
        n_versions = len(document["versions"])
        chains.setdefault(document["split"], []).append((version, version + n_versions))
        version += n_versions
    return ChainSet(
        np.load(folder / "blocks.npy", mmap_mode="r"),
        np.load(folder / "n_present.npy"),
        np.load(folder / "metadata.npy"),
        {split: np.array(rows) for split, rows in chains.items()},
        digest,
    )


def batches(
    data: ChainSet, split: str, n_versions: int, n_blocks: int, generator: np.random.Generator | None
) -> Iterator[Batch]:
    """One pass over a split.

    Args:
        data: from open_chains.
        split: "train", "validation" or "test".
        n_versions: versions per batch; must hold the longest chain.
        n_blocks: blocks per picture: a random subset of those stored, still in increasing order of entropy.
        generator: shuffles chains, sides and blocks. None: stored order, the highest-entropy blocks,
            both sides of each pair once on the left.
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
    """About how many batches one pass has."""
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


def _measure_all(pairs: Path, documents: list[dict], folder: Path, config: FeatureConfig, n_workers: int) -> None:
    paths = [pairs / version["path"] for document in documents for version in document["versions"]]
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    context = multiprocessing.get_context("spawn")
    blocks = n_present = metadata = None
    with (
        ProcessPoolExecutor(n_workers, mp_context=context, initializer=signal.signal, initargs=_IGNORE_INTERRUPTS) as pool,
        Progress(console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("measuring versions", total=len(paths))
        results = pool.map(_measure_one, paths, [config] * len(paths), chunksize=16)
        for row, (one_blocks, one_metadata) in enumerate(results):
            if blocks is None or n_present is None or metadata is None:
                shape = (len(paths), config.n_blocks, 64)
                blocks = np.lib.format.open_memmap(temporary / "blocks.npy", "w+", np.uint8, shape)
                n_present = np.zeros(len(paths), dtype=np.int32)
                metadata = np.zeros((len(paths), one_metadata.size), dtype=np.float32)
            blocks[row, : len(one_blocks)] = one_blocks
            n_present[row] = len(one_blocks)
            metadata[row] = one_metadata
            progress.advance(task)
    if blocks is None or n_present is None or metadata is None:
        raise PairsError(f"{pairs} lists no versions")
    blocks.flush()
    np.save(temporary / "n_present.npy", n_present)
    np.save(temporary / "metadata.npy", metadata)
    temporary.rename(folder)


def _measure_one(path: Path, config: FeatureConfig) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    try:
        features = extract(decode(path.read_bytes()), config)
    except (OSError, ImageError) as error:
        raise PairsError(f"{path} cannot be measured: {error}") from error
    return features.blocks.reshape(-1, 64), features.metadata
