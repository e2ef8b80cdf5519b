"""What is left of the child when the parent is blurred or sharpened as well as a 5x5 filter can do it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import add_filter_equations
from genloss.model.pairs.sampling import cut_blocks, spread_places

Plane = NDArray[np.float32]

SIDE = 5
N_PIXELS = 8_000
_RIDGE = 1e-4


@dataclass(frozen=True)
class FilterEvidence:
    """The filter that makes the child from the parent, and what it does not explain.

    Attributes:
        mean, median, ninetieth: of the absolute residual, in levels.
        within_one, within_rounding: share of residuals of at most 1 and 0.6 levels.
        centre, neighbours, negative, total: weights of the filter: the middle, the eight around it, the sum of the
            negative ones, the sum of all.
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


def measure_filter(toned: Plane, child: NDArray[np.uint8]) -> tuple[FilterEvidence, Plane]:
    """The evidence, and the parent after the filter.

    Args:
        toned: (h, w) the parent as it lies on the child, with the child's tone; h and w at least 16.
        child: (h, w).
    """
    values = child.astype(np.float32)
    weights, constant = _fit(toned, values)
    kernel = weights.reshape(SIDE, SIDE).astype(np.float32)
    fitted: Plane = cv2.filter2D(toned, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE) + np.float32(constant)
    residual = (values - fitted)[2:-2, 2:-2]
    size = np.abs(residual)
    median, ninetieth = (float(level) for level in np.percentile(size.ravel()[:: max(1, size.size // 40_000)], (50, 90)))
    squares = residual * residual
    variance = float(squares.mean()) + 0.0025
    flat, busy, outlying, noise = _by_activity(toned, np.abs(values - fitted), values - toned)
    around = np.delete(kernel[1:4, 1:4].ravel(), 4).sum()
    evidence = FilterEvidence(
        float(size.mean()), median, ninetieth, float(np.mean(size <= 1)), float(np.mean(size <= 0.6)), float(kernel[2, 2]),
        float(around), float(np.minimum(kernel, 0).sum()), float(kernel.sum()), flat, busy,
        float((squares * squares).mean()) / variance**2, outlying, noise,
    )  # fmt: skip
    return evidence, fitted


def _fit(toned: Plane, values: Plane) -> tuple[NDArray[np.float64], float]:
    """Weights and constant by least squares, once more without what did not fit."""
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
            chosen = (residual <= 4 * np.median(residual[::4]) + 1).astype(np.float32)
    weights = solution[:-1]
    return weights, float(solution[-1] + mean * (1 - weights.sum()))


def _by_activity(toned: Plane, residual: Plane, change: Plane) -> tuple[float, float, float, float]:
    """Mean residual in the flattest and the busiest quarter of the blocks, share of blocks that are far off, noise."""
    blocks, errors, changes = (cut_blocks(plane) for plane in (toned, residual, change))
    activity = blocks.var(axis=1)
    order = np.argsort(activity, kind="stable")
    quarter = max(1, len(order) // 4)
    noise = changes[order[:quarter]].std(axis=1)
    per_block = errors.mean(axis=1)
    outlying = float(np.mean(per_block > 4 * np.median(per_block) + 3))
    return (
        float(per_block[order[:quarter]].mean()),
        float(per_block[order[-quarter:]].mean()),
        outlying,
        float(np.median(noise)),
    )
