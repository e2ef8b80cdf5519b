"""Pairs of pictures by local words that agree on one turn, scale and shift, in memory that alike pictures do not fill.

Words of one table are sorted at a time, and votes are counted for some first files at a time: as many as bring so many votes
as fit. The pairs are the same however the files are parted.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import N_TABLES, LocalWords
from genloss.archive.word_votes import MOST_FIRST, count_votes, is_new, on_one_scale, take_votes

LEAST_BITS, MOST_BITS = 24, 32  # of a word that are compared
LEAST_WORDS = 4  # shared words on one turn and scale
MOST_PER_FILE = 24  # pairs by words that a file is kept in
_SPARE_BITS = 4  # beside those that tell all words apart
_MOST_IN_WORD = 24  # files with one key that are paired; more say nothing
_MOST_MATCHES = 8_000_000  # of words, a few of which become votes that are counted together; bounds memory
_MOST_ELECTED = 256  # pairs of one file that the best are taken from
_PIECE = 500_000
_WAYS = (0, 1)  # as they are; the second one's words mirrored

Spots = NDArray[np.int32]  # positions among all spots
Pairs = NDArray[np.int64]  # (P, 2), the smaller file first, each once


def bits_compared(n_words: int) -> int:
    """Bits of a word that tell enough among so many words: 24 up to two million, one more for each doubling."""
    return int(np.clip(max(n_words, 1).bit_length() - 1 + _SPARE_BITS, LEAST_BITS, MOST_BITS))


def pair_words(words: Sequence[LocalWords], aspects: Sequence[float]) -> Pairs:
    """Files that share words on one turn, scale and shift, at most MOST_PER_FILE for each, the likeliest.

    Args:
        words: of each file.
        aspects: width over height of each file.
    """
    counts = [len(one.spots) for one in words]
    if not sum(counts):
        return np.zeros((0, 2), np.int64)
    files = np.repeat(np.arange(len(words), dtype=np.int32), counts)
    spots = on_one_scale(np.concatenate([one.spots for one in words]), np.asarray(aspects, np.float32)[files])
    bits = np.uint32((1 << bits_compared(len(files))) - 1)
    found: list[NDArray[np.int64]] = []
    for begin, end in _parts(_matches_of_files(words, files, bits), _MOST_MATCHES):
        votes: list[NDArray[np.uint64]] = []
        for way, left, right in _matches(words, files, bits, (begin, end)):
            votes += take_votes(left, right, files, spots, bool(way), begin)
        found.append(_best(count_votes(votes, LEAST_WORDS), begin))
    return _elected(np.concatenate(found), len(words))


def _parts(n_matches: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """First and last of parts with at most so many matches, or of one; never of more than MOST_FIRST."""
    ends = np.cumsum(n_matches)
    begin = 0
    while begin < len(ends):
        before = int(ends[begin - 1]) if begin else 0
        end = min(max(int(np.searchsorted(ends, before + most, "right")), begin + 1), begin + MOST_FIRST)
        if int(ends[end - 1]) > before:
            yield begin, end
        begin = end


def _matches_of_files(words: Sequence[LocalWords], files: NDArray[np.int32], bits: np.uint32) -> NDArray[np.int64]:
    """(N,) how many matches begin in each file, at most."""
    found = np.zeros(len(words), np.int64)
    for table in range(N_TABLES):
        for _, owners, _, counts in _runs(words, table, bits, (0, len(words))):
            found += np.bincount(files[owners], np.minimum(counts, _MOST_IN_WORD), len(words)).astype(np.int64)
    return found


def _matches(
    words: Sequence[LocalWords], files: NDArray[np.int32], bits: np.uint32, part: tuple[int, int]
) -> Iterator[tuple[int, Spots, Spots]]:
    """Way and spots with one word, the first of which lies in some files, in pieces."""
    for table in range(N_TABLES):
        for way, owners, (order, first), counts in _runs(words, table, bits, part):
            for left, places in in_runs(owners, first, counts, _MOST_IN_WORD):
                right = order[places]
                kept = files[left] < files[right] if way == 0 else files[left] != files[right]
                yield way, left[kept], right[kept]


def in_runs(
    owners: NDArray[Any], first: NDArray[np.int64], counts: NDArray[np.int64], most: int
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    """Each owner with every place of its run, in pieces; of a long run the next `most` only, each from elsewhere.

    Args:
        owners: (R,) numbers.
        first, counts: (R,) where the run of each begins, and how long it is.
        most: places of a run that an owner is given.
    """
    taken = np.minimum(counts, most)
    start = np.where(counts > most, owners % np.maximum(counts, 1), 0)
    for begin, end in _parts(taken, _PIECE):
        n = taken[begin:end]
        picked = np.repeat(np.arange(begin, end), n)
        step = np.arange(len(picked)) - np.repeat(np.cumsum(n) - n, n)
        yield owners[picked], first[picked] + (start[picked] + step) % counts[picked]


def _runs(
    words: Sequence[LocalWords], table: int, bits: np.uint32, part: tuple[int, int]
) -> Iterator[tuple[int, Spots, tuple[Spots, NDArray[np.int64]], NDArray[np.int64]]]:
    """For both ways: spots of some files that share their word; all spots by words, the first that shares it, and how many."""
    before = sum(len(one.spots) for one in words[: part[0]])
    keys, owners = _sorted(words[part[0] : part[1]], 0, table, bits)
    owners += before
    for way in _WAYS:
        others, order = _sorted(words, way, table, bits)
        first = np.searchsorted(others, keys, "left")
        counts = np.searchsorted(others, keys, "right") - first
        shared = counts > (1 if way == 0 else 0)  # as they are, each finds itself
        yield way, owners[shared], (order, first[shared]), counts[shared]


def _sorted(words: Sequence[LocalWords], way: int, table: int, bits: np.uint32) -> tuple[NDArray[np.uint32], Spots]:
    """Words of a table in order, and whose spots they are; words of 0 were never described."""
    keys = np.concatenate([one.keys[way, :, table] for one in words])
    described = np.flatnonzero(keys).astype(np.int32)
    keys = keys[described] & bits
    # Half a word at a time, for short numbers are sorted by counting.
    order = np.argsort(keys.astype(np.uint16), kind="stable").astype(np.int32)
    order = order[np.argsort((keys >> np.uint32(16)).astype(np.uint16)[order], kind="stable")]
    return keys[order], described[order]


def _best(counted: NDArray[np.int64], begin: int) -> NDArray[np.int64]:
    """(M, 3): count and two files; of each first file those with most words, each pair once."""
    counts, first, second = counted.T
    first = first + begin
    order = np.lexsort((second, -counts, first))
    counts, first, second = counts[order], first[order], second[order]
    starts = np.flatnonzero(is_new(first))
    place = np.arange(len(first)) - np.repeat(starts, np.diff(starts, append=len(first)))
    kept = place < _MOST_ELECTED
    return np.stack([counts[kept], first[kept], second[kept]], axis=1)


def _elected(found: NDArray[np.int64], n_files: int) -> Pairs:
    """Pairs that at least one of their files is kept in, those with most words first."""
    pairs = np.sort(found[:, 1:], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -found[:, 0]))
    pairs = pairs[order]
    _, once = np.unique(pairs[:, 0] * n_files + pairs[:, 1], return_index=True)
    pairs = pairs[np.sort(once)]
    n_of, kept = np.zeros(n_files, np.int64), []
    for begin in range(0, len(pairs), _PIECE):
        part = pairs[begin : begin + _PIECE]
        part = part[n_of[part].min(axis=1) < MOST_PER_FILE]
        for first, second in part.tolist():
            if min(n_of[first], n_of[second]) < MOST_PER_FILE:
                n_of[first] += 1
                n_of[second] += 1
                kept.append((first, second))
    return np.array(sorted(kept), np.int64).reshape(-1, 2)
