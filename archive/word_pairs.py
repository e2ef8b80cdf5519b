"""Pairs pictures whose shared local words agree on one turn, scale and shift, in bounded memory.

Only the words of one table are sorted at a time. Votes are counted for one part of the first files at a time; its size is
bounded by the number of votes. The pairs do not depend on the division into parts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import N_TABLES, LocalWords
from genloss.archive.word_votes import MOST_FIRST, count_votes, is_new, on_one_scale, take_votes

LEAST_BITS, MOST_BITS = 24, 32  # bits of a word that are compared
LEAST_WORDS = 4  # shared words on one turn, scale and shift
MOST_PER_FILE = 24  # pairs by words that are kept for a file
_SPARE_BITS = 4  # in addition to the bits that number all words
_MOST_IN_WORD = 24  # matches of a spot with one key; further matches tell nothing
_MOST_MATCHES = 8_000_000  # matches of words in a part; bounds memory, together with their votes
_MOST_ELECTED = 256  # pairs of a first file from which the best are chosen
_PIECE = 500_000
_WAYS = (0, 1)  # upright; with the mirrored words of the second file

Spots = NDArray[np.int32]  # positions among all spots
Pairs = NDArray[np.int64]  # (P, 2), the smaller file first, each pair once


def bits_compared(n_words: int) -> int:
    """Number of bits to compare among n_words words: 24 up to two million, one more for each doubling, at most 32."""
    return int(np.clip(max(n_words, 1).bit_length() - 1 + _SPARE_BITS, LEAST_BITS, MOST_BITS))


def pair_words(words: Sequence[LocalWords], aspects: Sequence[float]) -> Pairs:
    """Pairs of files that share words on one turn, scale and shift.

    Each pair is among the likeliest MOST_PER_FILE pairs of at least one of its files.

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
    """Yields (begin, end) of parts with at most `most` matches, and at least one and at most MOST_FIRST files."""
    ends = np.cumsum(n_matches)
    begin = 0
    while begin < len(ends):
        before = int(ends[begin - 1]) if begin else 0
        end = min(max(int(np.searchsorted(ends, before + most, "right")), begin + 1), begin + MOST_FIRST)
        if int(ends[end - 1]) > before:
            yield begin, end
        begin = end


def _matches_of_files(words: Sequence[LocalWords], files: NDArray[np.int32], bits: np.uint32) -> NDArray[np.int64]:
    """(N,) upper bound of the matches with each file as the first."""
    found = np.zeros(len(words), np.int64)
    for table in range(N_TABLES):
        for _, owners, _, counts in _runs(words, table, bits, (0, len(words))):
            found += np.bincount(files[owners], np.minimum(counts, _MOST_IN_WORD), len(words)).astype(np.int64)
    return found


def _matches(
    words: Sequence[LocalWords], files: NDArray[np.int32], bits: np.uint32, part: tuple[int, int]
) -> Iterator[tuple[int, Spots, Spots]]:
    """Yields in pieces: way, spots in the first files, and matching spots in the second files.

    Args:
        words, files, bits: as in pair_words.
        part: begin and end of the first files.
    """
    for table in range(N_TABLES):
        for way, owners, (order, first), counts in _runs(words, table, bits, part):
            for left, places in in_runs(owners, first, counts, _MOST_IN_WORD):
                right = order[places]
                kept = files[left] < files[right] if way == 0 else files[left] != files[right]
                yield way, left[kept], right[kept]


def in_runs(
    owners: NDArray[Any], first: NDArray[np.int64], counts: NDArray[np.int64], most: int
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    """Yields in pieces: owners, and places of their runs. An owner of a long run gets `most` places, from a start of its own.

    Args:
        owners: (R,) numbers.
        first, counts: (R,) begin and length of each owner's run.
        most: largest number of places for an owner.
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
    """Yields for each way: spots of a part with a shared word; all spots by word, with the begin of each run; run lengths."""
    begin, end = (sum(len(one.spots) for one in words[:n]) for n in part)
    for way in _WAYS:
        others, order = _sorted(words, way, table, bits)
        if way == 0:
            own = (order >= begin) & (order < end)
            keys, owners = others[own], order[own]
        first = np.searchsorted(others, keys, "left")
        counts = np.searchsorted(others, keys, "right") - first
        shared = counts > (1 if way == 0 else 0)  # upright, each word matches itself
        yield way, owners[shared], (order, first[shared]), counts[shared]


def _sorted(words: Sequence[LocalWords], way: int, table: int, bits: np.uint32) -> tuple[NDArray[np.uint32], Spots]:
    """Sorted words of a table, each with its spot; words of 0 are left out, because the corner has no descriptor."""
    keys = np.concatenate([one.keys[way, :, table] for one in words])
    described = np.flatnonzero(keys).astype(np.int32)
    keys = keys[described] & bits
    order = order_keys(keys)
    return keys[order], described[order]


def order_keys(keys: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Positions that sort the keys, in order where keys are equal; fewer than 2^31 keys.

    Sorts by half a key at a time, because NumPy sorts 16-bit numbers faster, with a radix sort.
    """
    order = np.argsort(keys.astype(np.uint16), kind="stable").astype(np.int32)
    return order[np.argsort((keys >> np.uint32(16)).astype(np.uint16)[order], kind="stable")]


def _best(counted: NDArray[np.int64], begin: int) -> NDArray[np.int64]:
    """(M, 3) count and the two files; for each first file, the pairs with the most shared words.

    Args:
        counted: from count_votes.
        begin: lowest first file, which the first files count from.
    """
    counts, first, second = counted.T
    first = first + begin
    order = np.lexsort((second, -counts, first))
    counts, first, second = counts[order], first[order], second[order]
    starts = np.flatnonzero(is_new(first))
    place = np.arange(len(first)) - np.repeat(starts, np.diff(starts, append=len(first)))
    kept = place < _MOST_ELECTED
    return np.stack([counts[kept], first[kept], second[kept]], axis=1)


def _elected(found: NDArray[np.int64], n_files: int) -> Pairs:
    """Chooses pairs in order of their shared words; a pair stays unless both files already have MOST_PER_FILE pairs."""
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
