"""Pairs that may be related: by hashes that agree in a band, and by local words that agree on one turn and scale.

Both are joins of sorted keys, so the work grows with the files and with the pairs that are found, never with all pairs.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import N_TABLES, LocalWords
from genloss.model.pairs.picture_hash import HASH_BYTES, hash_turns
from genloss.model.pairs.placement import N_TURNS

MOST_BITS = 40  # of 256 in which hashes of versions differ
LEAST_WORDS = 4  # shared words on one turn and scale
MOST_PER_FILE = 24  # pairs by words that a file is kept in
_MOST_ASKEW = 0.25  # quarter turns; pictures are straight but for a few degrees, and angles of corners for some more
_OCTAVE = 1.2  # ORB's
_SHIFT_SIDE = 0.25  # of a bin of shifts, in sides of a square of the picture's area
_MOST_IN_BAND, _MOST_IN_WORD = 96, 24  # files with one key that are paired; more say nothing
_BAND_BYTES = 2
_PIECE = 2_000_000  # pairs that are looked at together; bounds memory

Pairs = NDArray[np.int64]  # (P, 2), the smaller file first, each once


def find_candidates(
    hashes: Sequence[NDArray[np.uint8]], words: Sequence[LocalWords], aspects: Sequence[float]
) -> list[tuple[int, int]]:
    """Pairs of files, by their positions, in order.

    Args:
        hashes: of each file, (N, 32) uint8 with any N.
        words: of each file.
        aspects: width over height of each file.
    """
    found = [pair_hashes(hashes), pair_words(words, aspects)]
    pairs = np.unique(np.concatenate(found), axis=0)
    return [(int(first), int(second)) for first, second in pairs]


def pair_hashes(hashes: Sequence[NDArray[np.uint8]]) -> Pairs:
    """Files of which a hash, in one of eight turns, lies within MOST_BITS of a hash of the other."""
    if not hashes:
        return np.zeros((0, 2), np.int64)
    files = np.repeat(np.arange(len(hashes)), [len(one) for one in hashes])
    upright = np.concatenate(hashes).reshape(-1, HASH_BYTES)
    turned = hash_turns(upright).reshape(-1, HASH_BYTES)
    rows = np.tile(np.arange(len(upright)), N_TURNS)
    found: list[Pairs] = []
    for band in range(HASH_BYTES // _BAND_BYTES):
        part = np.s_[:, band * _BAND_BYTES : (band + 1) * _BAND_BYTES]
        keys, other_keys = (np.ascontiguousarray(one[part]).view(np.uint16)[:, 0] for one in (upright, turned))
        for left, right in _join(keys, other_keys, _MOST_IN_BAND):
            other = rows[right]
            later = files[left] < files[other]
            left, right, other = left[later], right[later], other[later]
            bits = np.bitwise_count(upright[left] ^ turned[right]).sum(axis=1)
            near = bits <= MOST_BITS
            found.append(np.unique(np.stack([files[left[near]], files[other[near]]], axis=1), axis=0))
    return np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), np.int64)


def pair_words(words: Sequence[LocalWords], aspects: Sequence[float]) -> Pairs:
    """Files that share words on one turn, scale and shift, at most MOST_PER_FILE for each, the likeliest.

    Args:
        words: of each file.
        aspects: width over height of each file.
    """
    counts = [len(one.spots) for one in words]
    if not sum(counts):
        return np.zeros((0, 2), np.int64)
    files = np.repeat(np.arange(len(words)), counts)
    spots = _on_one_scale(np.concatenate([one.spots for one in words]), np.asarray(aspects)[files])
    upright, mirrored = (np.concatenate([one.keys[way] for one in words]) for way in (0, 1))
    votes: list[NDArray[np.int64]] = []
    for table in range(N_TABLES):
        for way, keys in enumerate((upright, mirrored)):
            for left, right in _join(upright[:, table], keys[:, table], _MOST_IN_WORD):
                later = files[left] < files[right] if way == 0 else (files[left] != files[right]) & (keys[right, table] != 0)
                votes.append(_votes(left[later], right[later], files, spots, bool(way)))
    return _elected(np.concatenate(votes), len(words)) if votes else np.zeros((0, 2), np.int64)


def _on_one_scale(spots: NDArray[np.uint16], aspects: NDArray) -> NDArray[np.float32]:
    """(K, 4): places from the middle, in sides of a square of the picture's area; angle in turns; octave."""
    found = spots.astype(np.float32)
    found[:, :2] = found[:, :2] / 65535 - 0.5
    found[:, 0] *= aspects**0.5
    found[:, 1] /= aspects**0.5
    found[:, 2] /= 65536
    return found


