"""Quantisation lattices: DCT coefficients near multiples of the quantisation steps of an earlier JPEG.

An earlier JPEG leaves this trace in a file of any format, on its own 8x8 grid only. All measures here work on histograms of
coefficients, so that many tables and all 64 grid positions cost little more than one.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_tables import CHROMA_TABLE, ijg_table
from genloss.model.kernels.compiled import count_coefficients, count_on_grids
from genloss.model.measurements.blocks import BlockSample
from genloss.model.measurements.dct import DCT_BASIS, FREQUENCY

LATTICE_QUALITIES = (10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 85, 90, 93, 95)
CHROMA_LATTICE_QUALITIES = (20, 40, 50, 60, 70, 75, 80, 85, 90, 95)
N_GRIDS = 64
GRID_PATCHES = 128  # places at which all 64 grids are looked at
PATCH_PX = 15  # holds one block of each of the 64 grids
LIVELY = 48  # least block entropy of such a place: flat ones have no coefficients to show
# The low AC frequencies, which survive quantisation often enough to show its lattice.
LOW = np.argsort(FREQUENCY, kind="stable")[1:21]
# In steps of 2^-13 every product with a pixel value and every sum of 64 of them is exact in 32 bits: the same on any
# processor, in whatever order it adds.
_WEIGHTS = np.ascontiguousarray((np.round(DCT_BASIS[:, LOW] * 8192) / 8192).T.reshape(-1, 8, 8)[:, :4, :4], np.float32)
_WEIGHTS = _WEIGHTS.reshape(-1, 16)
_ODD_ROW, _ODD_COLUMN = (np.ascontiguousarray(one % 2) for one in np.divmod(LOW, 8))
# A coefficient below half a step says nothing of the step: it is zero on any lattice.
HALF_STEP = 0.501
LEAST_STEP = 2.5  # smaller steps drown in the rounding of pixels
OWN_FACTOR = 3.0  # on a file's own grid only steps of this many times its own tell of another save
_PRIOR = 20.0  # counts added below the fraction: a few coefficients are no evidence
_N_BINS = 256


def _bin_edges() -> NDArray[np.float64]:
    """Lower edges of the histogram's bins of |coefficient|, and the last upper one; width grows with the value.

    Shifted by 1/16 so that no multiple of 1/8 lies on an edge: the coefficients of drawings hit those
    exactly, and the last bit of a sum, which differs between processors, must not move them.
    """
    widths = np.repeat([0.25, 0.5, 1.0, 2.0], _N_BINS // 4)
    return np.concatenate([[0.0], np.cumsum(widths) - 0.0625])


_EDGES = _bin_edges()
# Quarter steps of |coefficient| to bins; everything above goes into the last one, which no table counts.
_BIN_OF_QUARTER = (np.searchsorted(_EDGES[:-1], (np.arange(1024) + 0.25) / 4, side="right") - 1).astype(np.uint8)


_VALUES = _EDGES[:-1, None] + np.diff(_EDGES)[:, None] * np.linspace(0.05, 0.95, 10)
_MEANS = _VALUES.mean(axis=1)


@lru_cache(maxsize=128)
def _bins_of_step(step: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of each bin: the mean of cos(2 pi c / step) over it, and whether its coefficients tell anything of the step. (256,)"""
    cosine, counted = np.zeros((2, _N_BINS), np.float32)
    first = int(np.searchsorted(_MEANS / step, HALF_STEP, side="right"))
    if step > LEAST_STEP and first < _N_BINS - 1:  # nothing is computed for bins that do not count
        angles = _VALUES[first:-1] / step
        angles *= 2 * np.pi
        cosine[first:-1], counted[first:-1] = np.cos(angles, out=angles).mean(axis=1), 1
    return cosine, counted


