"""Connected components of pairs: versions of one picture, near-duplicates of one group."""

from collections.abc import Iterable


def connected(n: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The numbers from 0 to n - 1 in groups that pairs connect; groups and their numbers in ascending order.

    Args:
        n: how many numbers there are.
        pairs: of numbers that belong to one group.

    Source: Tarjan and van Leeuwen, "Worst-case analysis of set union algorithms", 1984 (path halving).
    """
    parents = list(range(n))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for first, second in pairs:
        one, other = root(first), root(second)
        parents[max(one, other)] = min(one, other)
    found: dict[int, list[int]] = {}
    for number in range(n):
        found.setdefault(root(number), []).append(number)
    return list(found.values())


def connected_unless(n: int, pairs: Iterable[tuple[int, int]], never: Iterable[tuple[int, int]]) -> list[list[int]]:
    """As `connected`, but no group holds a pair of `never`: a pair that would join two such numbers is left out.

    Args:
        n: how many numbers there are.
        pairs: of numbers that belong to one group, the surest first: among pairs that exclude each other, the first counts.
        never: of numbers that belong to different groups.
    """
    groups = list(range(n))
    members = [{number} for number in range(n)]
    strangers: list[set[int]] = [set() for _ in range(n)]
    for first, second in never:
        strangers[first].add(second)
        strangers[second].add(first)
    for first, second in pairs:
        one, other = sorted((groups[first], groups[second]))
        if one == other or not strangers[one].isdisjoint(members[other]):
            continue
        for number in members[other]:
            groups[number] = one
        members[one] |= members[other]
        strangers[one] |= strangers[other]
    return [sorted(members[number]) for number in range(n) if groups[number] == number]
