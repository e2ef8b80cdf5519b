"""Further ways to remove noise, so that no single program's smoothing is learned; with OpenCV and NumPy, nothing random."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.datagen.blocks_of_shifts import mean_of_shifts
from genloss.datagen.recipe import Step
from genloss.datagen.whole_levels import as_bytes, ycc_to_rgb

Bytes = NDArray[np.uint8]
Plane = NDArray[np.float32]

_N_SHIFTS = 16
_LOG_WEIGHT = np.log(0.25)  # at a difference of `strength` levels, as video programs set it


def shrink(rgb: Bytes, step: Step) -> Bytes:
    """Wiener shrinkage of the coefficients of shifted 8x8 transforms (Yaroslavsky, 1996), the core of many denoisers."""
    variance = np.float32(step["sigma"] ** 2)

    def weaken(coefficients: Plane) -> Plane:
        energy = coefficients * coefficients
        weakened: Plane = coefficients * np.maximum(energy - variance, 0) / np.maximum(energy, np.float32(1e-6))
        weakened[..., 0, 0] = coefficients[..., 0, 0]
        return weakened

    return mean_of_shifts(rgb, _N_SHIFTS, weaken)


def recursive(rgb: Bytes, step: Step) -> Bytes:
    """A low-pass along rows, then along columns, each pixel drawn to its smoothed predecessor where the two are alike.

    This is how players and encoders smooth a frame of a video.
    """
    exponent = np.float32(_LOG_WEIGHT / np.log(1 - step["strength"] / 255))
    found = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    for axis in (1, 0):
        lines = np.moveaxis(found, axis, 0)
        for before, line in pairwise(lines):
            difference = before - line
            line += difference * (1 - np.abs(difference) / 255) ** exponent
    return ycc_to_rgb(found)


def variation(rgb: Bytes, step: Step) -> Bytes:
    """Least total variation of the luma (Chambolle, 2004): flat areas become flat, edges stay."""
    ycc = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    luma, weight = ycc[..., 0], np.float32(step["weight"])
    down, across = np.zeros_like(luma), np.zeros_like(luma)
    for _ in range(step["rounds"]):
        smooth = luma - weight * _divergence(down, across)
        slope_down, slope_across = np.zeros_like(luma), np.zeros_like(luma)
        slope_down[:-1], slope_across[:, :-1] = np.diff(smooth, axis=0), np.diff(smooth, axis=1)
        step_size = 1 / (4 * weight)
        length = 1 + step_size * cv2.magnitude(slope_down, slope_across)
        down, across = (down - step_size * slope_down) / length, (across - step_size * slope_across) / length
    ycc[..., 0] = luma - weight * _divergence(down, across)
    return ycc_to_rgb(ycc)


def guided(rgb: Bytes, step: Step) -> Bytes:
    """The guided filter (He, Sun and Tang, 2010) with the luma as guide, as programs for photographs smooth skin and skies."""
    size = (2 * step["radius_px"] + 1,) * 2
    guide = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean = cv2.blur(guide, size)
    variance = cv2.blur(guide * guide, size) - mean * mean
    channels = []
    for channel in cv2.split(rgb.astype(np.float32)):
        level = cv2.blur(channel, size)
        slope = (cv2.blur(guide * channel, size) - mean * level) / (variance + np.float32(step["levels"] ** 2))
        channels.append(cv2.blur(slope, size) * guide + cv2.blur(level - slope * mean, size))
    return as_bytes(np.dstack(channels))


def _divergence(down: Plane, across: Plane) -> Plane:
    found = down + across
    found[1:] -= down[:-1]
    found[:, 1:] -= across[:, :-1]
    return found
