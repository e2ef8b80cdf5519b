"""The review of a plan by a person: the queue of groups, the decisions, and the updated plan."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from genloss.archive.catalog import Catalog
from genloss.archive.decisions import Decision, DecisionKind, decisions, record, revoke
from genloss.archive.plan import MAY_BE_PUT_AWAY, Group, Member, Plan
from genloss.archive.plan_file import read_plan, write_plan
from genloss.archive.report_groups import fate_of, state_of, uncertainty
from genloss.archive.review_plan import Said, obey, obey_in_group
from genloss.archive.rules import Rules
from genloss.model.errors import CatalogError, DecisionError, OutputError
from genloss.model.files import create_file


@dataclass(frozen=True)
class Standing:
    """Standing of a group in the review.

    Attributes:
        group: as in the plan.
        state: of the group in the plan, before the decisions, as report_groups.state_of gives it.
        decided: sentences for the decisions about the group.
        fates: of the members in the plan's order, after the decisions: "kept", "goes", "review", "stays" or "apart".
    """

    group: Group
    state: str
    decided: tuple[str, ...]
    fates: tuple[str, ...]


class Review:
    """The groups of a plan and the decisions of a catalog.

    Args:
        plan: written by `genloss scan`.
        catalog: open; every decision is saved in it at once.
        rules: whose protected folders are obeyed.
        now: gives the time of a decision, with a time zone.
    """

    def __init__(
        self, plan: Plan, catalog: Catalog, rules: Rules, now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    ) -> None:
        self.plan = plan
        self.groups = {group.number: group for group in plan.groups}
        self._catalog = catalog
        self._rules = rules
        self._now = now

    def queue(self) -> list[tuple[Standing, float]]:
        """All groups in the plan's order, each with its uncertainty: lower values need a person sooner."""
        known = decisions(self._catalog)
        return [(self._standing(group, known), uncertainty(group)) for group in self.plan.groups]

    def standing(self, number: int) -> Standing:
        """The standing of a group.

        Raises:
            DecisionError: the plan has no such group.
        """
        return self._standing(self._group(number), decisions(self._catalog))

    def decide(self, number: int, kind: DecisionKind, place: int) -> Standing:
        """Saves a decision about a member of a group.

        Args:
            number: of the group.
            kind: KEEP_THIS keeps the member and puts all other versions of the group away. KEEP_BOTH keeps the member and
                the first file; for the first file itself, it keeps the whole group. NOT_SAME_PICTURE takes the member
                out of the group.
            place: position of the member, from 0.

        Raises:
            DecisionError: the group or the member does not exist, or the decision makes no sense for the member.
            CatalogError: the decision cannot be saved.
        """
        group = self._group(number)
        if not 0 <= place < len(group.members):
            raise DecisionError(f"group {number} has no member {place}")
        contents = _contents(group, kind, group.members[place])
        record(self._catalog, Decision(kind, contents, self._now()))
        return self.standing(number)

    def undo(self) -> int | None:
        """Revokes the latest decision about a group of the plan.

        Returns:
            Number of the group; None if there is no decision.
        """
        known = decisions(self._catalog)
        for decision in reversed(known):
            for group in self.plan.groups:
                if Said(group, [decision]).relevant and decision.id is not None:
                    revoke(self._catalog, decision.id)
                    return group.number
        return None

    def updated_plan(self) -> Plan:
        """The plan after all decisions."""
        return obey(self.plan, decisions(self._catalog), self._rules, datetime.now(UTC))

    def _group(self, number: int) -> Group:
        if number not in self.groups:
            raise DecisionError(f"the plan has no group {number}")
        return self.groups[number]

    def _standing(self, group: Group, known: list[Decision]) -> Standing:
        said = Said(group, known)
        obeyed = obey_in_group(group, said, self._rules).members
        left = {member.path: fate_of(obeyed[0], member) for member in obeyed}
        fates = tuple(left.get(member.path, "apart") for member in group.members)
        return Standing(group, state_of(group), tuple(decision.sentence for decision in said.relevant), fates)


def save_plan(review: Review, path: Path) -> tuple[Path, Path | None]:
    """Writes the plan after all decisions; no earlier plan is lost.

    A changed plan replaces the old plan, which is copied to a name with .before. A plan with a journal was applied at least
    in part, and the journal needs it unchanged: then the new plan gets a new name.

    Args:
        review: of the plan.
        path: of the file with the plan.

    Returns:
        Path of the new plan, and path of the copy of the old plan; None for the copy if the old plan keeps its name.

    Raises:
        OutputError: the plan cannot be written.
    """
    plan = review.updated_plan()
    if path.with_name(f"{path.name}.journal").exists():
        target = next(one for one in _names(path.stem, path, path.suffix) if not one.exists())
        write_plan(plan, target)
        return target, None
    if read_plan(path).groups == plan.groups:
        return path, None
    try:
        before = _copy(path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error
    write_plan(plan, path)
    return path, before


def check_catalog(path: Path) -> None:
    """Rejects a missing catalog, because no scan would see the decisions in a new catalog.

    Raises:
        CatalogError: the catalog does not exist.
    """
    if not path.is_file():
        raise CatalogError(f"{path}: no catalog; name that of the scan with --catalog")


def _copy(path: Path) -> Path:
    """Copies the plan to the first free name that ends in .before; returns that path."""
    for before in _names(f"{path.name}.before", path, ""):
        with suppress(FileExistsError):
            create_file(before, path.read_bytes())
            return before
    raise AssertionError("names never end")


def _names(stem: str, path: Path, suffix: str) -> Iterator[Path]:
    """Yields names in the folder of a path for a new file: with suffix, numbered from 2; without, first the stem alone."""
    if not suffix:
        yield path.with_name(stem)
    for number in count(2):
        yield path.with_name(f"{stem}-{number}{suffix}")


def _contents(group: Group, kind: DecisionKind, member: Member) -> tuple[str, ...]:
    """The sha256 of all contents that a decision concerns, in the order of Decision.contents."""
    first = group.members[0]
    versions = [one.sha256 for one in group.members if one is first or one.relation in MAY_BE_PUT_AWAY]
    others = [sha256 for sha256 in dict.fromkeys(versions) if sha256 != member.sha256]
    if kind is DecisionKind.KEEP_THIS:
        if member.sha256 not in versions:
            raise DecisionError(f"{member.path.name} holds something of its own; what is not a version stays anyway")
        return member.sha256, *others
    if kind is DecisionKind.KEEP_BOTH and member is first:
        return tuple(dict.fromkeys(one.sha256 for one in group.members))
    if member.sha256 == first.sha256:
        raise DecisionError(f"{member.path.name} has the bytes of the first file of its group")
    return first.sha256, member.sha256
