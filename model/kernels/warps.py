"""Inner loops that lay one version on another: resampling lines, and the normal equations of alignment."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels import Real, Whole


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
    height, width = template.shape
    line = np.zeros((6, 6), np.float64)
    slopes = np.zeros(6, np.float64)
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            level = np.float64(template[y, x])
            residual = np.float64(target[y, x]) - (gain * level + bias)
            relative = residual / spread
            weight = 1.0 / (1.0 + relative * relative)
            down = gain * 0.5 * (np.float64(template[y + 1, x]) - np.float64(template[y - 1, x]))
            across = gain * 0.5 * (np.float64(template[y, x + 1]) - np.float64(template[y, x - 1]))
            slopes[0] = -down * rows[y]
            slopes[1] = -across * columns[x]
            slopes[2] = -down
            slopes[3] = -across
            slopes[4] = level
            slopes[5] = 1.0
            for i in range(6):
                weighted = weight * slopes[i]
                sides[i] += weighted * residual
                for k in range(i + 1):
                    line[i, k] += weighted * slopes[k]
    for i in range(6):
        for k in range(i + 1):
            products[i, k] = line[i, k]
            products[k, i] = line[i, k]


SIGNATURES = {
    resample_lines: "void(f4[:,::1],i8[::1],f4[:,::1],f4[:,::1])",
    add_normal_equations: "void(f4[:,::1],f4[:,::1],f4[::1],f4[::1],f8,f8,f8,f8[:,::1],f8[::1])",
}
