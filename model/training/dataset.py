"""Features of all versions in a folder of make_pairs.py, measured once and stored in that folder."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import ImageError, PairsError, TrainingError
from genloss.model.files import wait_for_lock
from genloss.model.images.decode import decode
from genloss.model.json_text import parse_json
from genloss.model.measurements.features import FEATURE_VERSION, FeatureConfig, extract
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.processes import n_usable_cores

DEADLINE_SECONDS = 60.0  # to measure one version


@dataclass(frozen=True)
class ChainSet:
    """Features of every version of a pair set, memory-mapped.

    Attributes:
        blocks: (V, n_blocks, 64) uint8; the first `n_present[v]` rows of version v are its blocks.
        n_present: (V,) int32, number of blocks of each version.
        metadata: (V, M) float32.
        chains: by split, the first version of each chain and the one after its last. Within a chain, earlier versions are
            closer to the original.
        sha256: digest of chains.jsonl.
    """

    blocks: NDArray[np.uint8]
    n_present: NDArray[np.int32]
    metadata: NDArray[np.float32]
    chains: dict[str, NDArray[np.int64]]
    sha256: str


def open_chains(
    pairs: Path, config: FeatureConfig, on_version: Callable[[int, int], None] = lambda done, total: None
) -> ChainSet:
    """Reads the features of a folder of make_pairs.py, or measures them if they are missing.

    Features are stored in `pairs/features-*`; the name has their version and the sha256 of the chains. They are complete or
    absent.

    Args:
        pairs: folder written by make_pairs.py.
        config: settings of the features.
        on_version: called with the number of measured versions, and of all; not called if the features were stored.

    Raises:
        PairsError: the folder has no chains.jsonl, or that has no usable chain.
    """
    text, documents = _read_listing(pairs)
    digest = hashlib.sha256(text).hexdigest()
    folder = pairs / f"features-{FEATURE_VERSION}-{config.n_blocks}-{digest[:16]}"
    if not folder.exists():
        with open(pairs / ".measuring", "wb") as lock:
            wait_for_lock(lock)  # a second process waits for the first instead of writing over it
            if not folder.exists():
                paths = [version["path"] for document in documents for version in document["versions"]]
                _measure_all(pairs, paths, folder, config, on_version)
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


def check_splits(pairs: Path, splits: tuple[str, ...]) -> None:
    """Checks that every split has chains, before anything is measured or written.

    Raises:
        PairsError: the folder has no chains.jsonl, or that has no usable chain.
        TrainingError: a split has no chains.
    """
    present = {document["split"] for document in _read_listing(pairs)[1]}
    for split in splits:
        if split not in present:
            raise TrainingError(f"the pair set has no chains in its {split} split; use more originals or more chains")


def _read_listing(pairs: Path) -> tuple[bytes, list[Any]]:
    """The bytes of chains.jsonl, and its documents."""
    listing = pairs / "chains.jsonl"
    try:
        text = listing.read_bytes()
        documents = [parse_json(line) for line in text.splitlines()]
    except OSError as error:
        raise PairsError(f"{listing} cannot be read: {error.strerror}; make it with datagen/make_pairs.py") from error
    except ValueError as error:
        raise PairsError(f"{listing} cannot be read; make it with datagen/make_pairs.py ({error})") from error
    if not documents:
        raise PairsError(f"{listing} holds no chains")
    return text, documents


def _measure_all(
    pairs: Path, paths: list[str], folder: Path, config: FeatureConfig, on_version: Callable[[int, int], None]
) -> None:
    """Writes blocks.npy, n_present.npy and metadata.npy into the folder, which appears once they are whole."""
    if not paths:
        raise PairsError(f"{pairs} lists no versions")
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    shape = (len(paths), config.n_blocks, 64)
    blocks = np.lib.format.open_memmap(temporary / "blocks.npy", "w+", np.uint8, shape)
    n_present = np.zeros(len(paths), dtype=np.int32)
    metadata = np.zeros((0, 0), dtype=np.float32)
    measured = run_in_processes(_measure, (pairs, config), enumerate(paths), n_usable_cores(), DEADLINE_SECONDS)
    for n_done, ((row, path), found) in enumerate(measured, 1):
        if isinstance(found, Failure):
            raise PairsError(f"{pairs / path} cannot be measured: {found.reason}")
        its_blocks, its_metadata = found
        if not metadata.size:
            metadata = np.zeros((len(paths), its_metadata.size), dtype=np.float32)
        blocks[row, : len(its_blocks)] = its_blocks
        n_present[row] = len(its_blocks)
        metadata[row] = its_metadata
        on_version(n_done, len(paths))
    blocks.flush()
    np.save(temporary / "n_present.npy", n_present)
    np.save(temporary / "metadata.npy", metadata)
    temporary.rename(folder)


def _measure(context: tuple[Path, FeatureConfig], item: tuple[int, str]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    (pairs, config), (_, path) = context, item
    try:
        features = extract(decode((pairs / path).read_bytes()), config)
    except (OSError, ImageError) as error:
        raise PairsError(f"{pairs / path} cannot be measured: {error}") from error
    return features.blocks.reshape(-1, 64), features.metadata
