"""Groups near-duplicates and splits by group, so that no test picture has a near-duplicate in the training part."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.model.components import connected
from genloss.model.pairs.picture_hash import Hashes, hash_turns

# Bits of 256. Versions of a file differed by at most 40, and two photographs of the same skin lesion by 35 to 65.
# Different lesions on plain skin differed by 55 or more. Too large a group only makes the split less even.
MOST_BITS = 60
_ROWS = 64


def group_near_duplicates(hashes: Hashes) -> NDArray[np.int64]:
    """(N,) numbers of groups. Pictures are connected if their hashes differ by at most MOST_BITS in one of eight turns.

    Args:
        hashes: (N, 32), from picture_hash.hash_plane.
    """
    groups = np.empty(len(hashes), np.int64)
    for number, members in enumerate(connected(len(hashes), _near_pairs(hashes))):
        groups[members] = number
    return groups


def _near_pairs(hashes: Hashes) -> Iterator[tuple[int, int]]:
    turned = hash_turns(hashes).reshape(-1, *hashes.shape).view(np.uint64)
    words = hashes.view(np.uint64)
    for start in range(0, len(words), _ROWS):
        rows = words[start : start + _ROWS]
        near = np.zeros((len(rows), len(words)), bool)
        for turn in turned:
            near |= np.bitwise_count(rows[:, None] ^ turn[None]).sum(axis=-1) <= MOST_BITS
        yield from ((start + int(row), int(column)) for row, column in zip(*np.nonzero(near)))


def split_by_group(
    labels: NDArray[np.int64], groups: NDArray[np.int64], shares: Sequence[float], generator: np.random.Generator
) -> list[NDArray[np.intp]]:
    """Splits pictures into parts without splitting groups; class shares are as even as the groups allow.

    Args:
        labels: (N,) classes.
        groups: (N,) near-duplicate groups.
        shares: of the parts, which sum to 1.
        generator: draws the order of groups of equal size.

    Returns:
        Sorted places of the pictures of each part.
    """
    n_classes = int(labels.max()) + 1
    totals = np.bincount(labels, minlength=n_classes)
    wanted = np.outer(shares, totals)
    filled = np.zeros_like(wanted)
    part_of = np.zeros(int(groups.max()) + 1, int)
    members: dict[int, list[int]] = {}
    for place, group in enumerate(groups.tolist()):
        members.setdefault(group, []).append(place)
    order = generator.permutation(len(members)).tolist()
    for group in sorted(order, key=lambda group: -len(members[group])):  # stable: groups of equal size stay in the drawn order
        counts = np.bincount(labels[members[group]], minlength=n_classes)
        missing = ((wanted - filled) / np.maximum(wanted, 1e-9)) @ counts
        part_of[group] = int(missing.argmax())
        filled[part_of[group]] += counts
    return [np.nonzero(part_of[groups] == part)[0] for part in range(len(shares))]
