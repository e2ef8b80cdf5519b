"""An earlier JPEG under the last save: on its own 8x8 grid, or on the same grid at a similar quality."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.jpeg_tables import estimate_quality, ijg_table
from genloss.model.measurements.blocks import sample_blocks
from genloss.model.measurements.double_compression import OFFSETS, earlier_saves
from genloss.model.measurements.lattice import LatticeTables, grid_histograms

QUALITIES = np.arange(20, 93)
# Calibrated on held-out originals: without an earlier JPEG the lead of the best grid stays below 0.13.
LEAST_GRID_LEAD = 0.2
# A lower quality whose steps are multiples of the best one's fits as well; it is the true one if it does.
NEARLY_AS_GOOD = 0.93
# Calibrated on training originals: of single saves 0.1 % reach both, and 98.6 % of the calls name the right quality.
LEAST_RATIO = 0.05
LEAST_RATIO_LEAD = 0.02  # over all qualities but the nearest


@dataclass(frozen=True)
class EarlierJpeg:
    """An earlier JPEG whose quantisation still shows in the pixels.

    Attributes:
        left_px, top_px: origin of its 8x8 grid in this picture, 0 to 7; not (0, 0) after a crop.
        quality: IJG quality of its luma table, about.
        lead: how much better this grid fits than the usual one, in [0, 1].
    """

    left_px: int
    top_px: int
    quality: int
    lead: float


def find_earlier_jpeg(image: DecodedImage) -> EarlierJpeg | None:
    """The earlier JPEG that shows most, None where none shows clearly.

    Coefficients of an earlier JPEG cluster at multiples of its quantisation steps on its own grid only;
    all 64 positions of the grid are tried. On a JPEG file's own grid only steps well above its own tell.
    """
    histograms = grid_histograms(image.luma, sample_blocks(image.luma))
    tables = _fine_tables()
    strengths = tables.strengths(histograms)
    if image.luma_table is not None:
        strengths[0] = tables.strengths(histograms[:, :1], image.luma_table)[0]
    best = strengths.max(axis=1)
    grid = int(np.argmax(best))
    lead = float(best[grid] - np.median(best))
    if lead < LEAST_GRID_LEAD:
        return None
    fits = np.flatnonzero(strengths[grid] >= NEARLY_AS_GOOD * best[grid])
    return EarlierJpeg(grid % 8, grid // 8, int(QUALITIES[fits[0]]), lead)


def find_earlier_quality(blocks: NDArray[np.uint8], own: NDArray[np.uint16] | None) -> int | None:
    """IJG quality, about, of an earlier save on the same grid; None where none shows clearly.

    Args:
        blocks, own: as for earlier_saves.
    """
    ratios = earlier_saves(blocks, own)
    best = int(np.argmax(ratios))
    if own is None or ratios[best] < LEAST_RATIO:
        return None
    others = np.delete(ratios, range(max(0, best - 1), min(len(ratios), best + 2)))
    return estimate_quality(own)[0] + int(OFFSETS[best]) if ratios[best] - others.max() >= LEAST_RATIO_LEAD else None


@cache
def _fine_tables() -> LatticeTables:
    """Every quality of QUALITIES; made when first asked for, as that takes a fifth of a second."""
    return LatticeTables(np.stack([ijg_table(int(quality)) for quality in QUALITIES]))
