"""Pairs pictures whose shared local words agree on one turn, scale and shift, in bounded memory.

The pairs of a part of the first files depend on no other part. In a part, votes are counted for some files at a time, whose
number is bounded by that of the votes. The pairs do not depend on the division into parts.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import N_TABLES, LocalWords
from genloss.archive.word_tables import CHUNK, UPRIGHT, WAYS, Spots, WordTables, tables_in_memory
from genloss.archive.word_votes import MOST_FIRST, Votes, count_votes, is_new, take_votes

LEAST_WORDS = 4  # shared words on one turn, scale and shift
MOST_PER_FILE = 24  # pairs by words that are kept for a file
_MOST_IN_WORD = 24  # matches of a spot with one key; further matches tell nothing
_MOST_MATCHES = 2_000_000  # matches of words that are counted together; bounds memory, together with their votes
_MOST_ELECTED = 256  # pairs of a first file from which the best are chosen
_PIECE = 500_000

Pairs = NDArray[np.int64]  # (P, 2), the smaller file first, each pair once


class _Runs(NamedTuple):
    """Where words of the first files are among all words of a table.

    Attributes:
        table, way: of the words.
        owners: (R,) spots of the first files.
        first, counts: (R,) begin and length of the run of equal words for each.
    """

    table: int
    way: int
    owners: Spots
    first: NDArray[np.int32]
    counts: NDArray[np.int32]


def pair_words(words: Sequence[LocalWords], aspects: Sequence[float]) -> Pairs:
    """Pairs of few files that share words on one turn, scale and shift; word_shards.py pairs many.

    Each pair is among the likeliest MOST_PER_FILE pairs of at least one of its files.

    Args:
        words: of each file.
        aspects: width over height of each file.
    """
    if not words:
        return np.zeros((0, 2), np.int64)
    tables = tables_in_memory(words, aspects)
    parts = [pair_part(tables, begin, min(begin + CHUNK, len(words))) for begin in range(0, len(words), CHUNK)]
    return elect(np.concatenate(parts), len(words))


def pair_part(tables: WordTables, begin: int, end: int) -> NDArray[np.int32]:
    """(M, 3) number of shared words on one placement, first file and second file; up to _MOST_ELECTED of each first file.

    Args:
        tables: words of all files.
        begin, end: the first files, those from `begin` to before `end`.
    """
    runs = [_runs(tables, table, way, begin, end) for table in range(N_TABLES) for way in WAYS]
    n_matches = np.zeros(end - begin, np.int64)  # upper bounds
    for run in runs:
        weights = np.minimum(run.counts, _MOST_IN_WORD)
        n_matches += np.bincount(tables.files[run.owners] - begin, weights, end - begin).astype(np.int64)
    found = [np.zeros((0, 3), np.int64)]
    for few_begin, few_end in _parts(n_matches, _MOST_MATCHES):
        first = begin + few_begin
        spots = tables.starts[[first, begin + few_end]]
        votes: list[Votes] = []
        for run in runs:
            for left, right in _matches(tables, run, *spots):
                votes += take_votes(left, right, tables.files, tables.places, run.way != UPRIGHT, first)
        found.append(_best(count_votes(votes, LEAST_WORDS), first))
    return np.concatenate(found).astype(np.int32)


def _runs(tables: WordTables, table: int, way: int, begin: int, end: int) -> _Runs:
    """Runs of the upright words of some files that other files, or mirrored files, share."""
    own, owners = tables.words_of(begin, end, table)
    keys, _ = tables.table(table, way)
    first = np.searchsorted(keys, own, "left")
    counts = np.searchsorted(keys, own, "right") - first
    shared = counts > (1 if way == UPRIGHT else 0)  # upright, each word matches itself
    return _Runs(table, way, owners[shared], first[shared].astype(np.int32), counts[shared].astype(np.int32))


def _matches(tables: WordTables, run: _Runs, begin: int, end: int) -> Iterator[tuple[Spots, Spots]]:
    """Yields in pieces: spots in the first files, and matching spots in the second files.

    Args:
        tables: words of all files.
        run: runs of a table.
        begin, end: the spots of the first files, those from `begin` to before `end`.
    """
    own = (run.owners >= begin) & (run.owners < end)
    _, spots = tables.table(run.table, run.way)
    files = tables.files
    for left, places in in_runs(run.owners[own], run.first[own], run.counts[own], _MOST_IN_WORD):
        right = spots[places]
        kept = files[left] < files[right] if run.way == UPRIGHT else files[left] != files[right]
        yield left[kept], right[kept]


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


def in_runs(
    owners: NDArray[Any], first: NDArray[Any], counts: NDArray[Any], most: int
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    """Yields in pieces: owners, and places of their runs. An owner of a long run gets `most` places, from a start of its own.

    Args:
        owners: (R,) numbers.
        first, counts: (R,) begin and length of each owner's run, integers.
        most: largest number of places for an owner.
    """
    taken = np.minimum(counts, most)
    start = np.where(counts > most, owners % np.maximum(counts, 1), 0)
    for begin, end in _parts(taken, _PIECE):
        n = taken[begin:end]
        picked = np.repeat(np.arange(begin, end), n)
        step = np.arange(len(picked)) - np.repeat(np.cumsum(n) - n, n)
        yield owners[picked], first[picked] + (start[picked] + step) % counts[picked]


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


def elect(found: NDArray[np.int32], n_files: int) -> Pairs:
    """Chooses pairs in order of their shared words; a pair stays unless both files already have MOST_PER_FILE pairs.

    Args:
        found: from pair_part, of all files.
        n_files: number of files.
    """
    pairs = np.sort(found[:, 1:].astype(np.int64), axis=1)
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
