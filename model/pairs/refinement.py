"""Refines a placement by Gauss-Newton steps on the pixels; robust against lettering and edits of tone."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import add_normal_equations
from genloss.model.pairs.placement import Placement
from genloss.model.pairs.planes import LumaViews, Plane, band_pass, correlation
from genloss.model.pairs.resampling import BICUBIC, Kernel, Window, resample
from genloss.model.pairs.sampling import median_of

STILL_PX = 0.003  # largest move of a corner that ends the iteration
_LEAST_SPREAD = 0.5  # levels


@dataclass(frozen=True)
class Candidate:
    """A placement and how well the band passes correlate there, in [-1, 1]."""

    placement: Placement
    likeness: float


class Levels:
    """The target of a fit; the mean is computed once for all placements.

    Args:
        pixels: (h, w) a window of the target.
    """

    def __init__(self, pixels: Plane) -> None:
        self.pixels = pixels
        self._mean = float(pixels.mean())
        self._centred = pixels - self._mean

    def gain_and_bias(self, template: Plane) -> tuple[float, float]:
        """Gain and bias that bring a template, (h, w), nearest to the pixels."""
        mean = float(template.mean())
        centred = template - mean
        product = centred * self._centred
        variance = float(np.multiply(centred, centred, out=centred).mean())
        gain = float(product.mean()) / variance if variance > 1e-3 else 1.0
        gain = min(max(gain, 0.2), 5.0)
        return gain, self._mean - gain * mean

    def fit(self, template: Plane) -> Plane:
        """The template with that gain and bias."""
        gain, bias = self.gain_and_bias(template)
        found: Plane = np.float32(gain) * template
        found += np.float32(bias)
        return found


def refine_on_thumbnails(first: LumaViews, second: LumaViews, start: Placement) -> Candidate:
    """The placement nearest to a rough one that lays the thumbnails on each other best.

    Args:
        first, second: source and target.
        start: of the full-size versions; off by some thumbnail pixels at most.
    """
    source, target = first.thumbnail, second.thumbnail
    small = _rescaled(start, source.shape, target.shape)
    for one, other, n_steps in ((first.blurred_thumbnail, second.blurred_thumbnail, 6), (source, target, 4)):
        small = refine(one, other, small, whole_window(other.shape), n_steps, STILL_PX * 2)
    return Candidate(_rescaled(small, first.size, second.size), _likeness(source, target, small))


def look_at_thumbnails(first: LumaViews, second: LumaViews, placement: Placement) -> Candidate:
    """The placement with the likeness of the thumbnails under it."""
    small = _rescaled(placement, first.thumbnail.shape, second.thumbnail.shape)
    return Candidate(placement, _likeness(first.thumbnail, second.thumbnail, small))


def _likeness(source: Plane, target: Plane, placement: Placement) -> float:
    window = covered_window(placement)
    if window is None:
        return 0.0
    return correlation(band_pass(resample(source, placement, window)), band_pass(target[window.slices]))


def refine(
    source: NDArray, target: NDArray, start: Placement, window: Window, most_steps: int, still_px: float = STILL_PX,
    kernel: Kernel = BICUBIC,
) -> Placement:  # fmt: skip
    """Gauss-Newton steps of scale, shift, gain and bias.

    Args:
        source: (H, W), before its turn.
        target: (H, W).
        start: of the source on the target.
        window: of the target that is looked at.
        most_steps: upper limit; iteration ends earlier if no corner moves.
        still_px: largest move that counts as none, in target pixels.
    """
    placement = start
    levels = Levels(np.ascontiguousarray(target[window.slices], dtype=np.float32))
    for _ in range(most_steps):
        moved = gauss_newton_step(source, levels, placement, window, kernel)
        shift = float(np.abs(moved.corners - placement.corners).max())
        if not np.isfinite(shift) or shift > 0.5 * max(placement.target) or min(moved.scale_y, moved.scale_x) <= 0:
            break
        placement = moved
        if shift < still_px:
            break
    return placement


def gauss_newton_step(
    source: NDArray, levels: Levels, placement: Placement, window: Window, kernel: Kernel = BICUBIC
) -> Placement:
    """One step; returns the same placement if the pixels determine none.

    Args:
        levels: of the target inside the window.
    """
    template, pixels = resample(source, placement, window, kernel), levels.pixels
    gain, bias = levels.gain_and_bias(template)
    some = np.abs(pixels[::4, ::4] - (np.float32(gain) * template[::4, ::4] + np.float32(bias)))
    spread = 2 * (1.5 * median_of(some) + _LEAST_SPREAD)
    rows, columns = (
        ((start + np.arange(n) + 0.5 - shift) / scale).astype(np.float32)
        for start, n, shift, scale in (
            (window.top_px, window.height_px, placement.shift_y_px, placement.scale_y),
            (window.left_px, window.width_px, placement.shift_x_px, placement.scale_x),
        )
    )
    products, sides = np.zeros((6, 6)), np.zeros(6)
    add_normal_equations(template, pixels, rows, columns, gain, bias, spread, products, sides)
    scaling = np.sqrt(np.maximum(np.diag(products), 1e-12))
    try:
        step = np.linalg.solve(products / np.outer(scaling, scaling) + 1e-7 * np.eye(6), sides / scaling) / scaling
    except np.linalg.LinAlgError:
        return placement
    return replace(
        placement,
        scale_y=placement.scale_y + float(step[0]),
        scale_x=placement.scale_x + float(step[1]),
        shift_y_px=placement.shift_y_px + float(step[2]),
        shift_x_px=placement.shift_x_px + float(step[3]),
    )


def whole_window(shape: tuple[int, ...]) -> Window:
    """All of a plane."""
    return Window(0, 0, shape[0], shape[1])


def covered_window(placement: Placement, most_px: int | None = None, least_px: int = 8, grid_px: int = 1) -> Window | None:
    """The middle of the target's part that the source covers; None where that is too small.

    Args:
        most_px: longest side; None for no limit.
        least_px: shortest side.
        grid_px: first pixels and sides are multiples of this many pixels.
    """
    top, left, bottom, right = placement.covered
    sides = []
    for low, high in ((top, bottom), (left, right)):
        first, last = -(-int(np.ceil(low - 1e-6)) // grid_px) * grid_px, int(np.floor(high + 1e-6)) // grid_px * grid_px
        length = last - first
        if most_px is not None and length > most_px:
            first += (length - most_px) // 2 // grid_px * grid_px
            length = most_px
        sides.append((first, length))
    if min(length for _, length in sides) < least_px:
        return None
    return Window(sides[0][0], sides[1][0], sides[0][1], sides[1][1])


def _rescaled(placement: Placement, source: tuple[int, ...], target: tuple[int, ...]) -> Placement:
    """The same placement of versions of other sizes."""
    turned = source if placement.turn % 2 == 0 else source[::-1]
    height, width = placement.turned
    down, across = target[0] / placement.target[0], target[1] / placement.target[1]
    return replace(
        placement,
        source=(source[0], source[1]),
        target=(target[0], target[1]),
        scale_y=placement.scale_y * down * height / turned[0],
        scale_x=placement.scale_x * across * width / turned[1],
        shift_y_px=placement.shift_y_px * down,
        shift_x_px=placement.shift_x_px * across,
    )
