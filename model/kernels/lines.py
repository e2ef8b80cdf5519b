"""Differences and spectra along lines of pixels. See model/kernels/__init__.py."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import (
        Bytes2,
        OutDouble1,
        OutInts1,
        OutReal2,
        OutShorts1,
        Real1,
        Real2,
        Whole1,
        float32,
        float64,
        int16,
        int32,
    )


@cython.ccall
def add_steps(lines: Bytes2, first: OutInts1, second: OutInts1) -> None:
    """Sums over lines of the differences along them: |first difference| clipped at 32, |second difference| clipped at 40.

    Args:
        lines: (L, W).
        first: (W - 1,) of zeros, filled.
        second: (W - 2,) of zeros, filled.
    """
    n = lines.shape[1]
    steps: OutShorts1 = np.empty(n - 1, np.int16)
    with cython.nogil:
        for i in range(lines.shape[0]):
            for x in range(n - 1):
                steps[x] = int16(lines[i, x + 1]) - int16(lines[i, x])
            for x in range(n - 1):
                first[x] += min(abs(int32(steps[x])), 32)
            for x in range(n - 2):
                second[x] += min(abs(int32(steps[x + 1]) - int32(steps[x])), 40)


@cython.ccall
def cut_windows(lines: Bytes2, chosen: Whole1, window: Real1, segments: OutReal2) -> None:
    """Segments of lines, each less its mean and times a window.

    Args:
        lines: (L, W).
        chosen: (C,) numbers of the lines.
        window: (S,).
        segments: (C * n, S) with n = W // S, filled.
    """
    length = window.shape[0]
    n = lines.shape[1] // length
    with cython.nogil:
        for i in range(chosen.shape[0]):
            for j in range(n):
                total = int32(0)
                for x in range(length):
                    total += int32(lines[chosen[i], j * length + x])
                mean = float32(total) / float32(length)
                for x in range(length):
                    segments[i * n + j, x] = (float32(lines[chosen[i], j * length + x]) - mean) * window[x]


@cython.ccall
def add_power(transformed: Real2, power: OutDouble1) -> None:
    """Power spectrum: sums of the squared magnitudes of Fourier coefficients over segments, without the constant.

    Args:
        transformed: (N, 2 F + 2), real and imaginary parts by turns, the constant first.
        power: (F,) of zeros, filled.
    """
    with cython.nogil:
        for i in range(transformed.shape[0]):
            for f in range(power.shape[0]):
                real, imaginary = transformed[i, 2 * f + 2], transformed[i, 2 * f + 3]
                power[f] += float64(real * real + imaginary * imaginary)
