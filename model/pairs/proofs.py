"""What is proved without any training: one version was made from another, and how.

A proof holds where the parent explains the child down to its rounding and the child does not explain the parent. Each rule
states its tolerance; benchmarks/accuracy/proofs.py counts how often they hold, and how often they were wrong.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_encoding import reencode_luma
from genloss.model.images.jpeg_tables import estimate_quality
from genloss.model.images.resizing import is_pillow_kernel, resize
from genloss.model.pairs.comparison import Comparison
from genloss.model.pairs.derivation import Derivation
from genloss.model.pairs.placement import Placement, turn_plane
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.resampling import KERNELS, kernel_named, resample
from genloss.model.pairs.sampling import cut_blocks

Rule = Literal["quantised", "resampled", "filtered", "cut out"]

LEAST_ACTIVE = 300
# Distances from the middle of a bin: inside it, spread evenly over it, and not gathered in its middle, as they are where
# the supposed parent was itself made from the child.
LEAST_WITHIN, LEAST_RMS, MOST_WITHIN_20, MOST_WITHIN_40, MOST_ZEROS_VIOLATED = 0.99, 0.26, 0.5, 0.9, 0.003
LEAST_CHROMA_WITHIN = 0.75
# The parent through libjpeg with the child's steps gives the child's own blocks; a sibling of the highest quality, which
# differs from the parent by less than a level, gives other ones here and there.
LEAST_BLOCKS_EQUAL = 0.995
MOST_NOISE_LEVELS = 0.25
MOST_BACKWARDS_WITHIN = 0.93  # of the supposed parent's own coefficients in its own bins, from the child
LEAST_EXPLAINED, MOST_BACKWARDS_EXPLAINED = 0.99, 0.9  # pixels within one level
MOST_BACKWARDS_BINS = 0.97
# Shrinking and blurring also average the noise of a supposed parent that was made from the child. Its residual, looked at
# backwards, is then what forwards became smaller by the scale or the filter; a true parent has far more, and half of its
# pixels lose more than LEAST_LOST levels.
LEAST_NOISE_RATIO, LEAST_LOST, LEAST_LOST_PER_SCALE = 4.0, 1.0, 0.6
# A sibling that was shrunk less gives nearly the same pixels, but seldom the same value.
LEAST_EQUAL = 0.95
ROUNDING = 0.2  # mean difference of two programs that round in other places
MOST_KEPT_OF_PARENT = 0.99
ANTIALIASED = frozenset(kernel.name for kernel in KERNELS if kernel.antialiased)
STRIP_PX, LEAST_TEXTURE, MOST_STEP = 6, 3.0, 1.5


@dataclass(frozen=True)
class Proof:
    """That the child was made from the parent.

    Attributes:
        rule: which rule holds.
        sentence: what was found, with its numbers, to follow "it is the other file ...".
    """

    rule: Rule
    sentence: str


def prove(parent: VersionPlanes, child: VersionPlanes, comparison: Comparison) -> Proof | None:
    """The proof that `child`, the second version of the comparison, was made from `parent`, the first; None without one."""
    forwards, backwards = comparison.forwards, comparison.backwards
    if forwards is None or not _covers(comparison):
        return None
    return (
        _cut_out(parent, child, comparison)
        or _quantised(parent, child, comparison, forwards, backwards)
        or _resampled(parent, child, comparison, forwards, backwards)
        or _filtered(comparison, forwards, backwards)
    )


def _covers(comparison: Comparison) -> bool:
    """Whether the parent shows all of the child, but for a pixel's edge."""
    placement = comparison.registration.placement
    top, left, bottom, right = placement.corners
    reach = max(placement.scale_y, placement.scale_x, 1.0) * 0.5
    return bool(
        top <= reach and left <= reach and bottom >= placement.target[0] - reach and right >= placement.target[1] - reach
    )


