"""Edits between parent and child in words, as far as their comparison shows them."""

import math

from genloss.model.images.facts import Facts
from genloss.model.pairs.comparison import Comparison
from genloss.model.pairs.derivation import Derivation
from genloss.model.pairs.placement import Placement

TURNS = (
    "", "turned 90° left", "turned 180°", "turned 90° right", "mirrored", "mirrored and turned 90° left", "flipped upside down",
    "mirrored and turned 90° right",
)  # fmt: skip
LEAST_CUT, LEAST_SCALE = 0.005, 0.004
LETTERING = "lettering or a logo added"
# At these bounds at most one in a thousand unedited children is called edited. Dither, coarse steps and shrinking
# move levels and weaken colours, too, but they also lose what is coherent with the parent.
LEAST_SHIFT, LEAST_SHIFT_COHERENCE = 3.0, 0.98
LEAST_SLOPE, LEAST_SLOPE_COHERENCE = 0.08, 0.995
LEAST_GAIN, LEAST_CHROMA_COHERENCE = 0.2, 0.95
LEAST_SHARPENING, LEAST_SHARP_COHERENCE = 0.2, 0.8
# Lettering changes few blocks much and the others little; coarse steps and blur change all of them.
LEAST_REPLACED, MOST_REPLACED = 0.003, 0.4
LEAST_PEAKED, MOST_ELSEWHERE, LEAST_DETAIL_COHERENCE = 25.0, 2.5, 0.6
_TONE = ("brighter", "darker", "more contrast", "less contrast", "more saturated", "less saturated", "black and white")


def describe_changes(comparison: Comparison, facts: Facts, parent: Facts | None = None) -> tuple[str, ...]:
    """Words such as "cropped to 81 %", "shrunk to 50 %", "more saturated", "saved as JPEG 75".

    Args:
        comparison: of the parent and the child, in this order.
        facts: of the child.
        parent: facts of the parent, if known.

    Returns:
        Geometry first, then edits, then how the child was saved.
    """
    found = _geometry(comparison.registration.placement)
    if parent is not None and parent.transparent and not facts.transparent:
        found.append("transparency removed")
    if comparison.forwards is not None:
        found += _edits(comparison.forwards)
    return (*found, _saved(facts))


def is_edit(change: str) -> bool:
    """Whether a change is an edit, made to look different on purpose."""
    return change in _TONE or change in ("sharpened", LETTERING)


def _geometry(placement: Placement) -> list[str]:
    found = []
    if placement.turn:
        found.append(TURNS[placement.turn])
    kept = placement.inverse.coverage
    if kept < 1 - LEAST_CUT:
        found.append(f"cropped to {100 * kept:.0f} %")
    if placement.coverage < 1 - LEAST_CUT:
        found.append("shows more around it")
    scale = math.sqrt(placement.scale_y * placement.scale_x)
    if abs(math.log(scale)) > LEAST_SCALE:
        found.append(f"{'shrunk' if scale < 1 else 'enlarged'} to {100 * scale:.0f} %")
    return found


def _edits(derivation: Derivation) -> list[str]:
    tone, chroma, bands = derivation.tone, derivation.chroma, derivation.bands
    few_colours = derivation.palette.log_colours >= 0  # a palette moves whole areas; NaN for others
    found = []
    if abs(tone.shift) > LEAST_SHIFT and bands.coherence[0] > LEAST_SHIFT_COHERENCE and not few_colours:
        found.append("brighter" if tone.shift > 0 else "darker")
    if abs(tone.slope) > LEAST_SLOPE and bands.coherence[0] > LEAST_SLOPE_COHERENCE:
        found.append("more contrast" if tone.slope > 0 else "less contrast")
    if chroma.energy < -4 and chroma.gain < 0.1:
        found.append("black and white")
    elif chroma.coherence > LEAST_CHROMA_COHERENCE and abs(chroma.gain - 1) > LEAST_GAIN:
        found.append("more saturated" if chroma.gain > 1 else "less saturated")
    if not few_colours and _is_lettered(derivation):
        found.append(LETTERING)
    if sum(bands.gain[1:4]) / 3 > 1 + LEAST_SHARPENING and min(bands.coherence[1:4]) > LEAST_SHARP_COHERENCE:
        found.append("sharpened")
    return found


def _is_lettered(derivation: Derivation) -> bool:
    fit = derivation.filter
    return (
        LEAST_REPLACED < derivation.replaced < MOST_REPLACED
        and fit.kurtosis > LEAST_PEAKED
        and fit.median < MOST_ELSEWHERE
        and derivation.bands.coherence[2] > LEAST_DETAIL_COHERENCE
    )


def _saved(facts: Facts) -> str:
    name = facts.image_format.upper() if facts.image_format != "webp" else "WebP"
    if facts.jpeg_quality is not None:
        return f"saved as JPEG {facts.jpeg_quality}" + (f", {facts.sampling}" if facts.sampling else "")
    return f"saved as {name}" + (" without loss" if facts.lossless and facts.image_format in ("webp", "avif") else "")
