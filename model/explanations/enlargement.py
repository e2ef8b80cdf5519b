"""Whether a picture was enlarged, and by which factor. Interpolated pixels repeat with a period that depends on the factor."""

import numpy as np
from numpy.typing import NDArray

LEAST_SIDE_PX = 96
TRANSFORM_PX = 8192  # the profiles are padded to this, which reads frequencies to 1/8192
LOWEST = 0.06  # cycles per pixel; slower changes are the subject
# Codecs have blocks of 4, 8 and 16 pixels, in a PNG that was a WebP as well: their period and its multiples are left out.
GRID_PX, GRID_WIDTH = 16, 2.5  # and so many pixels over the length of a line around each
# Calibrated on 3500 files of 50 sources with known histories (reasons_accuracy.py). Pictures never resampled stay below
# a peak of 8 over the median; with a drop of 1 in log2 power, blocks of a JPEG that was shrunk pass.
LEAST_PEAK = 14.0
LEAST_DROP = 1.2  # log2 power lost across the old Nyquist frequency
# Beyond them, the period is that of shrunk or enlarged blocks of a codec as often as not.
SMALLEST_FACTOR, LARGEST_FACTOR = 1.15, 4.2
# Height of the next period that is no multiple of the strongest, over it, in the better direction: in nineteen of twenty
# enlarged files below 0.43. Blocks of a codec that were enlarged, and factors of 5 and more, have many periods of about
# one height.
MOST_RIVAL, HARMONICS, HARMONIC_WIDTH = 0.6, 3, 4.0
MOST_OTHER_DROP = 0.8  # across the old Nyquist frequency of the factor that was left out
# Log2 power at a period of the subject over that of the frequencies beside it. A photograph of or through a mesh has 1.1 to
# 10 there, and all but one of 53 enlarged files less than 0.9.
MOST_SUBJECT = 1.0
_AGREEMENT = 0.003  # cycles per pixel between rows and columns
# Doubling: how far the even steps lie from the odd ones, in standard errors and over their spread among themselves, which
# blocks of a lossy WebP spread by a third of the distance and more.
LEAST_DEVIATIONS, LEAST_SPREADS, LEAST_DOUBLED_DROP = 4.0, 4.0, 1.0


def find_enlargement(luma: NDArray[np.uint8], has_own_blocks: bool) -> tuple[float, ...]:
    """The factors by which a picture may have been enlarged: none without a clear trace, else one or two.

    Interpolation gives the mean second difference along rows and columns a period. For a factor N its frequency is 1/N, folded
    below 1/2 (Gallagher, "Detection of linear and cubic interpolation in JPEG compressed images", 2005). Two factors fold onto
    one frequency. The power must also fall across the old Nyquist frequency of one of them, which tells enlarging from
    shrinking. Both directions must agree, and the picture itself must not have the period, as a mesh has. Doubling has no
    such period, because its two kinds of pixels mirror each other. But the step between two pixels made from one differs from
    the step to the next pixel.

    Args:
        luma: (H, W).
        has_own_blocks: whether the file's codec is lossy. Its blocks look like doubling, so doubling is not looked for.
    """
    if min(luma.shape) < LEAST_SIDE_PX:
        return ()
    planes = luma, np.ascontiguousarray(luma.T)
    across, down = (_peak(_profile(lines, 2)) for lines in planes)
    spectra = [_power(lines) for lines in planes]
    first, second = across[0], down[0]
    clear = min(across[1], down[1]) >= LEAST_PEAK and min(across[2], down[2]) <= MOST_RIVAL
    if clear and abs(first - second) <= _AGREEMENT:
        frequency = (first + second) / 2
        drops = {1 / one: min(_drop(power, 1 / one) for power in spectra) for one in (1 - frequency, frequency)}
        factors = tuple(factor for factor in drops if SMALLEST_FACTOR < factor < LARGEST_FACTOR)
        others = [drop for factor, drop in drops.items() if factor not in factors]
        drop, other = max((drops[factor] for factor in factors), default=0.0), max(others, default=0.0)
        if drop >= LEAST_DROP and other < MOST_OTHER_DROP and not _is_of_subject(spectra, frequency):
            return factors
    doubled = not has_own_blocks and all(_alternates(_profile(lines, 1)) for lines in planes)
    return (2.0,) if doubled and min(_drop(power, 2.0) for power in spectra) >= LEAST_DOUBLED_DROP else ()


