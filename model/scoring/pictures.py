"""Versions that show the same picture, and versions with the same pixels."""

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from genloss.model.components import connected
from genloss.model.images.likeness import group_by_picture
from genloss.model.scoring.scorer import Score

MOST_PICTURES = 8  # told apart by thumbnails among the files of one ranking
# Of what lies above the damage of one of two versions, in thumbnails: rows, correlation, and mean distance in levels.
_LEAST_ROWS, _ALIKE, _MOST_LEVELS = 8, 0.97, 10.0


def group_by_thumbnail(scores: Sequence[Score]) -> list[list[int]]:
    """Groups versions by picture: positions in input order, the largest group first.

    A thumbnail is enough to tell different subjects apart. Two moments of a scene, or two pages with one layout, need
    model/pairs.
    """
    prints = [score.fingerprint for score in scores if score.fingerprint is not None]
    if not scores or len(prints) < len(scores):
        return [list(range(len(scores)))] if scores else []
    sizes = [score.facts.width_px * score.facts.height_px for score in scores]
    pictures = group_by_picture([one.thumbnail for one in prints], sizes, MOST_PICTURES)
    groups = [[index for index, found in enumerate(pictures) if found == number] for number in range(max(pictures) + 1)]
    alike = alike_above_damage(scores)
    if not alike:
        return groups
    alike += [pair for group in groups for pair in pairwise(group)]
    return sorted(connected(len(scores), alike), key=lambda group: (-len(group), group[0]))


def alike_above_damage(scores: Sequence[Score]) -> list[tuple[int, int]]:
    """Pairs of positions where at least one version is damaged, and both show the same above the damage."""
    damaged = [score.facts.damaged for score in scores]
    if not any(damaged):
        return []
    pairs = (pair for pair in combinations(range(len(scores)), 2) if damaged[pair[0]] or damaged[pair[1]])
    return [pair for pair in pairs if _is_alike_above(scores[pair[0]], scores[pair[1]])]


def _is_alike_above(first: Score, second: Score) -> bool:
    if first.fingerprint is None or second.fingerprint is None:
        return False
    one, other = first.fingerprint.thumbnail, second.fingerprint.thumbnail
    starts = [
        0.0 if score.facts.damaged_from is None else score.facts.damaged_from
        for score in (first, second)
        if score.facts.damaged
    ]
    if max(abs(one.shape[0] - other.shape[0]), abs(one.shape[1] - other.shape[1])) > 1:
        return False
    n_rows, n_columns = int(min(starts) * min(len(one), len(other))), min(one.shape[1], other.shape[1])
    if n_rows < _LEAST_ROWS:
        return False
    upper, its = (plane[:n_rows, :n_columns].astype(np.float64) for plane in (one, other))
    if upper.std() < 1 or its.std() < 1:
        return False
    correlation = float(np.corrcoef(upper.ravel(), its.ravel())[0, 1])
    return correlation >= _ALIKE and float(np.abs(upper - its).mean()) <= _MOST_LEVELS


def equal_pixels(scores: Sequence[Score]) -> list[list[int]]:
    """Groups versions whose first frames have equal pixels: positions, in order of each group's first member.

    Orientation, compression, a palette, unused bits and opaque transparency make no difference.
    """
    classes: dict[object, list[int]] = {}
    for position, score in enumerate(scores):
        found = score.fingerprint
        key: object = position if found is None else found.same.content_sha256 or score.file_sha256 or position
        classes.setdefault(key, []).append(position)
    return list(classes.values())
