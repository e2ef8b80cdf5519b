"""Traces of an earlier JPEG below the last save: on a grid of its own, or on the same grid at a similar quality."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.jpeg_tables import estimate_quality, ijg_table
from genloss.model.measurements.blocks import sample_blocks
from genloss.model.measurements.double_compression import OFFSETS, earlier_saves
from genloss.model.measurements.lattice import N_GRIDS, LatticeTables, grid_histograms

QUALITIES = np.arange(20, 93)
GRIDS_AT_ONCE = 8  # products of all 64 are shared out among threads, which takes hundreds of times as long on a busy machine
# Calibrated on 3500 files of 50 sources with known histories (reasons_accuracy.py): below both, a grid is named that is
# not there as often as not.
LEAST_GRID_LEAD = 0.2  # over the median of all grids
LEAST_GRID_MARGIN = 0.12  # over the second best: a smooth picture's own blocks show on their neighbours too
# A JPEG's own steps leak onto shifted grids, where they look like an earlier JPEG of about its own quality or a better one.
LEAST_COARSER = 6
# On its own grid the steps of an earlier save are mistaken for twice or half as coarse, unless they stand out or its own
# are fine.
LEAST_OWN_LEAD, LEAST_OWN_MARGIN, FINE_QUALITY = 0.5, 0.3, 90
# Steps of few pixel values, as those of high qualities and of AVIF, lie near each other's multiples.
LEAST_FINE_LEAD, FINEST_QUALITY, FINEST_OWN_GRID_QUALITY = 0.3, 88, 75
# A lower quality whose steps are multiples of the best one's fits as well; it is the true one if it does.
NEARLY_AS_GOOD = 0.93
LEAST_RATIO = 0.05
# Over all qualities but the nearest. Where the earlier quality is further away than any that is tried, all fit better
# than none, and none much better than the others.
LEAST_RATIO_LEAD, LEAST_RATIO_LEAD_SHARE = 0.04, 0.15
# Tiles of pixel art and modules of codes repeat a few blocks. Saved once as JPEG, their values look like those of coarser steps
# by chance: all false answers had at most 16 different blocks. A gradient has few as well, as a share of all.
LEAST_DISTINCT, LEAST_DISTINCT_SHARE = 64, 0.15
LEAST_BELOW = 3  # under its own quality: nearer ones differ in few steps, which chance imitates, and finer steps leave no gaps


@dataclass(frozen=True)
class EarlierJpeg:
    """An earlier JPEG whose quantisation still shows in the pixels.

    Attributes:
        left_px: first column of its 8x8 grid in this picture, 0 to 7; may differ from 0 after a crop.
        top_px: first row of that grid, likewise.
        quality: approximate IJG quality of its luma table.
        lead: how much better this grid fits than the usual one, in [0, 1].
    """

    left_px: int
    top_px: int
    quality: int
    lead: float


def find_earlier_jpeg(image: DecodedImage) -> EarlierJpeg | None:
    """The clearest earlier JPEG; None if none is clear.

    The coefficients of an earlier JPEG cluster at multiples of its quantisation steps, on its own grid only. All 64 positions
    of the grid are tried. If the file is a JPEG, only steps well above its own count on its own grid, and only coarser steps on
    the other grids.
    """
    sample = sample_blocks(image.luma)
    histograms = grid_histograms(image.luma, sample)
    tables = _fine_tables()
    pieces = np.split(histograms, N_GRIDS // GRIDS_AT_ONCE, axis=1)
    strengths = np.concatenate([tables.strengths(np.ascontiguousarray(piece)) for piece in pieces])
    if image.luma_table is not None:
        strengths[0] = tables.strengths(histograms[:, :1], image.luma_table)[0]
    best = strengths.max(axis=1)
    second, first = np.partition(best, -2)[-2:]
    grid = int(np.argmax(best))
    lead, margin = float(first - np.median(best)), float(first - second)
    if lead < LEAST_GRID_LEAD or margin < LEAST_GRID_MARGIN or first <= 0:
        return None
    quality = int(QUALITIES[np.flatnonzero(strengths[grid] >= NEARLY_AS_GOOD * first)[0]])
    if image.luma_table is None:
        clear = quality <= FINEST_QUALITY or lead >= LEAST_FINE_LEAD
    else:
        clear = _is_clear(grid, quality, estimate_quality(image.luma_table)[0], lead, margin)
        clear = clear and _n_distinct(sample.blocks) >= LEAST_DISTINCT
    return EarlierJpeg(grid % 8, grid // 8, quality, lead) if clear else None


def _is_clear(grid: int, quality: int, own_quality: int, lead: float, margin: float) -> bool:
    """Whether a grid in a JPEG cannot be the work of its own steps."""
    if quality > own_quality - LEAST_COARSER:
        return False
    if grid == 0 and own_quality < FINE_QUALITY:
        return lead >= LEAST_OWN_LEAD and margin >= LEAST_OWN_MARGIN
    return quality <= (FINEST_OWN_GRID_QUALITY if grid == 0 else FINEST_QUALITY) or lead >= LEAST_FINE_LEAD


def find_earlier_quality(blocks: NDArray[np.uint8], own: NDArray[np.uint16] | None) -> int | None:
    """Approximate IJG quality of an earlier save on the same grid; None if no earlier save is clear.

    Args:
        blocks: as for earlier_saves.
        own: as for earlier_saves.
    """
    ratios = earlier_saves(blocks, own)
    best = int(np.argmax(ratios))
    if own is None or ratios[best] < LEAST_RATIO:
        return None
    others = np.delete(ratios, range(max(0, best - 1), min(len(ratios), best + 2)))
    lead = ratios[best] - others.max()
    if lead < max(LEAST_RATIO_LEAD, LEAST_RATIO_LEAD_SHARE * ratios[best]) or OFFSETS[best] > -LEAST_BELOW:
        return None
    if _n_distinct(blocks) < max(LEAST_DISTINCT, LEAST_DISTINCT_SHARE * len(blocks)):
        return None
    return estimate_quality(own)[0] + int(OFFSETS[best])


def _n_distinct(blocks: NDArray[np.uint8]) -> int:
    """Number of different blocks among (N, 8, 8)."""
    return len(set(map(bytes, blocks.reshape(len(blocks), 64))))


@cache
def _fine_tables() -> LatticeTables:
    """Tables of every quality of QUALITIES; made on first use, because that takes a fifth of a second."""
    return LatticeTables(np.stack([ijg_table(int(quality)) for quality in QUALITIES]))
