"""Pairs that may be related: this module joins hashes that agree in a band, word_pairs joins local words.

Both join sorted keys. The work grows with the number of files and of pairs found, never with the number of all pairs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import LocalWords
from genloss.archive.word_pairs import Pairs, in_runs, pair_words
from genloss.model.pairs.picture_hash import HASH_BYTES, hash_turns
from genloss.model.pairs.placement import N_TURNS

MOST_BITS = 40  # hashes of versions differ in at most so many of 256 bits
_MOST_IN_BAND = 96  # most partners of a hash in a band; a key that more hashes share tells little
_BAND_BYTES = 2


def find_candidates(
    hashes: Sequence[NDArray[np.uint8]], words: Sequence[LocalWords], aspects: Sequence[float]
) -> list[tuple[int, int, bool]]:
    """Pairs of files that may be related, by their positions.

    Args:
        hashes: hashes of each file, (N, 32) uint8 with any N.
        words: local words of each file.
        aspects: width over height of each file.

    Returns:
        Sorted triples: first position, second position, and whether the hashes agree; else only the words agree.
    """
    by_hash = set(map(tuple, pair_hashes(hashes).tolist()))
    by_words = set(map(tuple, pair_words(words, aspects).tolist()))
    return [(first, second, (first, second) in by_hash) for first, second in sorted(by_hash | by_words)]


def pair_hashes(hashes: Sequence[NDArray[np.uint8]], n_first: int | None = None) -> Pairs:
    """Pairs of files with two hashes that agree in a band and differ in at most MOST_BITS, in one of eight turns.

    Args:
        hashes: hashes of each file, (N, 32) uint8 with any N.
        n_first: pairs only the first `n_first` files with later files; None for all pairs.
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
