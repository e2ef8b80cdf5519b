"""Proofs without training that one version was made from another.

A proof holds if the parent explains the child down to rounding and the child does not explain the parent. Each rule states
a tolerance; benchmarks/accuracy/proofs.py counts proofs and wrong proofs.
"""

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.avif_proof import prove_avif
from genloss.model.pairs.colour_proof import prove_recoloured
from genloss.model.pairs.comparison import Comparison
from genloss.model.pairs.derivation import Derivation
from genloss.model.pairs.jpeg_proof import prove_quantised
from genloss.model.pairs.lossless_proof import prove_cut_in_blocks
from genloss.model.pairs.overwritten_proof import prove_overwritten
from genloss.model.pairs.palette_proof import prove_palette
from genloss.model.pairs.placement import turn_plane
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.proof import Case, Proof, Rule, lies_in_bins
from genloss.model.pairs.resampling import Window
from genloss.model.pairs.scaling_proof import prove_scaled
from genloss.model.pairs.webp_proof import prove_webp
from genloss.model.percent import percent_of_all

__all__ = ["Proof", "Rule", "prove", "prove_either"]

LEAST_EXPLAINED, MOST_BACKWARDS_EXPLAINED = 0.99, 0.9  # pixels within one level
# Blurring also averages the noise of a supposed parent that was made from the child. Its residual, looked at backwards, is
# then what forwards became smaller by the filter; a true parent has far more, and half of its pixels lose more than
# LEAST_LOST levels.
LEAST_NOISE_RATIO, LEAST_LOST = 4.0, 1.0
# A curve of tone merges levels. It also fits in the wrong direction, from a dithered copy to its source of few levels.
MOST_EMPTY_LEVELS = 0.5
MOST_KEPT_OF_PARENT = 0.99
STRIP_PX, LEAST_TEXTURE, MOST_STEP = 6, 3.0, 1.5


def prove_either(first: VersionPlanes, second: VersionPlanes, comparison: Comparison) -> tuple[Proof | None, Proof | None]:
    """The proof that the second version was made from the first, and the one for the other way round; at most one of them.

    Where each gives the other one by the steps of a rule, the rules do not say which came first, and nothing is proved.
    """
    made = prove(first, second, comparison)
    made_backwards = prove(second, first, comparison.swapped)
    return (None, None) if made and made_backwards else (made, made_backwards)


def prove(parent: VersionPlanes, child: VersionPlanes, comparison: Comparison) -> Proof | None:
    """The proof that `child`, second in the comparison, was made from `parent`, first in it; None without a proof."""
    if overwritten := prove_overwritten(parent, child):
        return overwritten
    forwards = comparison.forwards
    if forwards is None or not _covers(comparison):
        return None
    case = Case(parent, child, comparison, forwards)
    found = _cut_out(case) or prove_cut_in_blocks(case) or prove_quantised(case)
    found = found or prove_webp(case) or prove_scaled(case) or prove_palette(case) or prove_avif(case)
    if found is not None and not _shows_more_of_the_picture(case):
        return None
    return found or prove_recoloured(case) or _filtered(comparison, forwards, comparison.backwards)


def _covers(comparison: Comparison) -> bool:
    """Whether the parent shows all of the child, up to half a pixel at the edges."""
    placement = comparison.registration.placement
    top, left, bottom, right = placement.corners
    reach = max(placement.scale_y, placement.scale_x, 1.0) * 0.5
    return bool(
        top <= reach and left <= reach and bottom >= placement.target[0] - reach and right >= placement.target[1] - reach
    )


def _cut_out(case: Case) -> Proof | None:
    placement, pixels = case.placement, case.child.image.rgb
    if not placement.is_whole_shift or placement.inverse.coverage >= MOST_KEPT_OF_PARENT:
        return None
    way = case.ways[0]
    if not np.array_equal(way.fill(case.forwards.window), pixels[case.forwards.window.slices]):
        return None
    whole = way.fill(Window(0, 0, *case.child.size))
    return Proof("cut out", f"{case.placed(way)}every pixel equal") if np.array_equal(whole, pixels) else None


def _shows_more_of_the_picture(case: Case) -> bool:
    """Whether the parent is the whole picture or goes on beyond every edge: not so where a frame or page lies around it."""
    placement = case.placement
    if placement.inverse.coverage >= MOST_KEPT_OF_PARENT:
        return True
    luma = turn_plane(case.parent.luma, placement.turn)
    back = 1 / placement.scale_y, 1 / placement.scale_x
    top, left = max(0, round(-placement.shift_y_px * back[0])), max(0, round(-placement.shift_x_px * back[1]))
    height, width = (round(length * scale) for length, scale in zip(placement.target, back, strict=True))
    return _goes_on_outside(
        luma.astype(np.float32), top, left, min(height, luma.shape[0] - top), min(width, luma.shape[1] - left)
    )


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
    textured = False
    for outside, inside in strips:
        step = float(np.abs(outside[0] - inside[0]).mean())
        usual = float(np.abs(np.diff(inside[: STRIP_PX + 1], axis=0)).mean())
        if step > MOST_STEP * usual + 0.5:
            return False
        textured |= float(outside[0].std()) >= LEAST_TEXTURE
    return textured


def _filtered(comparison: Comparison, forwards: Derivation, backwards: Derivation | None) -> Proof | None:
    fit, tone = forwards.filter, forwards.tone
    if max(tone.empty_levels, tone.empty_levels_parent) > MOST_EMPTY_LEVELS:
        return None
    if not comparison.registration.placement.is_whole_shift or fit.within_one < LEAST_EXPLAINED or backwards is None:
        return None
    noise_gain = min(1.0, max(fit.centre, 0.2))
    if backwards.filter.within_one >= MOST_BACKWARDS_EXPLAINED or lies_in_bins(backwards):
        return None
    if backwards.filter.median < max(LEAST_LOST, LEAST_NOISE_RATIO * fit.mean / noise_gain):
        return None
    what = "sharpened" if fit.centre > 1.02 else "blurred" if fit.centre < 0.98 else "changed in tone"
    return Proof(
        "filtered",
        f"{what}: a curve of tone and a filter of 5 x 5 pixels explain {percent_of_all(fit.within_one)} of the pixels within "
        "one level",
    )