def _quantised(
    parent: VersionPlanes, child: VersionPlanes, comparison: Comparison, forwards: Derivation, backwards: Derivation | None
) -> Proof | None:
    bins = forwards.bins
    if not child.is_jpeg or bins.n_active < LEAST_ACTIVE or backwards is None:
        return None
    inside = bins.within_60 >= LEAST_WITHIN and bins.zero_violated <= MOST_ZEROS_VIOLATED
    even = bins.rms >= LEAST_RMS and bins.within_20 <= MOST_WITHIN_20 and bins.within_40 <= MOST_WITHIN_40
    if not forwards.bin_noise_levels <= MOST_NOISE_LEVELS:
        return None
    chroma = forwards.chroma_bins.within_60
    if not inside or not even or (np.isfinite(chroma) and chroma < LEAST_CHROMA_WITHIN):
        return None
    if parent.is_jpeg and backwards.bins.n_active >= LEAST_ACTIVE:
        if backwards.bins.within_60 >= MOST_BACKWARDS_WITHIN:
            return None
    elif backwards.raw.equal >= MOST_BACKWARDS_EXPLAINED or backwards.filter.within_one >= MOST_BACKWARDS_EXPLAINED:
        return None
    table = child.image.luma_table
    assert table is not None
    equal = 0.0 if int(table.max()) > 255 else _blocks_equal(parent, child, comparison.registration.placement, forwards)
    if equal < LEAST_BLOCKS_EQUAL:
        return None
    return Proof(
        "quantised",
        f"saved as JPEG of quality {estimate_quality(table)[0]}: saving it again with these tables gives {100 * equal:.1f} % "
        f"of the blocks exactly, and {100 * bins.within_50:.1f} % of {bins.n_active:,.0f} coefficients lie within half a step",
    )


def _blocks_equal(parent: VersionPlanes, child: VersionPlanes, placement: Placement, forwards: Derivation) -> float:
    """Share of the child's 8x8 blocks that the parent gives when it is encoded with the child's steps."""
    table, window = child.image.luma_table, forwards.window
    assert table is not None
    lying = np.clip(np.rint(resample(parent.luma, placement, window, kernel_named(forwards.kernel))), 0, 255).astype(np.uint8)
    same = reencode_luma(lying, table) == child.stored_luma[window.slices]
    return float(cut_blocks(same).all(axis=1).mean())


def _resampled(
    parent: VersionPlanes, child: VersionPlanes, comparison: Comparison, forwards: Derivation, backwards: Derivation | None
) -> Proof | None:
    kernel, placement = forwards.kernel, comparison.registration.placement
    scale = max(placement.scale_y, placement.scale_x)
    # An enlargement is explained in both directions, and picking pixels of one gives back what it was made from.
    if kernel not in ANTIALIASED or scale >= 1 or forwards.raw.within_one < LEAST_EXPLAINED or backwards is None:
        return None
    explained = max(backwards.raw.within_one, backwards.filter.within_one)
    if explained >= MOST_BACKWARDS_EXPLAINED or _lies_in_bins(backwards):
        return None
    noise = max(LEAST_LOST_PER_SCALE, LEAST_NOISE_RATIO * (forwards.raw.mean - ROUNDING)) / scale
    if backwards.filter.median < max(LEAST_LOST, noise):
        return None
    equal = _share_equal(parent, child, placement, forwards)
    if equal < LEAST_EQUAL:
        return None
    height, width = placement.target
    return Proof(
        "resampled",
        f"scaled to {width} x {height} pixels by {kernel}: {100 * equal:.1f} % of the values are equal, "
        f"{100 * forwards.raw.within_one:.1f} % of the pixels agree within one level",
    )


