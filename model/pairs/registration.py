"""How one version lies on another: as it is, as a whole frame, shifted, or where local features agree.

The cheapest way that fits is taken, by a turn only if no simpler turn fits as well. A placement is refined on the coarser
version's grid and snapped to whole pixels if the pixels allow it. Two files without a plausible placement do not show the same
picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from genloss.model.pairs.candidates import by_features, shifted, shifted_as, whole_frames
from genloss.model.pairs.matching import Match, match_features
from genloss.model.pairs.placement import Placement, whole_frame
from genloss.model.pairs.planes import LumaViews, correlation
from genloss.model.pairs.poses import SIMPLEST_FIRST, lies_as_well, simpler_placements
from genloss.model.pairs.refinement import (
    Candidate,
    Levels,
    covered_window,
    gauss_newton_step,
    look_at_thumbnails,
    refine,
    refine_on_thumbnails,
    whole_window,
)
from genloss.model.pairs.snapping import snap

SAME_FRAME = 0.85  # likeness above which two versions of one size lie on each other as they are
STILL_PX = 0.25
GOOD_FRAME, GOOD_ENOUGH = 0.93, 0.9  # likeness of thumbnails above which no other way is tried
LIKELY_FRAME = 0.5  # likeness of squeezed squares below which a shift is tried first
REFINED_PX = 512  # side of the window that a placement is refined in
LEAST_LIKENESS = 0.45  # below, the two do not show the same picture
LIKELY_POSE = 0.25  # likeness of a simpler turn, before it is refined, below which the picture is not symmetric
MOST_ROUNDS = 3  # of refinement of a simpler turn
MOST_SCALE, MOST_SQUEEZE = 16.0, 1.7
LEAST_OVERLAP_PX = 16


@dataclass(frozen=True)
class Registration:
    """How the first version lies on the second.

    Attributes:
        placement: of the first on the second.
        likeness: correlation of their band passes where they overlap, in [-1, 1].
    """

    placement: Placement
    likeness: float

    @property
    def inverse(self) -> "Registration":
        """How the second version lies on the first."""
        return Registration(self.placement.inverse, self.likeness)


def register(first: LumaViews, second: LumaViews, match: Match = match_features) -> Registration | None:
    """Lays the first version on the second.

    Args:
        first, second: the versions.
        match: matches their features; a caller may pass a matcher with a memory.

    Returns:
        None if no plausible placement was found: different pictures, or too plain to tell.
    """
    if first.size == second.size and _lies_as_it_is(first, second):
        placement = whole_frame(first.size, second.size)
        return Registration(placement, correlation(first.middle[1], second.middle[1]))
    seen: list[Candidate] = []
    best: Candidate | None = None
    for candidate, good in _candidates(first, second, match):
        if not _is_plausible(candidate.placement):
            continue
        seen.append(candidate)
        if best is None or candidate.likeness > best.likeness:
            best = candidate
            if best.likeness > good:
                break
    if best is None or best.likeness < LEAST_LIKENESS:
        return None
    best = _simplest(first, second, best, seen)
    placement = _refined(first, second, best.placement)
    return Registration(placement, best.likeness) if _is_plausible(placement) else None


def _lies_as_it_is(first: LumaViews, second: LumaViews) -> bool:
    if correlation(first.middle[1], second.middle[1]) < SAME_FRAME:
        return False
    still = whole_frame(first.middle[0].shape[:2], second.middle[0].shape[:2])
    moved = gauss_newton_step(first.middle[0], Levels(second.middle[0]), still, whole_window(second.middle[0].shape))
    return bool(np.abs(moved.corners - still.corners).max() < STILL_PX)


def _candidates(first: LumaViews, second: LumaViews, match: Match) -> Iterator[tuple[Candidate, float]]:
    """Refined placements, the likeliest first, each with the likeness that ends the search."""
    frames = whole_frames(first, second)
    unlikely = not frames or frames[0][0] < LIKELY_FRAME
    if unlikely:
        yield from _shifts(first, second)
    for _, start in frames:
        yield refine_on_thumbnails(first, second, start), GOOD_FRAME
    if not unlikely:
        yield from _shifts(first, second)
    start_by_features = by_features(first, second, match)
    if start_by_features is not None:
        yield refine_on_thumbnails(first, second, start_by_features), GOOD_ENOUGH


def _shifts(first: LumaViews, second: LumaViews) -> Iterator[tuple[Candidate, float]]:
    """The likeliest shift, where one is possible."""
    shifts = [look_at_thumbnails(first, second, start) for start in shifted(first, second)]
    if shifts:
        likeliest = max(shifts, key=lambda candidate: candidate.likeness)
        yield refine_on_thumbnails(first, second, likeliest.placement), GOOD_ENOUGH


def _simplest(first: LumaViews, second: LumaViews, best: Candidate, seen: Sequence[Candidate]) -> Candidate:
    """The best candidate by the simplest turn that lies the two on each other as well as the best one."""
    simpler = simpler_placements(best.placement)
    for turn in SIMPLEST_FIRST[: SIMPLEST_FIRST.index(best.placement.turn)]:
        found = [candidate for candidate in seen if candidate.placement.turn == turn]
        starts = [placement for placement in simpler if placement.turn == turn]
        rough = [look_at_thumbnails(first, second, start) for start in starts]
        if any(abs(candidate.likeness) > LIKELY_POSE for candidate in rough):  # a pattern may be half a period off
            rough += [look_at_thumbnails(first, second, start) for start in shifted_as(first, second, starts[0])]
        for candidate in sorted(rough, key=lambda candidate: -candidate.likeness)[:2]:
            found += _refined_in_rounds(first, second, candidate)
        found = [candidate for candidate in found if _is_plausible(candidate.placement)]
        simple = max(found, key=lambda candidate: candidate.likeness, default=None)
        if simple is not None and lies_as_well(simple.likeness, best.likeness):
            return simple
    return best


def _refined_in_rounds(first: LumaViews, second: LumaViews, start: Candidate) -> list[Candidate]:
    """A placement that may be several pixels off, and refined ones; none if the picture is nothing like symmetric."""
    found = [start]
    if found[0].likeness < LIKELY_POSE:
        return []
    while len(found) <= MOST_ROUNDS:
        found.append(refine_on_thumbnails(first, second, found[-1].placement))
        if found[-1].likeness <= found[-2].likeness:
            break
    return found


def _refined(first: LumaViews, second: LumaViews, placement: Placement) -> Placement:
    """The placement refined and snapped on the coarser version's grid, at full resolution."""
    onto_first = placement.scale_y * placement.scale_x > 1
    source, target = (second, first) if onto_first else (first, second)
    way = placement.inverse if onto_first else placement
    window = covered_window(way, REFINED_PX, LEAST_OVERLAP_PX)
    if window is None:
        return placement
    refined = refine(source.stored_luma, target.stored_luma, way, window, 4)
    window = covered_window(refined, REFINED_PX, LEAST_OVERLAP_PX) or window
    snapped = snap(source.stored_luma, target.stored_luma, refined, window)
    return snapped.inverse if onto_first else snapped


def _is_plausible(placement: Placement) -> bool:
    """Whether scales and overlap are within the limits of common edits."""
    scales = placement.scale_y, placement.scale_x
    if not all(1 / MOST_SCALE < scale < MOST_SCALE for scale in scales):
        return False
    if not 1 / MOST_SQUEEZE < scales[0] / scales[1] < MOST_SQUEEZE:
        return False
    return covered_window(placement, None, LEAST_OVERLAP_PX) is not None or min(*placement.source, *placement.target) < 64
