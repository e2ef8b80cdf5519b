"""Snaps a placement to whole pixels and exact frames: only there quantisation can be followed."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.placement import Placement, whole_frame
from genloss.model.pairs.refinement import Levels
from genloss.model.pairs.resampling import Window, resample
from genloss.model.pairs.sampling import median_of

NEAR_PX, NEARER_PX = 3.0, 0.4  # how far the estimate may be from a frame or shift, and from edges on whole pixels
ALLOWED_RISE = 1.02  # of the residual


def snap(source: NDArray, target: NDArray, placement: Placement, window: Window) -> Placement:
    """The first exact placement that explains the target as well as the estimate does, else the estimate.

    Args:
        source: (H, W), before its turn.
        target: (H, W).
        placement: the estimate.
        window: the part of the target to compare.
    """
    levels = Levels(target[window.slices].astype(np.float32))
    limit = 0.0
    least: float | None = None
    for candidate, reach_px in _exact(placement):
        if np.abs(candidate.corners - placement.corners).max() > reach_px * max(1.0, placement.scale_y, placement.scale_x):
            continue
        if least is None:
            residual = _residual(source, placement, window, levels)
            limit = 4 * median_of(residual[::4, ::4]) + 2
            least = float(np.minimum(residual, np.float32(limit), out=residual).mean())
        residual = _residual(source, candidate, window, levels)
        if float(np.minimum(residual, np.float32(limit), out=residual).mean()) <= ALLOWED_RISE * least + 1e-3:
            return candidate
    return placement


def _residual(source: NDArray, placement: Placement, window: Window, levels: Levels) -> NDArray[np.float32]:
    """(h, w) absolute differences in levels."""
    return np.asarray(cv2.absdiff(levels.pixels, levels.fit(resample(source, placement, window))), np.float32)


def _exact(placement: Placement) -> Iterator[tuple[Placement, float]]:
    """Exact placements near an estimate, the simplest first, and how far each may be from it in coarser pixels."""
    down, across = _rounded_shift(placement)
    yield replace(placement, scale_y=1.0, scale_x=1.0, shift_y_px=down, shift_x_px=across), NEAR_PX
    yield whole_frame(placement.source, placement.target, placement.turn), NEAR_PX
    back = placement.inverse
    yield _from_edges(back, np.rint(back.corners)).inverse, NEARER_PX
    yield _from_edges(placement, np.rint(placement.corners)), NEARER_PX


def _rounded_shift(placement: Placement) -> tuple[float, float]:
    """Whole shifts, down and across, that keep the middle of the overlap where it is."""
    top, left, bottom, right = placement.covered
    middle_y, middle_x = (top + bottom) / 2, (left + right) / 2
    source_y = (middle_y - placement.shift_y_px) / placement.scale_y
    source_x = (middle_x - placement.shift_x_px) / placement.scale_x
    return float(round(middle_y - source_y)), float(round(middle_x - source_x))


def _from_edges(placement: Placement, edges: NDArray[np.float64]) -> Placement:
    height, width = placement.turned
    top, left, bottom, right = (float(edge) for edge in edges)
    return replace(
        placement,
        scale_y=max(bottom - top, 1.0) / height,
        scale_x=max(right - left, 1.0) / width,
        shift_y_px=top,
        shift_x_px=left,
    )
