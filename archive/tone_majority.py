"""Members of a group whose tones most others lack: these were toned, for two people rarely tone a picture alike.

Quality may prefer a toned file, whose levels and colours are stronger. Only the others tell.
"""

from collections import defaultdict
from collections.abc import Sequence

from genloss.model.components import connected

LEAST_ALIKE = 3  # members of one tone that outweigh others, and of them that another one was compared with
TIMES_MORE = 3  # than the others of one tone


def toned_apart(members: Sequence[int], alike: Sequence[tuple[int, int]], toned: Sequence[tuple[int, int]]) -> set[int]:
    """Members of other tones than most; empty if no tone has a large majority.

    Args:
        members: contents of one component.
        alike: pairs of versions with the same tones.
        toned: pairs of versions with other tones. Of pairs in neither, nothing is known.
    """
    places = {member: place for place, member in enumerate(members)}
    classes = connected(len(members), [(places[first], places[second]) for first, second in alike])
    most = {members[place] for place in max(classes, key=len)}
    if len(most) < LEAST_ALIKE:
        return set()
    against: dict[int, set[int]] = defaultdict(set)
    for first, second in toned:
        against[first] |= {second} & most
        against[second] |= {first} & most
    apart = set()
    for tones in classes:
        others = {members[place] for place in tones} - most
        seen = set().union(*(against[member] for member in others)) if others else set()
        if others and TIMES_MORE * len(others) <= len(most) and len(seen) >= LEAST_ALIKE:
            apart |= others
    return apart
