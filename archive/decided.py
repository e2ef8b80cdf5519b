"""Applies a person's decisions to the files of one scan. A later decision overrides an earlier one on the same files."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from genloss.archive.decisions import Decision, DecisionKind
from genloss.model.printable import storable

if TYPE_CHECKING:
    from genloss.archive.contents import Content


class _Role(NamedTuple):
    """The last decision that keeps or drops a content.

    Attributes:
        number: position of the decision in the order of recording.
        decision: the decision.
        stays: whether the content is kept, rather than dropped in favour of another.
    """

    number: int
    decision: Decision
    stays: bool


class Decided:
    """Decisions, by sha256 of the files of a scan.

    Args:
        decisions: in the order of recording.
        files: sha256 of each file of the scan, with the digest of its pixels. If a decided content is not in the scan,
            the decision applies to the files with its pixels.
    """

    def __init__(self, decisions: Iterable[Decision] = (), files: Mapping[str, str | None] | None = None) -> None:
        files = files or {}
        by_pixels: dict[str, list[str]] = {}
        for sha256, pixels in files.items():
            if pixels is not None:
                by_pixels.setdefault(pixels, []).append(sha256)
        self._roles: dict[str, _Role] = {}
        self._pairs: dict[tuple[str, str], Decision] = {}
        self._firsts: dict[int, list[str]] = {}  # kept files of each KEEP_THIS, by number of the decision
        for number, decision in enumerate(decisions):
            digests = decision.pixels or (None,) * len(decision.contents)
            named = [
                [sha256] if sha256 in files else by_pixels.get(pixels or "", [])
                for sha256, pixels in zip(decision.contents, digests, strict=True)
            ]
            self._take(number, decision, named)

    def apart(self, first: str, second: str) -> Decision | None:
        """The decision that two contents are not the same picture; None without such a decision."""
        found = self._pairs.get(_pair(first, second))
        return found if found is not None and found.kind is DecisionKind.NOT_SAME_PICTURE else None

    def kept(self, sha256: str) -> Decision | None:
        """The decision to keep a content; None without such a decision."""
        role = self._roles.get(sha256)
        return role.decision if role is not None and role.stays else None

    def dropped(self, sha256: str, kept: "Content") -> Decision | None:
        """The decision to drop a content in favour of `kept`; None without such a decision."""
        role = self._roles.get(sha256)
        if role is None or role.stays:
            return None
        return role.decision if any(file.sha256 in self._firsts[role.number] for file in kept.files) else None

    def place(self, sha256: str) -> int:
        """Precedence of a content by KEEP_THIS decisions: higher for a later decision, 0 without one."""
        role = self._roles.get(sha256)
        return role.number + 1 if role is not None and role.stays and role.number in self._firsts else 0

    def leader(self, contents: Sequence["Content"], members: Iterable[int]) -> int | None:
        """The member with the highest precedence by KEEP_THIS decisions; None if no member has any."""
        place, member = max(
            max((self.place(file.sha256 or ""), member) for file in contents[member].files) for member in members
        )
        return member if place else None

    def positions_apart(self, contents: Sequence["Content"]) -> dict[tuple[int, int], Decision]:
        """Pairs of contents decided to be "not the same picture", by position, the smaller first."""
        places = {file.sha256: position for position, content in enumerate(contents) for file in content.files}
        found = {}
        for (first, second), decision in self._pairs.items():
            one, other = places.get(first), places.get(second)
            if decision.kind is DecisionKind.NOT_SAME_PICTURE and one is not None and other is not None and one != other:
                found[min(one, other), max(one, other)] = decision
        return found

    def notes(self, contents: Sequence["Content"]) -> dict[Path, tuple[str, ...]]:
        """Sentences for people on files decided to be "not the same picture" as other files of the scan."""
        found: dict[Path, tuple[str, ...]] = {}
        for (first, second), decision in self.positions_apart(contents).items():
            for content, other in ((contents[first], contents[second]), (contents[second], contents[first])):
                sentence = f"{decision.sentence} as {storable(other.files[0].path.name)}"
                found |= {file.path: (*found.get(file.path, ()), sentence) for file in content.files}
        return found

    def _take(self, number: int, decision: Decision, named: list[list[str]]) -> None:
        """Adds one decision.

        Args:
            number: position in the order of recording.
            decision: the decision.
            named: sha256 of the scan's files for each content of the decision; empty if they are gone.
        """
        pairs = list(combinations(named, 2))
        if decision.kind is DecisionKind.KEEP_THIS:
            first, *others = named
            if not first:
                return
            pairs = pairs[: len(others)]  # pairs with the kept content
            self._firsts[number] = first
            self._roles |= {sha256: _Role(number, decision, False) for same in others for sha256 in same}
            self._roles |= {sha256: _Role(number, decision, True) for sha256 in first}
        elif decision.kind is DecisionKind.KEEP_BOTH:
            self._roles |= {sha256: _Role(number, decision, True) for same in named for sha256 in same}
        for one, other in pairs:
            self._pairs |= {_pair(first, second): decision for first in one for second in other if first != second}


def _pair(first: str, second: str) -> tuple[str, str]:
    return min(first, second), max(first, second)
