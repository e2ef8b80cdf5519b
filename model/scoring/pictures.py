"""Which versions show the same picture, and which have the same pixels."""

from collections.abc import Iterable, Sequence

from genloss.model.images.likeness import group_by_picture
from genloss.model.scoring.scorer import Score

MOST_PICTURES = 8  # told apart by thumbnails among the files of one ranking


def group_by_thumbnail(scores: Sequence[Score]) -> list[list[int]]:
    """Positions of the versions of each picture, in input order; the picture with most versions first.

    Thumbnails tell different subjects apart, cheaply. Two moments, or two pages of one layout, need model/pairs.
    """
    prints = [score.fingerprint for score in scores if score.fingerprint is not None]
    if not scores or len(prints) < len(scores):
        return [list(range(len(scores)))] if scores else []
    sizes = [score.facts.width_px * score.facts.height_px for score in scores]
    pictures = group_by_picture([one.thumbnail for one in prints], sizes, MOST_PICTURES)
    return [[index for index, found in enumerate(pictures) if found == number] for number in range(max(pictures) + 1)]


def equal_pixels(scores: Sequence[Score]) -> list[list[int]]:
    """Positions of versions with equal pixels, together, in order of their first."""
    classes: dict[object, list[int]] = {}
    for position, score in enumerate(scores):
        found = score.fingerprint
        key: object = position if found is None else found.pixels_sha256 or score.file_sha256 or position
        classes.setdefault(key, []).append(position)
    return list(classes.values())


def connected(n: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Numbers from 0 to n - 1, those that pairs connect together, in order of their first.

    Args:
        n: how many there are.
        pairs: of them.
    """
    group = list(range(n))
    for first, second in pairs:
        old, new = group[second], group[first]
        group = [new if one == old else one for one in group]
    return [[member for member in range(n) if group[member] == number] for number in dict.fromkeys(group)]
