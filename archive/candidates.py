"""Pairs that may be related: this module joins hashes that agree in a band, word_pairs joins local words.

Both join sorted keys. The work grows with the number of files and of pairs found, never with the number of all pairs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.archive.word_pairs import Pairs, in_runs
from genloss.archive.word_tables import order_keys
from genloss.model.pairs.picture_hash import HASH_BYTES, hash_turns
from genloss.model.pairs.placement import N_TURNS

MOST_BITS = 40  # hashes of versions differ in at most so many of 256 bits
_MOST_IN_BAND = 96  # most partners of a hash in a band; a key that more hashes share tells little
MOST_IN_NARROW = _MOST_IN_BAND * (1 << 16) // N_TURNS  # hashes; of more, a key of two bytes has too many
_PART = 65_536  # hashes that are turned at once


def find_candidates(hashes: Sequence[NDArray[np.uint8]], by_words: Pairs) -> list[tuple[int, int, bool]]:
    """Pairs of files that may be related, by their positions.

    Args:
        hashes: hashes of each file, (N, 32) uint8 with any N.
        by_words: pairs by words.

    Returns:
        Sorted triples: first position, second position, and whether the hashes agree; else only the words agree.
    """
    by_hash = set(map(tuple, pair_hashes(hashes).tolist()))
    either = by_hash.union(map(tuple, by_words.tolist()))
    return [(first, second, (first, second) in by_hash) for first, second in sorted(either)]


def pair_hashes(hashes: Sequence[NDArray[np.uint8]], n_first: int | None = None) -> Pairs:
    """Pairs of files with two hashes that agree in a band and differ in at most MOST_BITS, in one of eight turns.

    Args:
        hashes: hashes of each file, (N, 32) uint8 with any N.
        n_first: pairs only the first `n_first` files with later files; None for all pairs.
    """
    if not hashes:
        return np.zeros((0, 2), np.int64)
    files = np.repeat(np.arange(len(hashes), dtype=np.int32), [len(one) for one in hashes])
    upright = np.concatenate(hashes).reshape(-1, HASH_BYTES)
    turned = _turned(upright)
    wide, wide_turned = (one.view(np.uint64) for one in (upright, turned))
    asked = upright[files < n_first] if n_first is not None else upright
    found: list[Pairs] = []
    for band in bands(len(upright)):
        order, keys = _sorted(turned, band)
        left_order, left_keys = _sorted(asked, band)  # searching for sorted keys takes a tenth of the time
        first = np.searchsorted(keys, left_keys, "left")
        counts = np.searchsorted(keys, left_keys, "right") - first
        for left, places in in_runs(left_order, first, counts, _MOST_IN_BAND):
            right = order[places]
            other = right % np.int32(len(upright))
            later = files[left] < files[other]
            left, right, other = left[later], right[later], other[later]
            bits = np.bitwise_count(wide[left] ^ wide_turned[right]).sum(axis=1)
            near = bits <= MOST_BITS
            found.append(np.unique(np.stack([files[left[near]], files[other[near]]], axis=1), axis=0))
    return np.unique(np.concatenate(found), axis=0).astype(np.int64) if found else np.zeros((0, 2), np.int64)


def bands(n_hashes: int) -> list[tuple[int, ...]]:
    """The bytes of each band among n_hashes hashes.

    Up to MOST_IN_NARROW, 16 bands of two bytes; beyond, 32 bands of three bytes, which overlap: one begins at each byte.
    """
    if n_hashes <= MOST_IN_NARROW:
        return [(byte, byte + 1) for byte in range(0, HASH_BYTES, 2)]
    return [tuple((byte + place) % HASH_BYTES for place in range(3)) for byte in range(HASH_BYTES)]


def _turned(upright: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(8 * N, 32) the hashes in all turns, turn by turn; made in parts, because a bit takes a byte meanwhile."""
    turned = np.empty((N_TURNS, *upright.shape), np.uint8)
    for begin in range(0, len(upright), _PART):
        turned[:, begin : begin + _PART] = hash_turns(upright[begin : begin + _PART])
    return turned.reshape(-1, HASH_BYTES)


def _sorted(hashes: NDArray[np.uint8], band: tuple[int, ...]) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Positions of the hashes in the order of their keys, and the sorted keys."""
    keys = np.zeros(len(hashes), np.uint32)
    for byte in reversed(band):
        keys = keys << np.uint32(8) | hashes[:, byte]
    order = order_keys(keys)
    return order, keys[order]
