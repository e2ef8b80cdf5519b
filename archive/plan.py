"""What a plan says: groups of versions, which file of each stays, and what is done with the others."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from genloss.model.pairs.placement import Placement


class Relation(StrEnum):
    """What a file is to the kept file of its group.

    Only the first three may be put away; each of the others holds something the kept file does not.
    """

    VERSION = "version"
    SAME_PIXELS = "same_pixels"
    SAME_BYTES = "same_bytes"
    PART_OF = "part_of"
    CONTAINS = "contains"
    ALTERNATE = "alternate"
    NONE = "none"


EQUAL_PIXELS = (Relation.SAME_BYTES, Relation.SAME_PIXELS)
MAY_BE_PUT_AWAY = (*EQUAL_PIXELS, Relation.VERSION)
STRONGEST_FIRST = (*MAY_BE_PUT_AWAY, Relation.PART_OF, Relation.CONTAINS, Relation.ALTERNATE)


class ActionKind(StrEnum):
    """What is done with a file; HARDLINK and REFLINK replace a file with the same bytes as the kept one, at its own name."""

    QUARANTINE = "quarantine"
    TRASH = "trash"
    HARDLINK = "hardlink"
    REFLINK = "reflink"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done with a member.

    Attributes:
        kind: as above.
        kept: path of the member of the same group that stays instead.
        kept_sha256: of that file, 64 hexadecimal digits.
    """

    kind: ActionKind
    kept: Path
    kept_sha256: str


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a group.

    Attributes:
        path: absolute.
        sha256: 64 hexadecimal digits.
        size_bytes: of the file.
        place: in the group's ranking, from 1.
        keep: whether it stays whatever happens; such a member has no action.
        relation: to the kept file; None for the kept file itself.
        odds: that the kept file is closer to the original, in [0, 1]; None where nobody can say.
        reasons: sentences for people.
        transform: how the kept file's pixels lie on this one's, None where unknown.
        action: None for files that stay or are to be looked at.
    """

    path: Path
    sha256: str
    size_bytes: int
    place: int
    keep: bool
    relation: Relation | None = None
    odds: float | None = None
    reasons: tuple[str, ...] = ()
    transform: Placement | None = None
    action: Action | None = None

    @property
    def needs_review(self) -> bool:
        """Whether the plan leaves it to a person: it may be put away, but nothing is done with it."""
        return self.action is None and not self.keep and self.relation in MAY_BE_PUT_AWAY


@dataclass(frozen=True, slots=True)
class Group:
    """Versions of one picture, and what is related to it.

    Attributes:
        number: from 1, unique in a plan.
        members: in the order of their places.
    """

    number: int
    members: tuple[Member, ...]


class PlannedAction(NamedTuple):
    """A member that has an action, and that action."""

    group: int
    member: Member
    action: Action


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan.

    Attributes:
        id: names its quarantine folder and its journal, as in "20261127T093000Z-1f2e3d4c".
        created: in UTC.
        roots: absolute folders, links resolved; nothing outside them is touched.
        groups: in the order of their numbers.
    """

    id: str
    created: datetime
    roots: tuple[Path, ...]
    groups: tuple[Group, ...]

    def actions(self) -> Iterator[PlannedAction]:
        """All members that have an action, in order."""
        for group in self.groups:
            for member in group.members:
                if member.action is not None:
                    yield PlannedAction(group.number, member, member.action)

    def root_of(self, path: Path) -> Path | None:
        """The folder of the plan that a path lies in; None where it lies outside."""
        return max((root for root in self.roots if root in path.parents), key=lambda root: len(root.parts), default=None)


def make_plan(created: datetime, roots: Sequence[Path], groups: Sequence[Group]) -> Plan:
    """A plan, with an id made of its time and its content.

    Args:
        created: with a time zone.
        roots: absolute, links resolved.
        groups: any number.
    """
    created = created.astimezone(UTC).replace(microsecond=0)
    content = hashlib.sha256(repr((tuple(roots), tuple(groups))).encode("utf-8", "surrogateescape")).hexdigest()
    return Plan(f"{created:%Y%m%dT%H%M%SZ}-{content[:8]}", created, tuple(roots), tuple(groups))
