"""Inner loops that lay one version on another: resampling, and the normal equations of alignment."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels import Real, Whole

_TOGETHER = 64  # products summed up side by side
# Of the six unknowns: which of the five slopes of a line of pixels theirs is made of.
_SLOPES = np.array([0, 1, 0, 2, 3, 4])


def resample_lines(plane: Real, first: Whole, weights: Real, found: Real) -> None:
    """Weighted sums of rows of a plane.

    Args:
        plane: (H, W).
        first: (M,) the first row that each sum takes; rows beyond the edge count as the edge row.
        weights: (M, T) of the rows from there on.
        found: (M, W), filled.
    """
    n_rows, n_columns = plane.shape
    for i in range(len(first)):
        into = found[i]
        for column in range(n_columns):
            into[column] = np.float32(0)
        for tap in range(weights.shape[1]):
            weight = weights[i, tap]
            if weight != 0:
                row = plane[min(max(first[i] + tap, 0), n_rows - 1)]
                for column in range(n_columns):
                    into[column] += weight * row[column]


def add_normal_equations(
    template: Real, target: Real, rows: Real, columns: Real, gain: float, bias: float, spread: float,
    products: NDArray[np.float64], sides: NDArray[np.float64],
) -> None:  # fmt: skip
    """One Gauss-Newton step of scale, shift, gain and bias between two planes, with robust weights.

    Args:
        template: (H, W) the source as it lies now.
        target: (H, W).
        rows, columns: (H,) and (W,) source coordinates of the pixel centres.
        gain, bias: target = gain * template + bias so far.
        spread: residuals of this size have half the weight.
        products: (6, 6) of zeros, filled: scale y, scale x, shift y, shift x, gain, bias.
        sides: (6,) of zeros, filled.
    """
    height, n = template.shape[0], template.shape[1] - 2
    closeness, half = 1.0 / spread, -0.5 * gain
    padded = (n + _TOGETHER - 1) // _TOGETHER * _TOGETHER
    slopes = np.zeros((5, padded))  # down, across times column, across, level, 1; down is to be multiplied by the row
    residual, weight, weighted, room = np.zeros(padded), np.zeros(padded), np.zeros(padded), np.zeros(_TOGETHER)
    slopes[4, :n] = 1.0
    down, far, across, level = slopes[0], slopes[1], slopes[2], slopes[3]
    sums, ends = np.zeros((5, 5)), np.zeros(5)
    for y in range(1, height - 1):
        above, own, below, wanted = template[y - 1], template[y], template[y + 1], target[y]
        for x in range(n):
            value = np.float64(own[x + 1])
            left = np.float64(wanted[x + 1]) - (gain * value + bias)
            level[x] = value
            residual[x] = left
            weight[x] = np.divide(1.0, 1.0 + (left * closeness) * (left * closeness))
        for x in range(n):
            down[x] = half * (np.float64(below[x + 1]) - np.float64(above[x + 1]))
            across[x] = half * (np.float64(own[x + 2]) - np.float64(own[x]))
        for x in range(n):
            far[x] = across[x] * np.float64(columns[x + 1])
        for i in range(5):
            slope = slopes[i]
            for x in range(n):
                weighted[x] = weight[x] * slope[x]
            ends[i] = _sum_products(weighted, residual, room)
            for k in range(i + 1):
                sums[i, k] = _sum_products(weighted, slopes[k], room)
                sums[k, i] = sums[i, k]
        for i in range(6):
            factor = np.float64(rows[y]) if i == 0 else 1.0
            sides[i] += factor * ends[_SLOPES[i]]
            for k in range(6):
                products[i, k] += factor * (np.float64(rows[y]) if k == 0 else 1.0) * sums[_SLOPES[i], _SLOPES[k]]


def _sum_products(one: NDArray[np.float64], other: NDArray[np.float64], sums: NDArray[np.float64]) -> float:
    """Of two lines of a whole number of groups; `sums` is room for one group."""
    sums[:] = 0.0
    for start in range(0, len(one), _TOGETHER):
        factor, by = one[start : start + _TOGETHER], other[start : start + _TOGETHER]
        for k in range(_TOGETHER):
            sums[k] += factor[k] * by[k]
    total = 0.0
    for k in range(_TOGETHER):
        total += sums[k]
    return total


SIGNATURES = {
    resample_lines: "void(f4[:,::1],i8[::1],f4[:,::1],f4[:,::1])",
    add_normal_equations: "void(f4[:,::1],f4[:,::1],f4[::1],f4[::1],f8,f8,f8,f8[:,::1],f8[::1])",
}
INNER = (_sum_products,)  # called by the others
