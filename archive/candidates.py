"""Pairs that may be related: by hashes that agree in a band here, by local words in word_pairs.

Both are joins of sorted keys, so the work grows with the files and with the pairs that are found, never with all pairs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import LocalWords
from genloss.archive.word_pairs import Pairs, in_runs, pair_words
from genloss.model.pairs.picture_hash import HASH_BYTES, hash_turns
from genloss.model.pairs.placement import N_TURNS

MOST_BITS = 40  # of 256 in which hashes of versions differ
_MOST_IN_BAND = 96  # files with one key that are paired; more say nothing
_BAND_BYTES = 2


def find_candidates(
    hashes: Sequence[NDArray[np.uint8]], words: Sequence[LocalWords], aspects: Sequence[float]
) -> list[tuple[int, int, bool]]:
    """Pairs of files, by their positions, in order, and whether their hashes say so.

    Args:
        hashes: of each file, (N, 32) uint8 with any N.
        words: of each file.
        aspects: width over height of each file.
    """
    by_hash = set(map(tuple, pair_hashes(hashes).tolist()))
    by_words = set(map(tuple, pair_words(words, aspects).tolist()))
    return [(first, second, (first, second) in by_hash) for first, second in sorted(by_hash | by_words)]


def pair_hashes(hashes: Sequence[NDArray[np.uint8]], n_first: int | None = None) -> Pairs:
    """Files of which a hash, in one of eight turns, lies within MOST_BITS of a hash of the other.

    Args:
        hashes: of each file, (N, 32) uint8 with any N.
        n_first: only pairs of so many files at the beginning with any later one; None for all pairs.
    """
    if not hashes:
        return np.zeros((0, 2), np.int64)
    files = np.repeat(np.arange(len(hashes)), [len(one) for one in hashes])
    upright = np.concatenate(hashes).reshape(-1, HASH_BYTES)
    turned = hash_turns(upright).reshape(-1, HASH_BYTES)
    rows = np.tile(np.arange(len(upright)), N_TURNS)
    wide, wide_turned = (np.ascontiguousarray(one).view(np.uint64) for one in (upright, turned))
    found: list[Pairs] = []
    for band in range(HASH_BYTES // _BAND_BYTES):
        part = np.s_[:, band * _BAND_BYTES : (band + 1) * _BAND_BYTES]
        keys, other_keys = (np.ascontiguousarray(one[part]).view(np.uint16)[:, 0] for one in (upright, turned))
        order = np.argsort(other_keys, kind="stable")
        ordered = other_keys[order]
        keys = keys[files < n_first] if n_first is not None else keys
        first = np.searchsorted(ordered, keys, "left")
        counts = np.searchsorted(ordered, keys, "right") - first
        for left, places in in_runs(np.arange(len(keys)), first, counts, _MOST_IN_BAND):
            right = order[places]
            other = rows[right]
            later = files[left] < files[other]
            left, right, other = left[later], right[later], other[later]
            bits = np.bitwise_count(wide[left] ^ wide_turned[right]).sum(axis=1)
            near = bits <= MOST_BITS
            found.append(np.unique(np.stack([files[left[near]], files[other[near]]], axis=1), axis=0))
    return np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), np.int64)
