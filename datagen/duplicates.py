"""Finds originals that show the same picture, and assigns each original to a side of the split."""

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import PurePath

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from genloss.datagen.sources import Source

SPLITS = (("train", 0.84), ("validation", 0.92), ("test", 1.0))
# Two pictures whose 256-bit hashes are this close count as versions of each other. Measured: JPEG at 20,
# half size and other tones stay within 46 bits, nine in ten crops of 5 % within 57; different
# photographs begin at 84. Where a picture is too plain for its hash to say much, the bound is stricter.
NEAR_BITS, NEAR_BITS_PLAIN = 72, 8


def sort_out(sources: list[Source]) -> list[Source]:
    """Marks duplicates as skipped, and assigns a group and a split to every usable source.

    The split depends only on the group's name, so every run over the same folder has the same split.
    """
    first: dict[str, str] = {}
    marked = []
    for source in sources:
        if not source.skipped:
            known = first.setdefault(source.pixels, source.path)
            if known != source.path:
                source = replace(source, skipped=f"duplicate of {known}")
        marked.append(source)
    usable = [source for source in marked if not source.skipped]
    groups = dict(zip((source.path for source in usable), _groups(usable), strict=True))
    return [
        source if source.skipped else replace(source, group=groups[source.path], split=split_of(groups[source.path]))
        for source in marked
    ]


def split_of(group: str) -> str:
    """The split of a group, from a hash of its name."""
    place = int.from_bytes(hashlib.sha256(tile_of(group).encode("utf-8", "surrogateescape")).digest()[:8], "big") / 2**64
    return next(name for name, end in SPLITS if place < end)


def tile_of(path: str) -> str:
    """The common name of the tiles `NAME__N.png` of a picture; for other files, their own name."""
    name = PurePath(path)
    return str(name.with_name(name.stem.split("__")[0])) if "__" in name.stem else path


def skip_counts(sources: list[Source]) -> Counter[str]:
    """Number of skipped files for each reason."""
    return Counter(source.skipped.split(" of ")[0] for source in sources if source.skipped)


def _groups(usable: list[Source]) -> list[str]:
    """Name of the group each source belongs to: near duplicates, tiles, and whatever these connect."""
    n = len(usable)
    if not n:
        return []
    hashes = np.array([list(bytes.fromhex(source.perceptual)) for source in usable], np.uint8).view(np.uint64)
    bound = np.array([NEAR_BITS_PLAIN if source.plain else NEAR_BITS for source in usable])
    tiles: dict[str, int] = {}
    edges = [(index, tiles.setdefault(tile_of(source.path), index)) for index, source in enumerate(usable)]
    for index in range(n - 1):
        distance = np.bitwise_count(hashes[index] ^ hashes[index + 1 :]).sum(axis=1)
        near = np.flatnonzero(distance <= np.minimum(bound[index], bound[index + 1 :])) + index + 1
        edges.extend((index, int(other)) for other in near)
    ends = np.array(edges).T
    _, labels = connected_components(coo_array((np.ones(len(edges), bool), (ends[0], ends[1])), shape=(n, n)), directed=False)
    names: dict[int, str] = {}
    return [names.setdefault(int(label), source.path) for label, source in zip(labels, usable, strict=True)]
