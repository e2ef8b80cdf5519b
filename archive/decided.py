"""What the decisions of a person mean for the files of one scan. Of two decisions about one file, the later one holds."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from genloss.archive.decisions import Decision, DecisionKind
from genloss.archive.json_paths import plain_text

if TYPE_CHECKING:
    from genloss.archive.contents import Content


class _Role(NamedTuple):
    """What the last decision that keeps or drops a content says of it.

    Attributes:
        number: of the decision, in the order in which they were recorded.
        decision: itself.
        stays: whether it is kept, rather than dropped in favour of another.
    """

    number: int
    decision: Decision
    stays: bool


class Decided:
    """Decisions, by sha256 of the files of a scan.

    Args:
        decisions: in the order in which they were recorded.
        files: sha256 of the files of the scan, with digests of their pixels. A decided content that is not among them
            stands for those with its pixels.
    """

    def __init__(self, decisions: Iterable[Decision] = (), files: Mapping[str, str | None] | None = None) -> None:
        files = files or {}
        by_pixels: dict[str, list[str]] = {}
        for sha256, pixels in files.items():
            if pixels is not None:
                by_pixels.setdefault(pixels, []).append(sha256)
        self._roles: dict[str, _Role] = {}
        self._pairs: dict[tuple[str, str], Decision] = {}
        self._firsts: dict[int, list[str]] = {}  # what a KEEP_THIS keeps, by its number
        for number, decision in enumerate(decisions):
            digests = decision.pixels or (None,) * len(decision.contents)
            named = [
                [sha256] if sha256 in files else by_pixels.get(pixels or "", [])
                for sha256, pixels in zip(decision.contents, digests, strict=True)
            ]
            self._take(number, decision, named)

    def apart(self, first: str, second: str) -> Decision | None:
        """The decision that two contents are not the same picture."""
        found = self._pairs.get(_pair(first, second))
        return found if found is not None and found.kind is DecisionKind.NOT_SAME_PICTURE else None

    def kept(self, sha256: str) -> Decision | None:
        """The decision that nothing is done with a content."""
        role = self._roles.get(sha256)
        return role.decision if role is not None and role.stays else None

    def dropped(self, sha256: str, kept: "Content") -> Decision | None:
        """The decision that a content goes in favour of the kept one."""
        role = self._roles.get(sha256)
        if role is None or role.stays:
            return None
        return role.decision if any(file.sha256 in self._firsts[role.number] for file in kept.files) else None

    def place(self, sha256: str) -> int:
        """Which of the contents that were decided to stay before all others comes first: the higher; 0 for the rest."""
        role = self._roles.get(sha256)
        return role.number + 1 if role is not None and role.stays and role.number in self._firsts else 0

    def leader(self, contents: Sequence["Content"], members: Iterable[int]) -> int | None:
        """The member that was decided to stay before the others; None where none was."""
        place, member = max(
            max((self.place(file.sha256 or ""), member) for file in contents[member].files) for member in members
        )
        return member if place else None

    def positions_apart(self, contents: Sequence["Content"]) -> dict[tuple[int, int], Decision]:
        """Positions of contents that are not the same picture, the smaller first."""
        places = {file.sha256: position for position, content in enumerate(contents) for file in content.files}
        found = {}
        for (first, second), decision in self._pairs.items():
            one, other = places.get(first), places.get(second)
            if decision.kind is DecisionKind.NOT_SAME_PICTURE and one is not None and other is not None and one != other:
                found[min(one, other), max(one, other)] = decision
        return found

    def notes(self, contents: Sequence["Content"]) -> dict[Path, tuple[str, ...]]:
        """Sentences on files that are not the same picture as others of the scan."""
        found: dict[Path, tuple[str, ...]] = {}
        for (first, second), decision in self.positions_apart(contents).items():
            for content, other in ((contents[first], contents[second]), (contents[second], contents[first])):
                sentence = f"{decision.sentence} as {plain_text(other.files[0].path.name)}"
                found |= {file.path: (*found.get(file.path, ()), sentence) for file in content.files}
        return found

    def _take(self, number: int, decision: Decision, named: list[list[str]]) -> None:
        """Takes over one decision.

        Args:
            number: its place among all.
            decision: itself.
            named: files of each of its contents; empty where they are gone.
        """
        pairs = list(combinations(named, 2))
        if decision.kind is DecisionKind.KEEP_THIS:
            first, *others = named
            if not first:
                return
            pairs = pairs[: len(others)]  # those of the first
            self._firsts[number] = first
            self._roles |= {sha256: _Role(number, decision, False) for same in others for sha256 in same}
            self._roles |= {sha256: _Role(number, decision, True) for sha256 in first}
        elif decision.kind is DecisionKind.KEEP_BOTH:
            self._roles |= {sha256: _Role(number, decision, True) for same in named for sha256 in same}
        for one, other in pairs:
            self._pairs |= {_pair(first, second): decision for first in one for second in other if first != second}


def _pair(first: str, second: str) -> tuple[str, str]:
    return min(first, second), max(first, second)
