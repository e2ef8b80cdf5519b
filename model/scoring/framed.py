"""Groups files by picture, also where one picture lies in different frames, which thumbnails of whole files tell apart."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from genloss.model.components import connected
from genloss.model.pairs.content_boxes import find_boxes
from genloss.model.pairs.findings import ComparePairs, Finding
from genloss.model.pairs.picture_hash import STRANGE_BITS, Hashes, count_different_bits, hash_boxes
from genloss.model.scoring.pictures import group_by_thumbnail
from genloss.model.scoring.scorer import Score

MOST_GROUPS, MOST_MEMBERS = 24, 8  # that are looked at; further groups stay as they are
MOST_LINKS = 32  # pairs of versions that are compared


def group_pictures(scores: Sequence[Score], compare_pairs: ComparePairs | None) -> list[list[int]]:
    """Input positions by picture, the largest group first.

    Args:
        scores: by input position.
        compare_pairs: registers pairs of input positions. It decides where contents of frames look alike; None to leave those
            files apart.
    """
    groups = group_by_thumbnail(scores)
    if compare_pairs is None or len(groups) < 2:
        return groups
    joined: list[tuple[int, int]] = []
    for _, pair, one, other in sorted(_links(groups, scores))[:MOST_LINKS]:
        together = next(part for part in connected(len(groups), joined) if one in part)
        if other not in together and isinstance(next(iter(compare_pairs([pair]))), Finding):
            joined.append((one, other))
    parts = [sorted(index for number in part for index in groups[number]) for part in connected(len(groups), joined)]
    return sorted(parts, key=lambda part: (-len(part), part[0]))


def may_be_framed(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Whether one of two thumbnails has a frame, and what is inside may be the other's picture."""
    return _n_different_bits(_hash(first), _hash(second)) < STRANGE_BITS


def _links(groups: Sequence[list[int]], scores: Sequence[Score]) -> list[tuple[int, tuple[int, int], int, int]]:
    """Of every two groups that may show one picture: bits that differ, the two likeliest versions, and both groups."""
    hashes = [_hashes(group, scores) for group in groups[:MOST_GROUPS]]
    found = []
    for one, other in combinations(range(len(hashes)), 2):
        pairs = [
            (_n_different_bits(hashed, other_hashed), (min(index, other_index), max(index, other_index)))
            for index, hashed in hashes[one] for other_index, other_hashed in hashes[other]
        ]  # fmt: skip
        n_bits, pair = min(pairs, default=(STRANGE_BITS, (0, 0)))
        if n_bits < STRANGE_BITS:
            found.append((n_bits, pair, one, other))
    return found


def _hashes(group: Sequence[int], scores: Sequence[Score]) -> list[tuple[int, Hashes]]:
    """Input positions of the largest versions of a group, and their hashes."""
    largest = sorted(group, key=lambda index: -scores[index].facts.width_px * scores[index].facts.height_px)
    prints = [(index, scores[index].fingerprint) for index in largest[:MOST_MEMBERS]]
    return [(index, _hash(fingerprint.thumbnail)) for index, fingerprint in prints if fingerprint is not None]


def _hash(thumbnail: NDArray[np.uint8]) -> Hashes:
    """Hashes of the whole and of the boxes in it."""
    return hash_boxes(thumbnail, find_boxes(thumbnail))


def _n_different_bits(first: Hashes, second: Hashes) -> int:
    """Between the nearest two hashes in any turn, at least one of them of a box; 256 if there is no box."""
    bits = count_different_bits(first, second)
    bits[:, 0, 0] = 256  # thumbnails have compared the wholes
    return int(bits.min())
