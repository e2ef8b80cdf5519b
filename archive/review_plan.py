"""Applies the decisions of a review to a plan at once, without another scan.

Decisions refer to contents and stay in the catalog; the next scan obeys them in the same way (archive/decided.py). If two
decisions concern the same file, the later decision overrides the earlier.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from genloss.archive.decisions import YOU_DECIDED, Decision, DecisionKind
from genloss.archive.plan import EQUAL_PIXELS, MAY_BE_PUT_AWAY, Action, ActionKind, Group, Member, Plan, Relation, make_plan
from genloss.archive.put_away import ANOTHER_NAME, PROTECTED
from genloss.archive.rules import Rules

_STUCK = (ANOTHER_NAME, PROTECTED)
# First words of the reasons against an action that a decision overrides (put_away, plan_groups).
_DOUBTS = ("odds of ", "the rules say ", "quality speaks for another ", "could not be compared ")
_OTHER_STAYS = "another file stays now than the one it was compared with"


class Said:
    """The decisions about a group.

    Args:
        group: of a plan.
        decisions: of the catalog, oldest first.

    Attributes:
        relevant: decisions that concern the group.
        leader: sha256 of the kept file of the group.
    """

    def __init__(self, group: Group, decisions: Sequence[Decision]) -> None:
        contents = {member.sha256 for member in group.members}
        self.relevant: list[Decision] = []
        self._stays: dict[str, Decision] = {}
        self._drops: dict[str, Decision] = {}
        self._apart: dict[frozenset[str], Decision] = {}
        self.leader = group.members[0].sha256
        for decision in decisions:
            first, *others = decision.contents
            inside = [sha256 for sha256 in decision.contents if sha256 in contents]
            if decision.kind is DecisionKind.KEEP_THIS and first in contents:
                self._keep_first(first, [sha256 for sha256 in others if sha256 in contents], decision)
            elif decision.kind is DecisionKind.KEEP_BOTH and inside:
                for sha256 in inside:
                    self._stays[sha256] = decision
                    self._drops.pop(sha256, None)
            elif decision.kind is DecisionKind.NOT_SAME_PICTURE and len(inside) == 2:
                self._apart[frozenset(inside)] = decision
            else:
                continue
            self.relevant.append(decision)

    def is_apart(self, member: Member) -> bool:
        """Whether a member leaves the group because a decision says that it shows another picture.

        Of the two contents in the decision, the second leaves; if the second is the kept file, the first leaves.
        """
        if member.sha256 == self.leader:
            return False
        for first, second in (decision.contents for decision in self._apart.values()):
            if member.sha256 == second or (member.sha256, self.leader) == (first, second):
                return True
        return False

    def keeps(self, member: Member) -> Decision | None:
        """The decision to leave a member alone; None if there is none."""
        return self._stays.get(member.sha256)

    def drops(self, member: Member) -> Decision | None:
        """The decision to put a member away in favour of the kept file; None if there is none."""
        found = self._drops.get(member.sha256)
        return found if found is not None and found.contents[0] == self.leader else None

    def _keep_first(self, first: str, others: list[str], decision: Decision) -> None:
        self.leader = first
        self._stays[first] = decision
        self._drops.pop(first, None)
        for sha256 in others:
            self._drops[sha256] = decision
            self._stays.pop(sha256, None)
            self._apart.pop(frozenset((first, sha256)), None)


def obey(plan: Plan, decisions: Sequence[Decision], rules: Rules, created: datetime) -> Plan:
    """The plan after the decisions of a person; groups keep their numbers.

    Args:
        plan: as the person saw it.
        decisions: of the catalog, oldest first.
        rules: whose protected folders are obeyed.
        created: time of the new plan, with a time zone.
    """
    groups = [obey_in_group(group, Said(group, decisions), rules) for group in plan.groups]
    return make_plan(created, plan.roots, [group for group in groups if len(group.members) > 1])


def obey_in_group(group: Group, said: Said, rules: Rules) -> Group:
    """A group after the decisions; obey drops the group if only one member is left."""
    if not said.relevant:
        return group
    before = group.members[0]
    first = next(member for member in group.members if member.sha256 == said.leader)
    decision = said.keeps(first)
    leader = Member(first.path, first.sha256, first.size_bytes, 1, True, reasons=first.reasons if first is before else ())
    if decision is not None:
        leader = replace(leader, reasons=_with(leader, decision.sentence))
    members = [leader]
    for member in group.members:
        if member.path == first.path or said.is_apart(member):
            continue
        seen = member if first is before else _seen_from(member, before, first)
        place = 1 if seen.relation in EQUAL_PIXELS else max(2, members[-1].place + (members[-1].sha256 != member.sha256))
        members.append(replace(_obeying(seen, leader, said, rules), place=place))
    return Group(group.number, tuple(members))


def _seen_from(member: Member, before: Member, first: Member) -> Member:
    """A member related to a new kept file.

    Args:
        member: related to the old kept file.
        before: the old kept file.
        first: the new kept file, as a member of the old group.
    """
    if member.sha256 == first.sha256:
        relation: Relation | None = Relation.SAME_BYTES
    elif member is before or member.relation in EQUAL_PIXELS:
        relation = Relation.SAME_PIXELS if first.relation in EQUAL_PIXELS else Relation.VERSION
    else:
        relation = member.relation
    transform = None
    if relation is Relation.VERSION and (member is before or member.relation in EQUAL_PIXELS) and first.transform is not None:
        transform = first.transform.inverse
    may_go = relation in MAY_BE_PUT_AWAY
    stuck = _is_stuck(member)
    return Member(
        member.path, member.sha256, member.size_bytes, member.place, not may_go or stuck, relation,
        1.0 if relation in EQUAL_PIXELS else None,
        tuple(reason for reason in member.reasons if reason in _STUCK) if may_go else member.reasons, transform,
    )  # fmt: skip


def _obeying(member: Member, leader: Member, said: Said, rules: Rules) -> Member:
    """A member after the decisions about it; protected files and further names of the kept file do not change."""
    kept, dropped = said.keeps(member), said.drops(member)
    may_go = member.relation in MAY_BE_PUT_AWAY and not _is_stuck(member) and not rules.is_protected(member.path)
    away = Action(ActionKind.QUARANTINE, leader.path, leader.sha256)
    if member.sha256 == leader.sha256:  # a decision on these bytes concerns the kept file
        return replace(member, action=away) if may_go and not member.keep else member
    if kept is not None:
        return replace(member, keep=True, action=None, reasons=_with(member, kept.sentence))
    if dropped is not None and may_go:
        seen = replace(member, reasons=tuple(reason for reason in member.reasons if not reason.startswith(_DOUBTS)))
        return replace(seen, keep=False, odds=1.0, action=away, reasons=_with(seen, dropped.in_favour_of(leader.path)))
    if member.action is None or member.action.kept == leader.path:
        return member
    return replace(member, action=None, odds=None, reasons=_with(member, _OTHER_STAYS))


def _is_stuck(member: Member) -> bool:
    return member.keep and any(reason in _STUCK for reason in member.reasons)


def _with(member: Member, sentence: str) -> tuple[str, ...]:
    return (*(reason for reason in member.reasons if not reason.startswith(YOU_DECIDED)), sentence)
