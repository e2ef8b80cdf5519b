"""Traces along rows or columns: block edges, resampling, spectra. `lines` are the rows, or the columns transposed."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.squares import spread
from genloss.model.kernels.compiled import add_power, add_steps, cut_windows
from genloss.model.measurements.quantiles import quantiles

Vector = NDArray[np.float32]

LINE_PIXELS = 1 << 18  # looked at in rows, and in columns
LEAST_LINES = 96
MAX_SEGMENTS = 512  # windows for spectra
SEGMENT_PX = 256  # their length
BANDS = 32
_EPSILON = 1e-3


def line_traces(luma: NDArray[np.uint8]) -> tuple[Vector, Vector, Vector]:
    """Traces along rows and along columns: steps by phase, (16,); resampling, (34,); spectrum, (66,)."""
    height, width = luma.shape
    rows = luma[spread(height, max(LEAST_LINES, LINE_PIXELS // width))]
    columns = np.ascontiguousarray(luma[:, spread(width, max(LEAST_LINES, LINE_PIXELS // height))].T)
    across, down = (_mean_steps(lines) for lines in (rows, columns))
    return (
        np.concatenate([phase_steps(across[0]), phase_steps(down[0])]).astype(np.float32),
        np.concatenate([resampling(across[1]), resampling(down[1])]),
        np.concatenate([spectrum(rows), spectrum(columns)]),
    )


def phase_steps(profile: Vector) -> NDArray[np.float64]:
    """Excess of the step after pixel p over its neighbours, by p mod 8, relative to the mean step; (8,).

    A JPEG leaves larger steps at the edges of its blocks: at phase 7, if the picture was never cropped.

    Args:
        profile: (W - 1,) mean steps between adjacent pixels.
    """
    excess = profile.copy()
    excess[1:-1] -= (profile[:-2] + profile[2:]) / 2
    excess[0] = excess[-1] = 0.0
    level = profile.mean() + 0.05
    by_phase = np.zeros((-(-excess.size // 8), 8))
    by_phase.reshape(-1)[: excess.size] = excess
    # A plane of 8 pixels has 7 steps and none between blocks.
    n_steps = np.maximum(1, (excess.size + 7 - np.arange(8)) // 8)
    return by_phase.sum(axis=0) / (n_steps * level)


def likeliest_grid(steps: Vector) -> tuple[int, int]:
    """(left, top) of the likeliest grid other than (0, 0), from the 16 steps by phase.

    A step between pixels p and p+1 with p mod 8 = k belongs to the grid with origin (k + 1) mod 8.
    """
    left, top = ((int(np.argmax(one)) + 1) % 8 for one in (steps[:8], steps[8:]))
    if (left, top) == (0, 0):
        left, top = (int(np.argmax(one[:7])) + 1 for one in (steps[:8], steps[8:]))
    return left, top


def resampling(second: Vector) -> Vector:
    """Periodicity of the second difference along lines, (17,): peak over median in 16 frequency bands, and place of the peak.

    Interpolated pixels depend on their neighbours with the period of the scaling factor (Popescu and
    Farid, "Exposing digital forgeries by detecting traces of resampling", 2005).

    Args:
        second: (W - 2,) mean second differences.
    """
    if second.size < 32:
        return np.zeros(17, np.float32)
    profile = np.log2(second + np.float32(0.1))
    mirrored = np.concatenate([profile[8:0:-1], profile, profile[-2:-10:-1]])
    smooth = np.convolve(mirrored, np.full(17, 1 / 17), mode="valid")
    power = np.abs(np.fft.rfft((profile - smooth) * _window(profile.size))) + _EPSILON
    power = power[power.size // 16 :]
    # Bands of as equal width as can be, the first ones wider by one.
    width, n_wider = divmod(power.size, 16)
    starts = np.arange(16) * width + np.minimum(np.arange(16), n_wider)
    bands = np.maximum.reduceat(power, starts)
    place = float(np.argmax(power)) / power.size
    return np.append(np.log2(bands / quantiles(np.sort(power), np.array([0.5]))), place).astype(np.float32)


def spectrum(lines: NDArray[np.uint8]) -> Vector:
    """Mean log2 power along lines in 32 bands from 0 to the Nyquist frequency, and the place of the fall-off; (33,).

    An enlarged picture has no power above the Nyquist frequency of the smaller picture that it came from.
    """
    length = min(SEGMENT_PX, 1 << (lines.shape[1].bit_length() - 1))
    n_segments = lines.shape[1] // length
    chosen = spread(len(lines), -(-MAX_SEGMENTS // n_segments))
    segments = np.empty((len(chosen) * n_segments, length), np.float32)
    cut_windows(lines, chosen, _window(length).astype(np.float32), segments)
    transformed = np.fft.rfft(segments, axis=1)
    power = np.zeros(length // 2)
    add_power(transformed.view(np.float32), power)
    power /= len(segments) * length
    mean = np.log2(power + _EPSILON)
    if mean.size >= 2 * BANDS:
        bands = mean.reshape(BANDS, -1).mean(axis=1)
    else:
        bands = np.interp((np.arange(BANDS) + 0.5) / BANDS, (np.arange(mean.size) + 0.5) / mean.size, mean)
    falling = bands[:-4] - bands[4:]
    return np.append(bands, np.argmax(falling[4:]) / BANDS).astype(np.float32)


def _mean_steps(lines: NDArray[np.uint8]) -> tuple[Vector, Vector]:
    """Mean |first difference| up to 32 and |second difference| up to 40 along lines, (L, W): (W - 1,) and (W - 2,)."""
    first, second = (np.zeros(lines.shape[1] - order, np.int32) for order in (1, 2))
    add_steps(lines, first, second)
    return first.astype(np.float32) / np.float32(len(lines)), second.astype(np.float32) / np.float32(len(lines))


@lru_cache(maxsize=64)
def _window(length: int) -> NDArray[np.float64]:
    return np.hanning(length)