def _votes(left: NDArray, right: NDArray, files: NDArray, spots: NDArray[np.float32], mirrored: bool) -> NDArray[np.int64]:
    """(M, 4): the two files, the bin of turn, scale and shift, and the spot in the first; twice, on two grids of shifts."""
    one, other = spots[left], spots[right].copy()
    if mirrored:
        other[:, 0] = -other[:, 0]
        other[:, 2] = 0.5 - other[:, 2]
    turns = 4 * (other[:, 2] - one[:, 2])
    quarter = np.rint(turns).astype(np.int64)
    upright = np.abs(turns - quarter) < _MOST_ASKEW
    one, other, quarter = one[upright], other[upright], quarter[upright] % 4
    octaves = other[:, 3] - one[:, 3]
    # A corner at some octave of one picture lies at a higher one where the picture is larger.
    scale = np.float32(_OCTAVE) ** octaves
    cosine, sine = np.array([1, 0, -1, 0])[quarter], np.array([0, 1, 0, -1])[quarter]
    shift_x = other[:, 0] - scale * (cosine * one[:, 0] - sine * one[:, 1])
    shift_y = other[:, 1] - scale * (sine * one[:, 0] + cosine * one[:, 1])
    cell = ((one[:, 0] + 2) * 20).astype(np.int64) * 100 + ((one[:, 1] + 2) * 20).astype(np.int64)
    way = (quarter * 32 + octaves.astype(np.int64) + 8) * 2 + mirrored
    pair = files[left[upright]], files[right[upright]]
    found = []
    for grid in (0, 1):
        bins = [np.floor(shift / _SHIFT_SIDE + grid / 2).astype(np.int64) % 256 for shift in (shift_x, shift_y)]
        found.append(np.stack([*pair, ((way * 2 + grid) * 256 + bins[0]) * 256 + bins[1], cell], axis=1))
    return np.concatenate(found)


def _elected(votes: NDArray[np.int64], n_files: int) -> Pairs:
    votes = np.unique(votes, axis=0)  # one vote for each spot of the first
    groups, counts = np.unique(votes[:, :3], axis=0, return_counts=True)
    groups, counts = groups[counts >= LEAST_WORDS], counts[counts >= LEAST_WORDS]
    pairs = np.sort(groups[:, :2], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -counts))
    kept, n_of = [], np.zeros(n_files, np.int64)
    seen: set[tuple[int, int]] = set()
    for first, second in pairs[order].tolist():
        if (first, second) in seen or min(n_of[first], n_of[second]) >= MOST_PER_FILE:
            continue
        seen.add((first, second))
        n_of[[first, second]] += 1
        kept.append((first, second))
    return np.array(sorted(kept), np.int64).reshape(-1, 2)


def _join(keys: NDArray, others: NDArray, most: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Positions in both arrays where keys are equal, in pieces; of a key with many, the next `most` after each only."""
    order = np.argsort(others, kind="stable")
    sorted_keys = others[order]
    first = np.searchsorted(sorted_keys, keys, "left")
    counts = np.searchsorted(sorted_keys, keys, "right") - first
    crowded = counts > most
    start = np.arange(len(keys)) % np.maximum(counts, 1) * crowded  # each begins elsewhere in a crowd
    counts = np.minimum(counts, most)
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(keys):
        end = int(np.searchsorted(ends, (ends[begin - 1] if begin else 0) + _PIECE, "right"))
        end = min(len(keys), max(end, begin + 1))
        n = counts[begin:end]
        left = np.repeat(np.arange(begin, end), n)
        step = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n)
        whole = np.searchsorted(sorted_keys, keys[left], "right") - first[left] if crowded[begin:end].any() else n.repeat(n)
        yield left, order[first[left] + (start[left] + step) % np.maximum(whole, 1)]
        begin = end
