"""Residual of the child after the best 5x5 filter of the parent."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import add_filter_equations, measure_blocks
from genloss.model.pairs.sampling import median_of, quantiles_of, spread_places

Plane = NDArray[np.float32]

SIDE = 5
N_PIXELS = 8_000
_RIDGE = 1e-4


@dataclass(frozen=True)
class FilterEvidence:
    """The best filter from parent to child, and its residual.

    Attributes:
        mean, median, ninetieth: of the absolute residual, in levels.
        within_one, within_rounding: share of residuals of at most 1 and 0.6 levels.
        centre, neighbours, negative, total: the filter's middle weight, and sums of the eight weights around it, of the
            negative weights and of all weights.
        flat, busy: mean residual in the flattest and the busiest quarter of the 8x8 blocks.
        kurtosis: of the residual; high where few pixels changed much.
        outlying: share of the blocks whose residual is far above the usual one: lettering, logos.
        noise: standard deviation of the residual in the flattest quarter, without the filter.
    """

    mean: float
    median: float
    ninetieth: float
    within_one: float
    within_rounding: float
    centre: float
    neighbours: float
    negative: float
    total: float
    flat: float
    busy: float
    kurtosis: float
    outlying: float
    noise: float


def measure_filter(toned: Plane, child: NDArray[np.uint8]) -> tuple[FilterEvidence, Plane, NDArray[np.float32]]:
    """The evidence, the parent after the filter, and by how much the mean level of each 8x8 block changed, (N,).

    Args:
        toned: (h, w) the parent as it lies on the child, with the child's tone; h and w at least 16.
        child: (h, w).
    """
    values = child.astype(np.float32)
    weights, constant = _fit(toned, values)
    kernel = weights.reshape(SIDE, SIDE).astype(np.float32)
    fitted = np.asarray(cv2.filter2D(toned, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)
    fitted += np.float32(constant)
    size = np.asarray(cv2.absdiff(values[2:-2, 2:-2], fitted[2:-2, 2:-2]), np.float32)
    median, ninetieth = quantiles_of(size.ravel()[:: max(1, size.size // 40_000)], (0.5, 0.9))
    squares = size * size
    variance = float(squares.mean()) + 0.0025
    blocks = np.empty((4, (toned.shape[0] // 8) * (toned.shape[1] // 8)), np.float32)
    measure_blocks(toned, child, fitted, blocks)
    flat, busy, outlying, noise = _by_activity(*blocks[[0, 1, 3]])
    around = np.delete(kernel[1:4, 1:4].ravel(), 4).sum()
    evidence = FilterEvidence(
        float(size.mean()), median, ninetieth, _share(size <= 1), _share(size <= 0.6), float(kernel[2, 2]),
        float(around), float(np.minimum(kernel, 0).sum()), float(kernel.sum()), flat, busy,
        float(np.multiply(squares, squares, out=squares).mean()) / variance**2, outlying, noise,
    )  # fmt: skip
    return evidence, fitted, blocks[2]


def _share(chosen: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(chosen)) / chosen.size


def _fit(toned: Plane, values: Plane) -> tuple[NDArray[np.float64], float]:
    """Weights and constant by least squares, then once more without outliers."""
    height, width = toned.shape
    places = spread_places(N_PIXELS, (height - 4) * (width - 4))
    middle = (places // (width - 4) + 2) * width + places % (width - 4) + 2
    offsets = (np.arange(-2, 3)[:, None] * width + np.arange(-2, 3)).ravel()
    mean = float(toned.mean())
    flat = np.ascontiguousarray(toned).ravel()
    wanted = values.ravel()[middle] - np.float32(mean)
    chosen = np.ones(len(wanted), np.float32)
    size = SIDE * SIDE + 1
    solution = np.zeros(size)
    for last in (False, True):
        products, sides = np.zeros((size, size)), np.zeros(size)
        add_filter_equations(flat, middle, offsets, mean, wanted, chosen, products, sides)
        # The ridge holds the filter at "no change".
        start = np.zeros(size)
        start[SIDE * SIDE // 2] = 1
        ridge = _RIDGE * np.trace(products[:-1, :-1]) / (SIDE * SIDE) + 1e-3
        solution = start + np.linalg.solve(products + ridge * np.eye(size), sides - products @ start)
        if not last:
            fitted = cv2.filter2D(toned, cv2.CV_32F, solution[:-1].reshape(SIDE, SIDE).astype(np.float32))
            constant = np.float32(solution[-1] + mean * (1 - solution[:-1].sum()))
            residual = np.abs(values.ravel()[middle] - fitted.ravel()[middle] - constant)
            chosen = (residual <= 4 * np.float32(median_of(residual[::4])) + 1).astype(np.float32)
    weights = solution[:-1]
    return weights, float(solution[-1] + mean * (1 - weights.sum()))


def _by_activity(
    activity: NDArray[np.float32], residual: NDArray[np.float32], noise: NDArray[np.float32]
) -> tuple[float, float, float, float]:
    """Mean residual in the flattest and the busiest quarter of the blocks, share of blocks that are far off, noise.

    Args:
        activity, residual, noise: (N,) for each block: variance of the parent, mean absolute residual, and standard
            deviation of what changed.
    """
    order = np.argsort(activity, kind="stable")
    quarter = max(1, len(order) // 4)
    outlying = _share(residual > 4 * np.float32(median_of(residual)) + 3)
    flattest, busiest = order[:quarter], order[-quarter:]
    return float(residual[flattest].mean()), float(residual[busiest].mean()), outlying, median_of(noise[flattest])