def _profile(lines: NDArray[np.uint8], order: int) -> NDArray[np.float32]:
    """Log2 of the mean absolute difference of that order along lines of (L, W) pixels. (W - order,)"""
    differences = np.minimum(np.abs(np.diff(lines.astype(np.int16), n=order, axis=1)), 40)
    profile: NDArray[np.float32] = np.log2(differences.mean(axis=0, dtype=np.float32) + np.float32(0.1))
    return profile


def _peak(profile: NDArray[np.float32]) -> tuple[float, float, float]:
    """Frequency of the strongest period that is not a codec's, its height over the median, and its rival's over its own."""
    smooth = np.convolve(np.pad(profile, 8, mode="reflect"), np.full(17, 1 / 17), mode="valid")
    power = np.abs(np.fft.rfft((profile - smooth) * np.hanning(profile.size), TRANSFORM_PX))
    frequencies = np.arange(power.size) / TRANSFORM_PX
    # Just below 1/2 lies the second multiple of a period of about 4 pixels as well.
    width = GRID_WIDTH / profile.size
    allowed = (frequencies > LOWEST) & (frequencies < 0.5 - 2 * width)
    median = float(np.median(power[frequencies > LOWEST]))
    allowed &= np.abs(frequencies - np.round(frequencies * GRID_PX) / GRID_PX) > width
    best = int(np.argmax(np.where(allowed, power, 0.0)))
    for multiple in range(1, HARMONICS + 1):
        place = multiple * frequencies[best] % 1
        allowed &= np.abs(frequencies - min(place, 1 - place)) > HARMONIC_WIDTH / profile.size
    rival = float(np.where(allowed, power, 0.0).max() / (power[best] + 1e-6))
    return float(frequencies[best]), float(power[best]) / (median + 1e-6), rival


def _alternates(profile: NDArray[np.float32]) -> bool:
    """Whether every second step is larger, or every second smaller, in all places of blocks of eight."""
    excess = profile[1:-1] - (profile[:-2] + profile[2:]) / 2
    by_place = excess[: excess.size // 8 * 8].reshape(-1, 8)
    means = by_place.mean(axis=0)
    error = by_place.std(axis=0).max() / np.sqrt(len(by_place)) + 1e-3
    even, odd = means[::2], means[1::2]
    distance = max(even.min() - odd.max(), odd.min() - even.max())
    spread = max(np.ptp(even), np.ptp(odd), 1e-3)
    return bool(distance >= LEAST_DEVIATIONS * error and distance >= LEAST_SPREADS * spread)


def _power(lines: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean log2 power per frequency from 0 to the Nyquist frequency."""
    length = min(256, 1 << (lines.shape[1].bit_length() - 1))
    segments = lines[:, : lines.shape[1] // length * length].reshape(-1, length).astype(np.float32)
    segments -= segments.mean(axis=1, keepdims=True)
    transformed = np.fft.rfft(segments * np.hanning(length).astype(np.float32), axis=1)[:, 1:]
    power: NDArray[np.float64] = np.log2((np.abs(transformed) ** 2).mean(axis=0, dtype=np.float64) / length + 1e-3)
    return power


def _is_of_subject(spectra: list[NDArray[np.float64]], frequency: float) -> bool:
    """Whether the picture itself repeats with the period of its second differences, or with twice that period.

    Interpolation repeats in the differences only: it removes the frequency itself.
    """
    periods = (frequency, frequency / 2, (1 - frequency) / 2)
    return max(_height(power, place) for power in spectra for place in periods) > MOST_SUBJECT


def _height(power: NDArray[np.float64], frequency: float) -> float:
    """Log2 power at a frequency over the larger of the medians on both sides; -inf at the ends of the spectrum."""
    place = round(2 * frequency * power.size) - 1
    if place < 6 or place > power.size - 2:
        return -np.inf
    below, above = power[max(0, place - 12) : place - 4], power[place + 5 : place + 13]
    beside = max(float(np.median(side)) for side in (below, above) if side.size)
    return float(power[place - 1 : place + 2].max()) - beside


def _drop(power: NDArray[np.float64], factor: float) -> float:
    """How far the power falls across the Nyquist frequency of the picture before it was enlarged."""
    place = power.size / factor
    below = power[int(0.70 * place) : int(0.90 * place)]
    above = power[int(1.10 * place) : max(int(1.10 * place) + 3, int(1.35 * place))]
    return float(below.mean() - above.mean()) if len(below) and len(above) else 0.0
