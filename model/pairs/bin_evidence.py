"""Whether a JPEG was quantised from the parent: if so, the parent's coefficients lie within half a step of the JPEG's."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import count_distances

Coefficients = NDArray[np.float32]

CLIPPED = 2.5  # levels from a multiple of the step; beyond, pixels of the block were clipped at 0 or 255
_BINS_PER_STEP = 40
_N_CLASSES = round(1.5 * _BINS_PER_STEP) + 1
_RADII = np.hypot(*np.mgrid[:8, :8]).ravel()
_THIRDS = np.digitize(_RADII, (2.9, 5.4)).astype(np.int64)
LEAST_ACTIVE = 40


@dataclass(frozen=True)
class BinEvidence:
    """How the parent's coefficients lie in the bins of the child's quantisation; NaN where there are too few.

    Distances are from the middle of the bin, in steps, over the child's AC coefficients that are not zero.

    Attributes:
        n_active: number of these coefficients.
        within_05 to within_120: share at most 0.05 to 1.2 steps away; a bin reaches to 0.5.
        median, rms: of the distances, which rms clips at 0.5. Uniform distances give 0.25 and 0.29.
        zero_violated: share of the child's zeros where the parent is more than 0.55 steps away.
        exact: share of the parent's coefficients that quantise to the child's, where at least one of both is not 0.
        rms_low, rms_middle, rms_high, within_low, within_middle, within_high: rms, and share within 0.55, by frequency.
        kept: share of the blocks that were not clipped.
    """

    n_active: float
    within_05: float
    within_10: float
    within_20: float
    within_30: float
    within_40: float
    within_50: float
    within_60: float
    within_80: float
    within_120: float
    median: float
    rms: float
    zero_violated: float
    exact: float
    rms_low: float
    rms_middle: float
    rms_high: float
    within_low: float
    within_middle: float
    within_high: float
    kept: float


NO_BINS = BinEvidence(0.0, *[float("nan")] * (len(fields(BinEvidence)) - 1))


class QuantisedChild:
    """A JPEG's coefficients as multiples of its steps.

    Args:
        child: (64, N) coefficients of the stored pixels, less 128.
        table: (8, 8) steps in natural order.
    """

    def __init__(self, child: Coefficients, table: NDArray[np.uint16]) -> None:
        steps = table.reshape(64, 1).astype(np.float32)
        multiples = child / steps
        np.rint(multiples, out=multiples)
        away = multiples * steps
        np.subtract(child, away, out=away)
        sound = np.abs(away, out=away).max(axis=0) <= CLIPPED
        self._steps, self._sound = steps, sound
        self._all_sound = bool(sound.all())
        self._multiples = multiples if self._all_sound else np.ascontiguousarray(multiples[:, sound])
        self.kept = float(sound.mean()) if len(sound) else 0.0
        self._n_active = np.array([0, *(np.count_nonzero(row) for row in self._multiples[1:] != 0)])
        self.n_active = int(self._n_active.sum())

    def noise_levels(self, within_50: float) -> float:
        """Standard deviation in levels of the noise between a supposed parent and the encoder's input.

        Noise of deviation s pushes a share of 0.8 s / step of evenly spread coefficients over the edges of their bins. The
        parent itself shows only the differences between decoders; a sibling of the highest quality shows 0.4 levels or more.

        Args:
            within_50: of BinEvidence.
        """
        if not self.n_active:
            return float("nan")
        mean = float(self._n_active @ (1 / self._steps[:, 0].astype(float))) / self.n_active
        return 1.25 * (1 - within_50) / mean

    def compare(self, parent: Coefficients) -> BinEvidence:
        """How the parent's coefficients, (64, N), lie in the child's bins."""
        if self.n_active < LEAST_ACTIVE:
            return NO_BINS
        counts, squares, others = np.zeros((3, _N_CLASSES), np.int64), np.zeros(3), np.zeros(4, np.int64)
        sound = parent if self._all_sound else np.ascontiguousarray(parent[:, self._sound])
        count_distances(sound, self._multiples, self._steps[:, 0], _THIRDS, _BINS_PER_STEP, counts, squares, others)
        shares = np.cumsum(counts.sum(axis=0)) / max(1, int(counts.sum()))
        within = [_share(shares, bound) for bound in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.2)]
        n_third = counts.sum(axis=1).astype(float)
        enough = np.where(n_third >= LEAST_ACTIVE / 4, n_third, np.nan)
        rms = np.sqrt(squares / enough)
        near = counts[:, : round(0.55 * _BINS_PER_STEP)].sum(axis=1) / enough
        n_zero, n_violated, n_either, n_exact = (int(number) for number in others)
        numbers = [
            float(self.n_active), *within, float(np.searchsorted(shares, 0.5) + 0.5) / _BINS_PER_STEP,
            float(np.sqrt(squares.sum() / max(1.0, n_third.sum()))), n_violated / max(1, n_zero), n_exact / max(1, n_either),
            *(float(one) for one in rms), *(float(one) for one in near), self.kept,
        ]  # fmt: skip
        return BinEvidence(*numbers)


def _share(shares: NDArray[np.float64], bound: float) -> float:
    last = min(round(bound * _BINS_PER_STEP), len(shares)) - 1
    return float(shares[last])
