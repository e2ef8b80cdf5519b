"""All that a chain or a family depends on besides its index, and the source picture that it draws first."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genloss.datagen.profiles import Profile
from genloss.datagen.sources import Source
from genloss.model.errors import DatagenError


@dataclass(frozen=True)
class Plan:
    """What the chains or the families of a run share.

    Attributes:
        images, out: folders of originals and of results.
        seed: of the run; the seed of chain or family i is (seed, i).
        sources: the usable ones, in a fixed order.
        palettes: per cluster of sources, palettes shared by its pictures.
        profile: how originals are drawn.
        without: kinds, steps and formats no edit may contain.
    """

    images: Path
    out: Path
    seed: int
    sources: tuple[Source, ...]
    palettes: dict[int, tuple[str, ...]]
    profile: Profile
    without: frozenset[str]


def begin(plan: Plan, index: int) -> tuple[Source, np.random.Generator]:
    """The source of the chain or family with this index, and the generator for everything that is drawn after it."""
    generator = np.random.default_rng([plan.seed, index])
    return plan.sources[int(generator.integers(len(plan.sources)))], generator


def read_source(images: Path, path: str, sha256: str) -> bytes:
    """The bytes of a source file.

    Raises:
        DatagenError: it cannot be read, or is not what it was when it was inspected.
    """
    try:
        data = (images / path).read_bytes()
    except OSError as error:
        raise DatagenError(f"the original {images / path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DatagenError(f"the original {images / path} has changed since the run began; restore it or use another --out")
    return data