def _share_equal(parent: VersionPlanes, child: VersionPlanes, placement: Placement, forwards: Derivation) -> float:
    """Share of the child's red, green and blue values that the kernel gives exactly, rounded at the end or as Pillow does."""
    window, name = forwards.window, str(forwards.kernel)
    kernel = kernel_named(name)
    pixels = child.image.rgb[window.slices]
    planes = [resample(parent.image.rgb[..., channel], placement, window, kernel) for channel in range(3)]
    exact = np.floor(np.clip(np.stack(planes, axis=-1), 0, 255) + 0.5).astype(np.uint8)
    share = float(np.mean(exact == pixels))
    if share < LEAST_EQUAL and placement.is_whole_frame and is_pillow_kernel(name):
        scaled = resize(turn_plane(parent.image.rgb, placement.turn), child.size, name)
        share = max(share, float(np.mean(scaled[window.slices] == pixels)))
    return share


def _filtered(comparison: Comparison, forwards: Derivation, backwards: Derivation | None) -> Proof | None:
    fit = forwards.filter
    if not comparison.registration.placement.is_whole_shift or fit.within_one < LEAST_EXPLAINED or backwards is None:
        return None
    noise_gain = min(1.0, max(fit.centre, 0.2))
    if backwards.filter.within_one >= MOST_BACKWARDS_EXPLAINED or _lies_in_bins(backwards):
        return None
    if backwards.filter.median < max(LEAST_LOST, LEAST_NOISE_RATIO * fit.mean / noise_gain):
        return None
    what = "sharpened" if fit.centre > 1.02 else "blurred" if fit.centre < 0.98 else "changed in tone"
    return Proof(
        "filtered",
        f"{what}: a curve of tone and a filter of 5 x 5 pixels explain {100 * fit.within_one:.1f} % of the pixels within "
        "one level",
    )


def _lies_in_bins(backwards: Derivation) -> bool:
    """Whether the supposed parent's coefficients are what a JPEG encoder makes of the child."""
    return backwards.bins.n_active >= LEAST_ACTIVE and backwards.bins.within_60 >= MOST_BACKWARDS_BINS


def _cut_out(parent: VersionPlanes, child: VersionPlanes, comparison: Comparison) -> Proof | None:
    placement = comparison.registration.placement
    if not placement.is_whole_shift or placement.inverse.coverage >= MOST_KEPT_OF_PARENT:
        return None
    pixels = turn_plane(parent.image.rgb, placement.turn)
    top, left = -round(placement.shift_y_px), -round(placement.shift_x_px)
    height, width = child.size
    if min(top, left) < 0 or top + height > pixels.shape[0] or left + width > pixels.shape[1]:
        return None
    if not np.array_equal(pixels[top : top + height, left : left + width], child.image.rgb):
        return None
    luma = turn_plane(parent.luma, placement.turn).astype(np.float32)
    if not _goes_on_outside(luma, top, left, height, width):
        return None
    turned = "turned and " if placement.turn else ""
    return Proof("cut out", f"{turned}cropped at ({left}, {top})-({left + width}, {top + height}), every pixel equal")


def _goes_on_outside(luma: NDArray[np.float32], top: int, left: int, height: int, width: int) -> bool:
    """Whether the picture goes on beyond every edge that was cut: not so where a frame, bars or a page lie around it."""
    bottom, right = top + height, left + width
    inner = luma[top:bottom, left:right]
    strips = []
    if top > 0:
        strips.append((luma[max(0, top - STRIP_PX) : top, left:right][::-1], inner))
    if bottom < luma.shape[0]:
        strips.append((luma[bottom : bottom + STRIP_PX, left:right], inner[::-1]))
    if left > 0:
        strips.append((luma[top:bottom, max(0, left - STRIP_PX) : left].T[::-1], inner.T))
    if right < luma.shape[1]:
        strips.append((luma[top:bottom, right : right + STRIP_PX].T, inner.T[::-1]))
    for outside, inside in strips:
        step = float(np.abs(outside[0] - inside[0]).mean())
        usual = float(np.abs(np.diff(inside[: STRIP_PX + 1], axis=0)).mean())
        if float(outside[0].std()) < LEAST_TEXTURE or step > MOST_STEP * usual + 0.5:
            return False
    return bool(strips)
