"""Whether a picture was enlarged, and how many times: interpolated pixels repeat with the period of the factor."""

import numpy as np
from numpy.typing import NDArray

LEAST_SIDE_PX = 96
TRANSFORM_PX = 8192  # the profiles are padded to this, which reads frequencies to 1/8192
LOWEST = 0.06  # cycles per pixel; slower changes are the subject
LEAST_PEAK = 13.0  # over the median; pictures never resampled stay below 8
LEAST_DROP = 1.0  # log2 power lost across the old Nyquist frequency
LARGEST_FACTOR = 6.0
_AGREEMENT = 0.008  # cycles per pixel between rows and columns


def find_enlargement(luma: NDArray[np.uint8], has_jpeg_grid: bool) -> tuple[float, ...]:
    """The factors by which a picture may have been enlarged: none where no trace of that stands out, else one or two.

    The mean second difference along rows and along columns has a period when pixels were interpolated: its
    frequency is 1/N, folded below 1/2, for a factor N (Gallagher, "Detection of linear and cubic interpolation
    in JPEG compressed images", 2005). Two factors fold onto one frequency; the power has to fall across the old
    Nyquist frequency of one of them, which tells enlarging from shrinking. Both directions have to agree.
    Doubling leaves no such period: its two kinds of pixels are each other's mirror image.

    Args:
        luma: (H, W).
        has_jpeg_grid: whether 8x8 blocks of a JPEG lie in it: their own period and its multiples are left out.
    """
    if min(luma.shape) < LEAST_SIDE_PX:
        return ()
    across, down = luma, np.ascontiguousarray(luma.T)
    (first, first_peak), (second, second_peak) = (_peak(lines, has_jpeg_grid) for lines in (across, down))
    if min(first_peak, second_peak) < LEAST_PEAK or abs(first - second) > _AGREEMENT:
        return ()
    frequency = (first + second) / 2
    factors = tuple(1 / one for one in (1 - frequency, frequency) if 1.05 < 1 / one < LARGEST_FACTOR)
    spectra = [_power(lines) for lines in (across, down)]
    drops = [min(_drop(power, factor) for power in spectra) for factor in factors]
    return factors if drops and max(drops) >= LEAST_DROP else ()


def _peak(lines: NDArray[np.uint8], has_jpeg_grid: bool) -> tuple[float, float]:
    """Frequency of the strongest period of the second difference, and its height over the median."""
    signed = lines.astype(np.int16)
    second = np.minimum(np.abs(signed[:, 2:] - 2 * signed[:, 1:-1] + signed[:, :-2]), 40)
    profile = np.log2(second.mean(axis=0, dtype=np.float32) + 0.1)
    smooth = np.convolve(np.pad(profile, 8, mode="reflect"), np.full(17, 1 / 17), mode="valid")
    power = np.abs(np.fft.rfft((profile - smooth) * np.hanning(profile.size), TRANSFORM_PX))
    frequencies = np.arange(power.size) / TRANSFORM_PX
    allowed = frequencies > LOWEST
    median = float(np.median(power[allowed]))
    if has_jpeg_grid:
        for multiple in (1, 2, 3, 4):
            allowed &= np.abs(frequencies - multiple / 8) > 2.5 / profile.size
    best = int(np.argmax(np.where(allowed, power, 0.0)))
    return float(frequencies[best]), float(power[best]) / (median + 1e-6)


def _power(lines: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean log2 power per frequency from 0 to the Nyquist frequency."""
    length = min(256, 1 << (lines.shape[1].bit_length() - 1))
    segments = lines[:, : lines.shape[1] // length * length].reshape(-1, length).astype(np.float32)
    segments -= segments.mean(axis=1, keepdims=True)
    transformed = np.fft.rfft(segments * np.hanning(length).astype(np.float32), axis=1)[:, 1:]
    power: NDArray[np.float64] = np.log2((np.abs(transformed) ** 2).mean(axis=0, dtype=np.float64) / length + 1e-3)
    return power


def _drop(power: NDArray[np.float64], factor: float) -> float:
    """How far the power falls across the Nyquist frequency of the picture before it was enlarged."""
    place = power.size / factor
    below = power[int(0.70 * place) : int(0.90 * place)]
    above = power[int(1.10 * place) : max(int(1.10 * place) + 3, int(1.35 * place))]
    return float(below.mean() - above.mean()) if len(below) and len(above) else 0.0
