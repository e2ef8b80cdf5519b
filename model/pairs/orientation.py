"""Placements of pictures as people see them: EXIF orientations are ignored where pixels are compared, but not on a screen."""

import numpy as np

from genloss.model.pairs.placement import N_TURNS, Placement, turn_matrix, turned_size

# EXIF orientation -> the turn of Placement that shows the stored pixels upright (CIPA DC-008, 4.6.4).
_TURNS = {1: 0, 2: 4, 3: 2, 4: 6, 5: 5, 6: 3, 7: 7, 8: 1}


def seen_turn(orientation: int) -> int:
    """The turn of Placement that shows stored pixels as people see them; `orientation` is EXIF's, others count as 1."""
    return _TURNS.get(orientation, 0)


def as_seen(placement: Placement, source_orientation: int, target_orientation: int) -> Placement:
    """The same placement between the two pictures turned as their EXIF orientations say.

    Args:
        placement: between the stored pixels.
        source_orientation, target_orientation: 1 to 8; other values count as 1.

    Returns:
        A placement whose `source` and `target` are the sizes as seen.
    """
    source_turn, target_turn = seen_turn(source_orientation), seen_turn(target_orientation)
    upright, back = turn_matrix(placement.target, target_turn), np.linalg.inv(turn_matrix(placement.source, source_turn))
    seen = upright @ placement.matrix @ back
    source, target = turned_size(placement.source, source_turn), turned_size(placement.target, target_turn)
    ways = ((turn, seen @ np.linalg.inv(turn_matrix(source, turn))) for turn in range(N_TURNS))
    turn, way = max(ways, key=lambda found: min(found[1][0, 0], found[1][1, 1]))  # all others mirror or swap the axes
    return Placement(
        turn, source, target, float(way[1, 1]), float(way[0, 0]), float(round(way[1, 2], 9)), float(round(way[0, 2], 9))
    )
