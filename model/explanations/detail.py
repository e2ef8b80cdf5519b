"""Missing fine detail: where the spectrum of a picture ends."""

import numpy as np
from numpy.typing import NDArray

SEGMENT_PX = 128
# Rounding to whole pixel values alone leaves this power in every frequency: log2(1/12).
ROUNDING_FLOOR = -3.585
ABOVE_FLOOR = 1.2  # powers up to this much above the floor count as empty
HIGHEST_CUT = 0.8  # of the Nyquist frequency; cameras and lenses themselves blur above it
# Mean log2 power of the highest fifth of the frequencies. After resampling only rounding is left there, below -2.95 in nine
# of ten pictures; a lossy codec of low quality leaves the edges of its blocks, at -2.7 and more.
MOST_LEFT = -2.9
# Share of the frequencies below the cut that hold detail. Enlarged and blurred pictures have detail at all of them; gradients,
# checks and other patterns, which have no detail to lose, have it at a few.
LEAST_FILLED = 0.9


def find_cut(luma: NDArray[np.uint8]) -> float | None:
    """The frequency above which the spectrum holds only rounding noise, as a share of Nyquist; None if detail goes to the end.

    Both directions must have such a frequency; the result is the higher one.
    """
    cuts, left, filled = [], [], []
    for plane in (luma, luma.T):
        if plane.shape[1] < SEGMENT_PX:
            return None
        lines = plane[:, : plane.shape[1] // SEGMENT_PX * SEGMENT_PX].reshape(-1, SEGMENT_PX).astype(np.float32)
        lines = lines[lines.max(axis=1) > lines.min(axis=1) + 8]  # flat areas have no detail in any version
        if len(lines) < 32:
            return None
        window = np.hanning(SEGMENT_PX).astype(np.float32)
        spectrum = np.fft.rfft((lines - lines.mean(axis=1, keepdims=True)) * window, axis=1)
        power = np.log2((np.abs(spectrum) ** 2).mean(axis=0)[1:] / (window**2).sum() + 1e-6)
        above = np.flatnonzero(power > ROUNDING_FLOOR + ABOVE_FLOOR)
        end = int(above[-1]) + 1 if above.size else 0
        cuts.append(end / power.size)
        filled.append(above.size / max(1, end))
        left.append(float(power[-power.size // 5 :].mean()))
    is_clear = max(cuts) <= HIGHEST_CUT and max(left) <= MOST_LEFT and min(filled) >= LEAST_FILLED
    return max(cuts) if is_clear else None
