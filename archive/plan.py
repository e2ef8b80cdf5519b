"""A plan: groups of versions, the file of each group that stays, and the actions on the others."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from genloss.model.pairs.placement import Placement


class Relation(StrEnum):
    """Relation of a file to the kept file of its group.

    Only the first three may be put away; each of the others has something that the kept file lacks.
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
    """Kind of an action on a file.

    HARDLINK and REFLINK replace a file by a link to, or a clone of, the kept file with the same bytes; the name stays.
    """

    QUARANTINE = "quarantine"
    TRASH = "trash"
    HARDLINK = "hardlink"
    REFLINK = "reflink"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Action:
    """Action planned for a member of a group.

    Attributes:
        kind: of the action.
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
        keep: whether the file stays whatever happens; such a member has no action.
        relation: to the kept file; None for the kept file itself.
        odds: probability in [0, 1] that the kept file is closer to the original; None if unknown.
        reasons: sentences for people.
        transform: placement of the kept file on this file; None if unknown.
        action: None for files that stay or need a review.
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
        """Whether a person must decide: the file may be put away, but the plan has no action for it."""
        return self.action is None and not self.keep and self.relation in MAY_BE_PUT_AWAY


@dataclass(frozen=True, slots=True)
class Group:
    """Versions of one picture, and related pictures.

    Attributes:
        number: from 1, unique in a plan.
        members: in the order of their places.
    """

    number: int
    members: tuple[Member, ...]


class PlannedAction(NamedTuple):
    """A member with an action, the action, and the number of the group."""

    group: int
    member: Member
    action: Action


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan.

    Attributes:
        id: name of the quarantine folder and of the journal, such as "20261127T093000Z-1f2e3d4c".
        created: time in UTC.
        roots: absolute folders, links resolved; no file outside them is changed.
        groups: in the order of their numbers.
    """

    id: str
    created: datetime
    roots: tuple[Path, ...]
    groups: tuple[Group, ...]

    def actions(self) -> Iterator[PlannedAction]:
        """Yields all members with an action, by group and place."""
        for group in self.groups:
            for member in group.members:
                if member.action is not None:
                    yield PlannedAction(group.number, member, member.action)

    def root_of(self, path: Path) -> Path | None:
        """The innermost root that contains a path; None for paths outside all roots."""
        return max((root for root in self.roots if root in path.parents), key=lambda root: len(root.parts), default=None)


def make_plan(created: datetime, roots: Sequence[Path], groups: Sequence[Group]) -> Plan:
    """A plan whose id is made from its time and its content.

    Args:
        created: time with a time zone.
        roots: absolute folders, links resolved.
        groups: of the plan; may be empty.
    """
    created = created.astimezone(UTC).replace(microsecond=0)
    content = hashlib.sha256(repr((tuple(roots), tuple(groups))).encode("utf-8", "surrogateescape")).hexdigest()
    return Plan(f"{created:%Y%m%dT%H%M%SZ}-{content[:8]}", created, tuple(roots), tuple(groups))
