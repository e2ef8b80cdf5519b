"""Finds the spot where two aligned versions differ most, and cuts it from both, pixel for pixel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.overlap import cut_overlap
from genloss.model.pairs.placement import Placement, turn_plane

CROP_PX = 160  # side of a crop, in pixels of the finer version
LEAST_PX = 16

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Spot:
    """A square spot of two aligned versions.

    Attributes:
        x_px, y_px: middle of the spot, in the second version.
        side_px: side of the crops, in pixels of the finer version.
        levels: mean difference of luma in the spot, in [0, 255].
    """

    x_px: float
    y_px: float
    side_px: int
    levels: float


def find_spot(first: Pixels, second: Pixels, placement: Placement) -> Spot:
    """The most different spot in the overlap of two versions.

    Args:
        first, second: (H, W) luma, in [0, 255].
        placement: of the first on the second.
    """
    overlap = cut_overlap(first, second, placement)
    top, left, bottom, right = placement.covered
    height, width = overlap.first.shape
    steps = (bottom - top) / height, (right - left) / width
    units = _units(placement)
    side = max(LEAST_PX, int(min(CROP_PX, (bottom - top) / units[0], (right - left) / units[1])))
    window = tuple(
        min(length, max(1, round(side * unit / step))) for length, unit, step in zip((height, width), units, steps, strict=True)
    )
    distance = np.abs(overlap.first - overlap.second)
    sums = np.pad(distance.cumsum(axis=0, dtype=np.float64).cumsum(axis=1), ((1, 0), (1, 0)))
    down, across = window
    totals = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
    row, column = np.unravel_index(int(totals.argmax()), totals.shape)
    x, y = left + (float(column) + across / 2) * steps[1], top + (float(row) + down / 2) * steps[0]
    return Spot(x, y, side, float(totals[row, column]) / (down * across))


def cut_spot(first: Pixels, second: Pixels, placement: Placement, spot: Spot) -> Pixels:
    """(S, 2 S, 3) crops of both versions, the first on the left, both in the orientation of the second.

    The coarser version is enlarged by repeating pixels, so nothing is smoothed.

    Args:
        first, second: (H, W, 3).
        placement: of the first on the second.
        spot: from find_spot.
    """
    turned = turn_plane(first, placement.turn)
    own, others = [], []
    for middle, unit, scale, shift, size, own_size in (
        (spot.y_px, _units(placement)[0], placement.scale_y, placement.shift_y_px, second.shape[0], turned.shape[0]),
        (spot.x_px, _units(placement)[1], placement.scale_x, placement.shift_x_px, second.shape[1], turned.shape[1]),
    ):
        start = middle - spot.side_px / 2 * unit
        start = round(start / unit) * unit if unit == 1 else start
        at = start + (np.arange(spot.side_px) + 0.5) * unit
        others.append(np.clip(np.floor(at + 1e-9).astype(int), 0, size - 1))
        own.append(np.clip(np.floor((at - shift) / scale + 1e-9).astype(int), 0, own_size - 1))
    return np.concatenate([turned[np.ix_(*own)], second[np.ix_(*others)]], axis=1)


def _units(placement: Placement) -> tuple[float, float]:
    """Size of a pixel of the finer version, down and across, in pixels of the second version."""
    return min(1.0, placement.scale_y), min(1.0, placement.scale_x)
