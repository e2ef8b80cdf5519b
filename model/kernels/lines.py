"""Differences and spectra along lines of pixels. See model/kernels/__init__.py."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels import Bytes, Real, Whole


def add_steps(lines: Bytes, first: NDArray[np.int32], second: NDArray[np.int32]) -> None:
    """Sums over lines of |first difference| up to 32 and of |second difference| up to 40 along them.

    Args:
        lines: (L, W).
        first: (W - 1,) of zeros, filled.
        second: (W - 2,) of zeros, filled.
    """
    n = lines.shape[1]
    steps = np.empty(n - 1, np.int16)
    for i in range(len(lines)):
        line = lines[i]
        for x in range(n - 1):
            steps[x] = np.int16(line[x + 1]) - np.int16(line[x])
        for x in range(n - 1):
            first[x] += np.int32(min(abs(steps[x]), np.int16(32)))
        for x in range(n - 2):
            second[x] += np.int32(min(abs(np.int16(steps[x + 1] - steps[x])), np.int16(40)))


def cut_windows(lines: Bytes, chosen: Whole, window: Real, segments: Real) -> None:
    """Segments of lines less their means, times a window.

    Args:
        lines: (L, W).
        chosen: (C,) lines.
        window: (S,).
        segments: (C * n, S) with n = W // S, filled.
    """
    n, length = lines.shape[1] // len(window), len(window)
    for i in range(len(chosen)):
        for j in range(n):
            line = lines[chosen[i], j * length : (j + 1) * length]
            total = np.int32(0)
            for x in range(length):
                total += np.int32(line[x])
            mean = np.float32(total) / np.float32(length)
            segment = segments[i * n + j]
            for x in range(length):
                segment[x] = (np.float32(line[x]) - mean) * window[x]


def add_power(transformed: Real, power: NDArray[np.float64]) -> None:
    """Sums of the squares of complex numbers over segments, without the first of each.

    Args:
        transformed: (N, 2 F + 2), real and imaginary parts by turns.
        power: (F,) of zeros, filled.
    """
    for i in range(len(transformed)):
        one = transformed[i]
        for f in range(len(power)):
            real, imaginary = one[2 * f + 2], one[2 * f + 3]
            power[f] += np.float64(real * real + imaginary * imaginary)


SIGNATURES = {
    add_steps: "void(u1[:,::1],i4[::1],i4[::1])",
    cut_windows: "void(u1[:,::1],i8[::1],f4[::1],f4[:,::1])",
    add_power: "void(f4[:,::1],f8[::1])",
}
