"""Votes of shared words for a rough placement of one file on another. A pair with many equal votes is a candidate.

A vote is a number of 64 bits, so that millions of votes can be sorted in little memory.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_ASKEW = 0.25  # quarter turns; pictures are turned by a few degrees at most, and angles of corners vary a little more
_OCTAVE = 1.2  # scale between two octaves of ORB
_SHIFT_SIDE = 0.25  # side of a bin of shifts; the unit is the side of a square with the picture's area
_CELLS_A_SIDE = 20  # cells along the side of that square; several words in one cell give one vote
# Fields of a vote, from the lowest bit: cell of the spot, bin of shifts, grid, mirrored, octaves between the two, quarter turn,
# second file, first file.
_CELL, _BIN, _WAY, _SECOND = 10, 5, 8, 23
MOST_FIRST, MOST_FILES = 1 << 64 - _CELL - 2 * _BIN - _WAY - _SECOND, 1 << _SECOND

Votes = NDArray[np.uint64]


def on_one_scale(spots: NDArray[np.uint16], aspects: NDArray[np.float32]) -> NDArray[np.float32]:
    """(K, 4) spots in common units: place from the middle, angle in turns, and octave.

    The unit of places is the side of a square with the area of the picture.

    Args:
        spots: (K, 4), as of LocalWords.
        aspects: (K,) width over height of each spot's picture.
    """
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
    """Votes of matched spots on two shifted grids, because the edges of one grid may split votes that agree.

    Args:
        left, right: (M,) spots of the first and of the second file.
        files: (K,) file of each spot.
        spots: (K, 4), from on_one_scale.
        mirrored: whether the words of the second file are its mirrored words.
        begin: lowest first file; there are at most MOST_FIRST first files.
    """
    turns = 4 * ((0.5 - spots[right, 2] if mirrored else spots[right, 2]) - spots[left, 2])
    quarter = np.rint(turns).astype(np.int64)
    upright = np.abs(turns - quarter) < _MOST_ASKEW
    left, right, quarter = left[upright], right[upright], quarter[upright] % 4
    one, other = spots[left], spots[right]
    if mirrored:
        other[:, 0] = -other[:, 0]
    octaves = other[:, 3] - one[:, 3]
    # In a larger copy of a picture, a corner has a higher octave.
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
    """(M, 3) most votes for one placement, first file and second file, for all pairs with enough votes.

    Args:
        votes: from take_votes with one `begin`, which the first files count from. The list is emptied to free memory.
        least: number of votes that is enough.
    """
    if not votes:
        return np.zeros((0, 3), np.int64)
    together = np.concatenate(votes)
    votes.clear()
    together.sort()
    together = together[is_new(together)]  # one vote for each cell of the first file
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
    """Whether each of the sorted numbers differs from its predecessor."""
    new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new
