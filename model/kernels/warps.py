"""Inner loops that lay one version on another: resampling, the normal equations of alignment, distances from bins."""

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


def count_distances(
    parent: Real, multiples: Real, steps: Real, third: Whole, per_step: int, counts: Whole, squares: NDArray[np.float64],
    others: Whole,
) -> None:  # fmt: skip
    """How far a supposed parent's coefficients are from the middles of the child's bins.

    Args:
        parent: (64, N) coefficients.
        multiples: (64, N) of the steps, that the child has; whole numbers.
        steps: (64,) quantisation steps.
        third: (64,) third of the frequencies, 0 to 2.
        per_step: classes of distance for one step.
        counts: (3, C) of zeros, filled: coefficients by third and distance; the last class holds all that are farther.
        squares: (3,) of zeros, filled: sums of squared distances of at most half a step.
        others: (4,) of zeros, filled: zeros of the child; those with a distance above 0.55; coefficients where child or
            parent quantise to something else than zero; those where both are equal.
    """
    last = counts.shape[1] - 1
    for f in range(1, 64):
        inverse = np.float32(1) / steps[f]
        row, own = parent[f], multiples[f]
        group = third[f]
        total = 0.0
        for i in range(row.shape[0]):
            scaled = row[i] * inverse
            away = abs(scaled - own[i])
            nearest = np.rint(scaled)
            if own[i] != 0:
                place = min(np.int64(away * np.float32(per_step)), np.int64(last))
                counts[group, place] += 1
                near = min(away, np.float32(0.5))
                total += np.float64(near) * np.float64(near)
            else:
                others[0] += 1
                if away > np.float32(0.55):
                    others[1] += 1
            if own[i] != 0 or nearest != 0:
                others[2] += 1
                if nearest == own[i]:
                    others[3] += 1
        squares[group] += total


def add_filter_equations(
    plane: Real, middle: Whole, offsets: Whole, mean: float, wanted: Real, chosen: Real, products: NDArray[np.float64],
    sides: NDArray[np.float64],
) -> None:  # fmt: skip
    """The normal equations of the filter that makes wanted levels from the neighbourhoods of pixels.

    Args:
        plane: (H * W,) pixels.
        middle: (N,) places whose neighbourhoods lie inside.
        offsets: (K,) of the neighbours.
        mean: is taken off every pixel.
        wanted: (N,) levels.
        chosen: (N,) weights; pixels of weight zero are left out.
        products: (K + 1, K + 1) of zeros, filled; the last one is for a constant.
        sides: (K + 1,) of zeros, filled.
    """
    n = len(offsets) + 1
    columns = np.ones(n, np.float32)
    lines = np.zeros((n, n), np.float32)
    ends = np.zeros(n, np.float32)
    for start in range(0, len(middle), 512):
        lines[:] = np.float32(0)
        ends[:] = np.float32(0)
        for i in range(start, min(start + 512, len(middle))):
            if chosen[i] == 0:
                continue
            for k in range(n - 1):
                columns[k] = plane[middle[i] + offsets[k]] - np.float32(mean)
            for k in range(n):
                line, factor = lines[k], columns[k]
                for other in range(n):
                    line[other] += factor * columns[other]
                ends[k] += factor * wanted[i]
        for k in range(n):
            sides[k] += ends[k]
            for other in range(n):
                products[k, other] += lines[k, other]


SIGNATURES = {
    add_filter_equations: "void(f4[::1],i8[::1],i8[::1],f4,f4[::1],f4[::1],f8[:,::1],f8[::1])",
    count_distances: "void(f4[:,::1],f4[:,::1],f4[::1],i8[::1],i8,i8[:,::1],f8[::1],i8[::1])",
    resample_lines: "void(f4[:,::1],i8[::1],f4[:,::1],f4[:,::1])",
    add_normal_equations: "void(f4[:,::1],f4[:,::1],f4[::1],f4[::1],f8,f8,f8,f8[:,::1],f8[::1])",
}
