"""Proof that a version is another one scaled: a common kernel gives its pixels, and not the other way round."""

import numpy as np

from genloss.model.pairs.proof import Case, Proof, lies_in_bins
from genloss.model.pairs.scaling import middle_of
from genloss.model.percent import percent_of_all

SMALL_PX = 64
LEAST_LIKELY = 0.5  # pixels within one level by the evidence's kernel; below, nothing is tried
# Of the values: a sibling that was scaled a little more or less gives nearly the same pixels, but seldom the same.
LEAST_EQUAL, LEAST_EQUAL_SMALL = 0.9985, 0.97
LEAST_EQUAL_BY_OTHERS = 0.3  # by the likeliest kernel of either program; below, no other kernel is tried
MOST_BACKWARDS_EXPLAINED = 0.9


def prove_scaled(case: Case) -> Proof | None:
    """That the child is the parent scaled, and saved without loss."""
    placement, forwards = case.placement, case.forwards
    if placement.is_whole_shift or case.child.image.lossless is False or forwards.raw.within_one < LEAST_LIKELY:
        return None
    enlarged = case.is_enlarged
    if not enlarged and (max(placement.scale_y, placement.scale_x) >= 1 or _is_explained_backwards(case)):
        return None
    pixels = case.child.image.rgb
    small = middle_of(forwards.window, SMALL_PX)
    best = 0.0
    for number, way in enumerate(case.ways):
        looks = [way.fill(small)] if way.looks_roughly else list(way.look(small))
        found = max(float(np.mean(seen == pixels[small.slices])) for seen in looks)
        best = max(best, found)
        if found < LEAST_EQUAL_SMALL:
            if number == 1 and best < LEAST_EQUAL_BY_OTHERS:
                break
            continue
        equal = float(np.mean(way.fill(forwards.window) == pixels[forwards.window.slices]))
        if equal >= LEAST_EQUAL and not case.explains_parent(way):
            return Proof(
                "enlarged" if enlarged else "resampled", f"{case.placed(way)}{percent_of_all(equal)} of the values are equal"
            )
    return None


def _is_explained_backwards(case: Case) -> bool:
    backwards = case.backwards
    if backwards is None or max(backwards.raw.within_one, backwards.filter.within_one) >= MOST_BACKWARDS_EXPLAINED:
        return True
    return lies_in_bins(backwards)
