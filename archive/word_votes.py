"""Votes of shared words: each says of two files how one lies on the other, roughly. Many that say the same make a candidate.

A vote is one number of 64 bits, so that millions are sorted in little memory.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_ASKEW = 0.25  # quarter turns; pictures are straight but for a few degrees, and angles of corners for some more
_OCTAVE = 1.2  # ORB's
_SHIFT_SIDE = 0.25  # of a bin of shifts, in sides of a square of the picture's area
_CELLS_A_SIDE = 20  # of that square; more words in one cell are one vote
# From the lowest: cell of the spot, its bin of shifts, grid, mirrored, octaves between the two, quarter turn, files.
_CELL, _BIN, _WAY, _SECOND = 10, 5, 8, 23
MOST_FIRST, MOST_FILES = 1 << 64 - _CELL - 2 * _BIN - _WAY - _SECOND, 1 << _SECOND

Votes = NDArray[np.uint64]


def on_one_scale(spots: NDArray[np.uint16], aspects: NDArray[np.float32]) -> NDArray[np.float32]:
    """(K, 4): places from the middle, in sides of a square of the picture's area; angle in turns; octave."""
    found = spots.astype(np.float32)
    found[:, :2] = found[:, :2] / 65535 - 0.5
    roots = np.sqrt(aspects)
    found[:, 0] *= roots
    found[:, 1] /= roots
    found[:, 2] /= 65536
    return found


def take_votes(
    left: NDArray[np.int32], right: NDArray[np.int32], files: NDArray[np.int32], spots: NDArray[np.float32], mirrored: bool,
    begin: int,
) -> tuple[Votes, Votes]:  # fmt: skip
    """Votes of matched spots, on two grids of shifts, for no grid parts all that belongs together.

    Args:
        left, right: (M,) spots of the first and of the second file.
        files: of each spot.
        spots: from on_one_scale.
        mirrored: whether the words of the second are those that it has in a mirror.
        begin: the lowest first file; there are at most MOST_FIRST.
    """
    turns = 4 * ((0.5 - spots[right, 2] if mirrored else spots[right, 2]) - spots[left, 2])
    quarter = np.rint(turns).astype(np.int64)
    upright = np.abs(turns - quarter) < _MOST_ASKEW
    left, right, quarter = left[upright], right[upright], quarter[upright] % 4
    one, other = spots[left], spots[right]
    if mirrored:
        other[:, 0] = -other[:, 0]
    octaves = other[:, 3] - one[:, 3]
    # A corner at some octave of one picture lies at a higher one where the picture is larger.
    scale = np.float32(_OCTAVE) ** octaves
    cosine, sine = np.array([1, 0, -1, 0], np.float32)[quarter], np.array([0, 1, 0, -1], np.float32)[quarter]
    shifts = [
        other[:, 0] - scale * (cosine * one[:, 0] - sine * one[:, 1]),
        other[:, 1] - scale * (sine * one[:, 0] + cosine * one[:, 1]),
    ]
    cells = [np.floor((one[:, axis] + 2) * _CELLS_A_SIDE).astype(np.int64) for axis in (0, 1)]
    cell = (cells[0] * 97 + cells[1]) % (1 << _CELL)
    way = ((quarter * 16 + octaves.astype(np.int64) % 16) * 2 + mirrored) * 2
    pair = (files[left].astype(np.int64) - begin) << _SECOND | files[right]
    found = []
    for grid in (0, 1):
        bins = [np.floor(shift / _SHIFT_SIDE + grid / 2).astype(np.int64) % (1 << _BIN) for shift in shifts]
        votes = pair << _WAY | way | grid
        for value, n_bits in ((bins[0], _BIN), (bins[1], _BIN), (cell, _CELL)):
            votes = votes << n_bits | value
        found.append(votes.astype(np.uint64))
    return found[0], found[1]


def count_votes(votes: list[Votes], least: int) -> NDArray[np.int64]:
    """(M, 3): on how many spots two files agree best, and the first and the second file, where that is enough.

    Args:
        votes: of take_votes with one `begin`, which the first files count from; emptied, for they take much memory.
        least: votes that are enough.
    """
    if not votes:
        return np.zeros((0, 3), np.int64)
    together = np.concatenate(votes)
    votes.clear()
    together.sort()
    together = together[is_new(together)]  # one vote for each spot of the first
    together >>= np.uint64(_CELL)
    starts = np.flatnonzero(is_new(together))
    counts = np.diff(starts, append=len(together))
    enough = counts >= least
    pairs, counts = together[starts[enough]] >> np.uint64(2 * _BIN + _WAY), counts[enough]
    starts = np.flatnonzero(is_new(pairs))
    best = np.maximum.reduceat(counts, starts) if len(starts) else counts
    files = pairs[starts].astype(np.int64)
    return np.stack([best, files >> _SECOND, files & (MOST_FILES - 1)], axis=1)


def is_new(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of ordered numbers differ from the one before."""
    new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new
