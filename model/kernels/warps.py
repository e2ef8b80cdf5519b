"""Inner loops that align one version with another: resampling, and normal equations."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import OutDouble1, OutDouble2, OutReal2, Real1, Real2, Whole1, f8, float32, float64, i8


@cython.ccall
def resample_lines(plane: Real2, first: Whole1, weights: Real2, found: OutReal2) -> None:
    """Weighted sums of rows of a plane.

    Args:
        plane: (H, W).
        first: (M,) first row of each sum; a row beyond the edge is replaced by the edge row.
        weights: (M, T) of the T rows from `first` on.
        found: (M, W), filled.
    """
    with cython.nogil:
        for i in range(first.shape[0]):
            for column in range(plane.shape[1]):
                found[i, column] = float32(0)
            for tap in range(weights.shape[1]):
                weight = weights[i, tap]
                if weight != 0:
                    row = min(max(first[i] + tap, 0), plane.shape[0] - 1)
                    for column in range(plane.shape[1]):
                        found[i, column] += weight * plane[row, column]


@cython.ccall
def add_normal_equations(
    template: Real2, target: Real2, rows: Real1, columns: Real1, gain: f8, bias: f8, spread: f8,
    products: OutDouble2, sides: OutDouble1,
) -> None:  # fmt: skip
    """Adds the normal equations of one Gauss-Newton step for scale, shift, gain and bias, with robust weights.

    Args:
        template: (H, W) the source in its present alignment.
        target: (H, W).
        rows, columns: (H,) and (W,) source coordinates of the pixel centres.
        gain, bias: present estimates in target = gain * template + bias.
        spread: residual at which the weight is one half.
        products: (6, 6) of zeros, filled: scale y, scale x, shift y, shift x, gain, bias.
        sides: (6,) of zeros, filled.
    """
    n = template.shape[1] - 2
    padded = (n + 63) // 64 * 64  # 64 products are summed side by side
    # Slopes down (not yet times row), across times column and across; level; 1. Then residual, weight, and working space.
    slopes: OutDouble2 = np.zeros((8, padded))
    sums = cython.declare(cython.double[25])
    ends = cython.declare(cython.double[5])
    with cython.nogil:
        for x in range(n):
            slopes[4, x] = 1.0
        for y in range(1, template.shape[0] - 1):
            _fill_slopes(template, target, y, columns, gain, bias, 1.0 / spread, slopes)
            for i in range(5):
                for x in range(padded):
                    slopes[7, x] = slopes[6, x] * slopes[i, x]
                ends[i] = _sum_products(slopes, 7, 5)
                for k in range(i + 1):
                    sums[5 * i + k] = _sum_products(slopes, 7, k)
                    sums[5 * k + i] = sums[5 * i + k]
            for i in range(6):
                factor = float64(rows[y]) if i == 0 else 1.0
                sides[i] += factor * ends[_slope_of(i)]
                for k in range(6):
                    by = float64(rows[y]) if k == 0 else 1.0
                    products[i, k] += factor * by * sums[5 * _slope_of(i) + _slope_of(k)]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _slope_of(unknown: i8) -> i8:
    """The row of `slopes`, 0 to 4, from which the slope of an unknown is made."""
    return 0 if unknown == 2 else min(unknown, 1) if unknown < 2 else unknown - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _fill_slopes(
    template: Real2, target: Real2, y: i8, columns: Real1, gain: f8, bias: f8, closeness: f8, slopes: OutDouble2
) -> cython.void:
    """Residuals of a line of pixels, their weights, and the slopes for the unknowns."""
    n, half = template.shape[1] - 2, -0.5 * gain
    for x in range(n):
        slopes[3, x] = float64(template[y, x + 1])
    for x in range(n):
        slopes[5, x] = float64(target[y, x + 1]) - (gain * float64(template[y, x + 1]) + bias)
    for x in range(n):
        slopes[6, x] = 1.0 / (1.0 + (slopes[5, x] * closeness) * (slopes[5, x] * closeness))
    for x in range(n):
        slopes[0, x] = half * (float64(template[y + 1, x + 1]) - float64(template[y - 1, x + 1]))
    for x in range(n):
        slopes[2, x] = half * (float64(template[y, x + 2]) - float64(template[y, x]))
    for x in range(n):
        slopes[1, x] = slopes[2, x] * float64(columns[x + 1])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _sum_products(lines: OutDouble2, one: i8, other: i8) -> f8:
    """Sum of the products of two rows of `lines`, whose length is a multiple of 64."""
    sums = cython.declare(cython.double[16])  # as many as fit a processor's registers
    total = 0.0
    for part in range(0, 64, 16):
        for k in range(16):
            sums[k] = 0.0
        for start in range(part, lines.shape[1], 64):
            for k in range(16):
                sums[k] += lines[one, start + k] * lines[other, start + k]
        for k in range(16):
            total += sums[k]
    return total
