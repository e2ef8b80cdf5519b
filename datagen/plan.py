"""The plan of a run: all that a chain or family depends on, besides its index."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genloss.datagen.profiles import Profile
from genloss.datagen.sources import Source
from genloss.model.errors import DatagenError


@dataclass(frozen=True)
class Plan:
    """Settings that all chains or families of a run share.

    Attributes:
        images: folder of originals.
        out: folder of results.
        seed: seed of the run; the seed of chain or family i is (seed, i).
        sources: usable sources, in a fixed order.
        palettes: for each cluster of sources, the palettes that its pictures share.
        profile: distribution of the originals.
        without: kinds, steps and formats that no edit may contain.
    """

    images: Path
    out: Path
    seed: int
    sources: tuple[Source, ...]
    palettes: dict[int, tuple[str, ...]]
    profile: Profile
    without: frozenset[str]


def begin(plan: Plan, index: int) -> tuple[Source, np.random.Generator]:
    """Draws the source of a chain or family, and returns it with the generator for all further draws."""
    generator = np.random.default_rng([plan.seed, index])
    return plan.sources[int(generator.integers(len(plan.sources)))], generator


def read_source(images: Path, path: str, sha256: str) -> bytes:
    """Reads a source file.

    Raises:
        DatagenError: the file cannot be read, or changed since it was inspected.
    """
    try:
        data = (images / path).read_bytes()
    except OSError as error:
        raise DatagenError(f"the original {images / path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DatagenError(f"the original {images / path} has changed since the run began; restore it or use another --out")
    return data