class LatticeTables:
    """Quantisation tables to compare coefficients with.

    Args:
        tables: (T, 8, 8) quantisation steps.
    """

    def __init__(self, tables: NDArray[np.int_]) -> None:
        self.steps = tables.reshape(len(tables), 64)[:, LOW].astype(np.float64)
        # Tables share most of their steps: each is looked at once.
        steps, place = np.unique(self.steps, return_inverse=True)
        place = place.reshape(self.steps.shape).T
        self._cosine, self._counted = (
            np.ascontiguousarray(np.stack(rows)[place].swapaxes(1, 2)) for rows in zip(*map(_bins_of_step, steps.tolist()))
        )

    def strengths(self, histograms: NDArray[np.uint16], own: NDArray[np.uint16] | None = None) -> NDArray[np.float64]:
        """Mean of cos(2 pi c / q) over coefficients of at least q / 2, for each table; 1 if all lie on the lattice.

        Args:
            histograms: (20, G, 256) from low_histograms.
            own: (8, 8) table the pixels were last saved with; only steps of three times its own count.

        Returns:
            (G, T) float64 in [-1, 1].
        """
        return self.mean_cosines(*self.sums(histograms), own)

    def sums(self, histograms: NDArray[np.uint16]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Sums of cosines, and coefficients that count, per frequency; (20, G, T) each, for mean_cosines."""
        # One small product per frequency, which a BLAS library never shares out among threads.
        counts = histograms.astype(np.float32)
        return np.matmul(counts, self._cosine), np.matmul(counts, self._counted)

    def mean_cosines(
        self, cosine: NDArray[np.float32], counted: NDArray[np.float32], own: NDArray[np.uint16] | None = None
    ) -> NDArray[np.float64]:
        """What `strengths` gives, of `sums` that were taken once for several tables the pixels may have been saved with."""
        if own is not None:
            allowed = (self.steps >= OWN_FACTOR * own.reshape(64)[LOW]).T.astype(np.float32)[:, None, :]
            cosine, counted = cosine * allowed, counted * allowed
        strengths: NDArray[np.float64] = cosine.sum(axis=0, dtype=np.float64) / (counted.sum(axis=0, dtype=np.float64) + _PRIOR)
        return strengths


LUMA_TABLES = LatticeTables(np.stack([ijg_table(quality) for quality in LATTICE_QUALITIES]))
CHROMA_TABLES = LatticeTables(np.stack([ijg_table(quality, CHROMA_TABLE) for quality in CHROMA_LATTICE_QUALITIES]))


def low_histograms(coefficients: Sequence[NDArray[np.float32]]) -> NDArray[np.uint16]:
    """Histograms of |coefficient| for each low frequency.

    Args:
        coefficients: G arrays (64, N), one for each grid.

    Returns:
        (20, G, 256) counts.
    """
    counts = np.zeros((len(coefficients), len(LOW), _N_BINS), np.uint16)
    for one, into in zip(coefficients, counts, strict=True):
        count_coefficients(one, LOW, _BIN_OF_QUARTER, into)
    return counts.swapaxes(0, 1)


def grid_histograms(luma: NDArray[np.uint8], sample: BlockSample) -> NDArray[np.uint16]:
    """Histograms on all 64 grids, (20, 64, 256), each from the same places; grid (left, top) has the index 8 top + left."""
    inside = (sample.top_px + PATCH_PX <= luma.shape[0]) & (sample.left_px + PATCH_PX <= luma.shape[1])
    lively = np.flatnonzero(sample.entropy >= LIVELY)
    if len(lively) < GRID_PATCHES // 4:
        lively = np.arange(len(sample.entropy))
    chosen = lively[np.linspace(0, len(lively) - 1, min(GRID_PATCHES, len(lively))).astype(int)]
    chosen = chosen[inside[chosen]]
    counts = np.zeros((len(LOW), N_GRIDS, _N_BINS), np.uint16)
    places = sample.top_px[chosen], sample.left_px[chosen]
    count_on_grids(luma, *places, _WEIGHTS, _ODD_ROW, _ODD_COLUMN, _BIN_OF_QUARTER, counts)
    return counts


def luma_lattices(
    luma: NDArray[np.uint8], sample: BlockSample, coefficients: NDArray[np.float32], own: NDArray[np.uint16] | None
) -> tuple[NDArray[np.float64], tuple[int, int] | None]:
    """Lattices of the usual grid, of another save on the usual grid, and of the best of the 63 shifted grids.

    Args:
        coefficients: (64, N), of the blocks on the usual grid.
        own: the file's own quantisation table; None if it is no JPEG.

    Returns:
        (3 * 17 + 10,) values; and (left, top) of the best shifted grid if it clearly stands out, else None.
    """
    sums = LUMA_TABLES.sums(low_histograms([coefficients]))
    aligned, again = LUMA_TABLES.mean_cosines(*sums)[0], LUMA_TABLES.mean_cosines(*sums, own)[0]
    grids = LUMA_TABLES.strengths(grid_histograms(luma, sample))
    shifted = grids[1:].max(axis=1)
    best = int(np.argmax(shifted)) + 1
    ordered = np.sort(shifted)
    usual = float(ordered[len(ordered) // 2])
    lead = float(shifted[best - 1]) - usual
    # Each save on a grid of its own stands out by itself.
    strongest = ordered[:-7:-1] - usual
    search = [*strongest, usual, float(grids[0].max()), float(best % 8 == 0), float(best // 8 == 0)]
    values = np.concatenate([_with_best(aligned), _with_best(again), _with_best(grids[best]), search])
    return values, (best % 8, best // 8) if lead > 0.1 else None


def chroma_lattices(full: Sequence[NDArray[np.float32]], halved: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Strengths for ten chroma tables, at full and at half size; (2 * 10,).

    Args:
        full: (64, N) coefficients of each chroma plane.
        halved: likewise for the chroma planes at half size.
    """
    return np.concatenate([CHROMA_TABLES.strengths(low_histograms(one)).mean(axis=0) for one in (full, halved)])


def _with_best(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Strengths, the best one's quality and its lead over the mean. (17,)"""
    best = int(np.argmax(strengths))
    return np.concatenate([strengths, [LATTICE_QUALITIES[best] / 100, strengths[best] - strengths.mean()]])
