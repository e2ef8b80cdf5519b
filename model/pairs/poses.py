"""The simplest way to lay two pictures on each other, where several are equally good.

A symmetric picture, such as an icon or a pattern, lies on its copy turned as well as upright. Then nobody turned it.
"""

from dataclasses import replace

import numpy as np

from genloss.model.pairs.placement import Placement, inverse_turn, turned_size

SIMPLEST_FIRST = (0, 2, 4, 1, 3, 6, 5, 7)  # turns of Placement
# A turned placement is believed if an upright one leaves this many times as much unexplained, and a little more than that:
# interpolation and rounding leave something that depends on the pose.
TIMES_WORSE, LEAST_WORSE = 1.25, 0.002
_SAME_ASPECT = 0.03


def lies_as_well(likeness: float, best: float) -> bool:
    """Whether a placement is as good as the best one within the noise of the measure; both are correlations."""
    return 1 - likeness <= TIMES_WORSE * (1 - best) + LEAST_WORSE


def simpler_placements(placement: Placement) -> list[Placement]:
    """Placements by simpler turns that are as good if one of the two pictures is symmetric; the simplest first.

    If the source is symmetric, it lies as well in another pose at the same place. If the target is, the source lies as well
    at the place to which the symmetry takes it.
    """
    turns = SIMPLEST_FIRST[: SIMPLEST_FIRST.index(placement.turn)]
    found = [way(placement, turn) for turn in turns for way in (_in_place, _at_the_other_place)]
    return [one for one in found if one is not None]


def _in_place(placement: Placement, turn: int) -> Placement | None:
    """The source in another pose with its edges at the same place; None if its sides are exchanged and differ."""
    height, width = turned_size(placement.source, turn)
    if (turn - placement.turn) % 2 and abs(np.log(height / width)) > _SAME_ASPECT:
        return None
    top, left, bottom, right = (float(edge) for edge in placement.corners)
    return replace(placement, turn=turn, scale_y=(bottom - top) / height, scale_x=(right - left) / width)


def _at_the_other_place(placement: Placement, turn: int) -> Placement | None:
    """The source in another pose at the place where the target, turned, shows the same."""
    found = _in_place(placement.inverse, inverse_turn(turn))
    return None if found is None else found.inverse
