"""Groups versions around the file that stays; every member was compared with that file directly."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from genloss.archive.tone_majority import toned_apart
from genloss.archive.verify import Kind, PairRelation
from genloss.model.components import connected
from genloss.model.pairs.genealogy import Descent
from genloss.model.pairs.surroundings import Around

Relations = dict[tuple[int, int], PairRelation]  # the smaller position first
MOST_TOGETHER = 400  # most contents ranked together; a larger cluster is a chain of weak edges and is split first


@dataclass(frozen=True)
class Ranked:
    """An order of contents.

    Attributes:
        order: positions of the contents; the content that stays comes first.
        odds: by position, the probability in [0, 1] that the first is closer to the original; None if unknown.
        descents: parent of each content, by positions, if known.
        disputed: members that are alternates of another member, and stay for review.
    """

    order: list[int]
    odds: dict[int, float | None]
    descents: dict[int, Descent] = field(default_factory=dict)
    disputed: frozenset[int] = frozenset()


def relation_of(relations: Relations, first: int, second: int) -> PairRelation | None:
    """The relation of the first content to the second; None if unknown."""
    if first < second:
        return relations.get((first, second))
    found = relations.get((second, first))
    return None if found is None else found.swapped


def components(nodes: Sequence[int], relations: Relations) -> list[list[int]]:
    """Connected components of two or more contents; edges are pairs of versions. Positions ascend."""
    ordered = sorted(nodes)
    places = {node: place for place, node in enumerate(ordered)}
    pairs = [
        (places[first], places[second])
        for (first, second), relation in relations.items()
        if relation.kind is Kind.VERSION and first in places and second in places
    ]
    found = connected(len(ordered), pairs)
    return [[ordered[place] for place in members] for members in found if len(members) > 1]


def behind(members: Sequence[int], relations: Relations, less: Collection[int]) -> set[int]:
    """Members that may not stay: cropped, toned, damaged, grey among coloured members, or with a frame, screen or overlay.

    Args:
        members: contents of one component.
        relations: relations of these and any other contents.
        less: members that are damaged, or grey among coloured members.

    Returns:
        Fewer than all members. If all would be behind, geometry alone decides, then `less` alone, then nothing.
    """
    within = {
        (first, second): relation
        for (first, second), relation in relations.items()
        if relation.kind is Kind.VERSION and first in members and second in members
    }
    alike, toned = ([pair for pair, relation in within.items() if relation.toned is apart] for apart in (False, True))
    less = {*less, *toned_apart(members, alike, toned)}
    found = less if len(less) < len(members) else set()
    by_geometry = set()
    for (first, second), relation in within.items():
        by_geometry |= {first} if _is_behind(relation) else set()
        by_geometry |= {second} if _is_behind(relation.swapped) else set()
    both = found | by_geometry
    for candidates in (both, by_geometry, found):
        if len(candidates) < len(members):
            return candidates
    return set()


def _is_behind(relation: PairRelation) -> bool:
    """Whether the first of two versions must not be preferred to the second."""
    if relation.flattened_second != relation.flattened_first and relation.placement is not None:
        source, target = (height * width for height, width in (relation.placement.source, relation.placement.target))
        if relation.flattened_first and source <= target:
            return True
        if relation.flattened_second and target <= source:
            return False
    added = (Around.FRAME, Around.SCREEN)
    if relation.around_first in added and relation.around_second not in added:
        return True
    if relation.around_second in added and relation.around_first not in added:
        return False
    if relation.overlaid_first != relation.overlaid_second:
        return relation.overlaid_first
    if relation.around_second is Around.PICTURE and relation.around_first is not Around.PICTURE:
        return True
    if relation.around_first is Around.PICTURE and relation.around_second is Around.PICTURE:
        return relation.shared_first > relation.shared_second + 0.02
    return False


def form_groups(
    nodes: Sequence[int], relations: Relations, rank: Callable[[list[int]], Ranked],
    verify: Callable[[int, int], PairRelation], apart: Collection[tuple[int, int]] = (),
) -> list[Ranked]:  # fmt: skip
    """Groups of one component, each a star around the content that stays.

    Args:
        nodes: contents of a component.
        relations: known relations; newly verified relations are added.
        rank: ranks contents of one picture.
        verify: compares two contents.
        apart: pairs that are never put in one group, the smaller position first.
    """
    found = []
    waiting = [list(nodes)]
    while waiting:
        component = waiting.pop()
        members = component if len(component) <= MOST_TOGETHER else _around_the_best_connected(component, relations)
        star = _star(rank(members), relations, verify, apart)
        if len(star.order) > 1:
            found.append(star)
        waiting += components([member for member in component if member not in star.order], relations)
    return found


def _star(
    ranked: Ranked, relations: Relations, verify: Callable[[int, int], PairRelation], apart: Collection[tuple[int, int]]
) -> Ranked:
    """The content that stays and its versions, without those that `apart` rejects, or as many members as vouch for them."""
    kept, *others = ranked.order
    star, disputed = [kept], set()
    for member in others:
        if any((min(member, other), max(member, other)) in apart for other in star):
            continue
        pair = min(kept, member), max(kept, member)
        if pair not in relations:
            relations[pair] = verify(*pair)
        if relations[pair].kind is not Kind.VERSION:
            continue
        against = _alternates_of(member, star[1:], kept, relations)
        if against and len(against) >= 1 + _count_versions(member, star[1:], relations):
            continue
        star.append(member)
        disputed |= {member, *against} if against else set()
    return Ranked(star, {member: ranked.odds.get(member) for member in star}, disputed=frozenset(disputed))


def _count_versions(member: int, others: list[int], relations: Relations) -> int:
    found = (relation_of(relations, member, other) for other in others)
    return sum(relation is not None and relation.kind is Kind.VERSION for relation in found)


def _alternates_of(member: int, others: list[int], kept: int, relations: Relations) -> list[int]:
    """Contents already in the group of which a member is an alternate, by more than what is over or around the picture.

    Two screenshots with other words around one picture are alternates of each other, and both are versions of the kept one. So
    are two copies of a transparent picture on other grounds.
    """
    own = relation_of(relations, kept, member)
    assert own is not None
    against = []
    for other in others:
        found, its = relation_of(relations, member, other), relation_of(relations, kept, other)
        assert its is not None
        if found is None or found.kind is not Kind.ALTERNATE or own.overlaid_second or its.overlaid_second:
            continue
        if own.flattened_second and its.flattened_second:
            continue
        if own.around_second is Around.SCREEN and its.around_second is Around.SCREEN:
            continue
        if Around.PICTURE not in (found.around_first, found.around_second):
            against.append(other)
    return against


def _around_the_best_connected(members: list[int], relations: Relations) -> list[int]:
    """The member with the most versions, and these versions; at most MOST_TOGETHER, sorted."""
    neighbours: dict[int, list[int]] = {member: [] for member in members}
    for (first, second), relation in relations.items():
        if relation.kind is Kind.VERSION and first in neighbours and second in neighbours:
            neighbours[first].append(second)
            neighbours[second].append(first)
    best = max(members, key=lambda member: (len(neighbours[member]), -member))
    return sorted([best, *neighbours[best][: MOST_TOGETHER - 1]])
