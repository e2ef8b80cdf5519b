"""Traces along rows or columns: block edges, resampling, spectra; `lines` are rows, or columns turned."""

import numpy as np
from numpy.typing import NDArray

from model.blocks import spread

Vector = NDArray[np.float32]

LINE_PIXELS = 1 << 18  # looked at in rows, and in columns
LEAST_LINES = 96
MAX_SEGMENTS = 512  # windows for spectra
SEGMENT_PX = 256  # their length
BANDS = 32
_EPSILON = 1e-3
_LINES_SUMMED = 32767 // 40


def line_traces(luma: NDArray[np.uint8]) -> tuple[Vector, Vector, Vector]:
    """Traces along rows and along columns: steps by phase, resampling, spectrum. (16,), (34,), (66,)"""
    height, width = luma.shape
    rows = luma[spread(height, max(LEAST_LINES, LINE_PIXELS // width))]
    columns = np.ascontiguousarray(luma[:, spread(width, max(LEAST_LINES, LINE_PIXELS // height))].T)
    across, down = (_differences(lines) for lines in (rows, columns))
    return (
        np.concatenate([phase_steps(across), phase_steps(down)]).astype(np.float32),
        np.concatenate([resampling(across), resampling(down)]),
        np.concatenate([spectrum(rows), spectrum(columns)]),
    )


def phase_steps(differences: NDArray[np.int16]) -> NDArray[np.float64]:
    """How much larger the step after pixel p is than its neighbours, by p mod 8, over the mean step. (8,)

    A JPEG leaves larger steps where its blocks meet: phase 7 when never cropped.

    Args:
        differences: (L, W - 1) of adjacent pixels.
    """
    steps = np.abs(differences)
    profile = _column_means(np.clip(steps, 0, 32, out=steps))
    excess = profile.copy()
    excess[1:-1] -= (profile[:-2] + profile[2:]) / 2
    excess[0] = excess[-1] = 0.0
    level = profile.mean() + 0.05
    # A plane of 8 pixels has 7 steps and none between blocks.
    return np.array([excess[phase::8].mean() / level if excess.size > phase else 0.0 for phase in range(8)])


def likeliest_grid(steps: Vector) -> tuple[int, int]:
    """(left, top) of the likeliest grid other than (0, 0), from the 16 steps by phase.

    A step between pixels p and p+1 with p mod 8 = k belongs to the grid with origin (k + 1) mod 8.
    """
    left, top = ((int(np.argmax(one)) + 1) % 8 for one in (steps[:8], steps[8:]))
    if (left, top) == (0, 0):
        left, top = (int(np.argmax(one[:7])) + 1 for one in (steps[:8], steps[8:]))
    return left, top


def resampling(differences: NDArray[np.int16]) -> Vector:
    """Periodicity of the second difference along lines: peak over median in 16 frequency bands, its place. (17,)

    Interpolated pixels depend on their neighbours with the period of the scaling factor (Popescu and
    Farid, "Exposing digital forgeries by detecting traces of resampling", 2005).
    """
    if differences.shape[1] < 33:
        return np.zeros(17, np.float32)
    second = differences[:, 1:] - differences[:, :-1]
    np.abs(second, out=second)
    profile = np.log2(_column_means(np.clip(second, 0, 40, out=second)) + np.float32(0.1))
    smooth = np.convolve(np.pad(profile, 8, mode="reflect"), np.full(17, 1 / 17), mode="valid")
    power = np.abs(np.fft.rfft((profile - smooth) * np.hanning(profile.size))) + _EPSILON
    power = power[power.size // 16 :]
    bands = np.array([band.max(initial=_EPSILON) for band in np.array_split(power, 16)])
    place = float(np.argmax(power)) / power.size
    return np.append(np.log2(bands / np.median(power)), place).astype(np.float32)


def spectrum(lines: NDArray[np.uint8]) -> Vector:
    """Mean log2 power along lines in 32 bands from 0 to the Nyquist frequency, and where it falls off. (33,)

    An enlarged picture has nothing above the Nyquist frequency of the smaller one it came from.
    """
    length = min(SEGMENT_PX, 1 << (lines.shape[1].bit_length() - 1))
    n_segments = lines.shape[1] // length
    chosen = lines[spread(len(lines), -(-MAX_SEGMENTS // n_segments))]
    segments = chosen[:, : n_segments * length].reshape(-1, length).astype(np.float32)
    segments -= segments.mean(axis=1, keepdims=True)
    transformed = np.fft.rfft(segments * np.hanning(length).astype(np.float32), axis=1)[:, 1:]
    power = (transformed.real**2 + transformed.imag**2).mean(axis=0, dtype=np.float64) / length
    mean = np.log2(power + _EPSILON)
    bands = np.interp((np.arange(BANDS) + 0.5) / BANDS, (np.arange(mean.size) + 0.5) / mean.size, mean)
    if mean.size >= 2 * BANDS:
        bands = mean.reshape(BANDS, -1).mean(axis=1)
    falling = bands[:-4] - bands[4:]
    return np.append(bands, np.argmax(falling[4:]) / BANDS).astype(np.float32)


def _column_means(steps: NDArray[np.int16]) -> Vector:
    """Mean of each column of (L, W) values in [0, 40].

    Sums of small integers are exact in 16 bits for so many lines, and quicker than sums of real numbers. (As clip
    between two bounds is several times as quick as minimum with one.)
    """
    portions = (steps[start : start + _LINES_SUMMED] for start in range(0, len(steps), _LINES_SUMMED))
    total = sum(np.add.reduce(portion, axis=0, dtype=np.int16).astype(np.int32) for portion in portions)
    means: Vector = np.asarray(total).astype(np.float32) / np.float32(len(steps))
    return means


def _differences(lines: NDArray[np.uint8]) -> NDArray[np.int16]:
    signed = lines.astype(np.int16)
    return signed[:, 1:] - signed[:, :-1]
