"""Rejects unsafe plans, whoever wrote or edited them."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from genloss.archive.listing import QUARANTINE_FOLDER
from genloss.archive.plan import MAY_BE_PUT_AWAY, ActionKind, Group, Member, Plan, Relation
from genloss.model.errors import PlanActionError, PlanPathError

SAME_BYTES_ONLY = (ActionKind.HARDLINK, ActionKind.REFLINK)


def check_plan(plan: Plan) -> None:
    """Rejects a plan that leaves its folders or would lose a picture.

    Raises:
        PlanPathError: a path is not absolute, contains "..", lies outside the roots or in a quarantine, or goes through a link.
        PlanActionError: a file is listed twice; or an action concerns a kept file, a file that is no version, or unknown
            odds; or the group does not keep the file that the action names.
    """
    check_link = _link_check()
    for root in plan.roots:
        _check_form(root)
        check_link(root)
    seen: set[Path] = set()
    for group in plan.groups:
        for member in group.members:
            if member.path in seen:
                raise PlanActionError(f"{member.path} is listed twice; a file belongs to one group, and one action")
            seen.add(member.path)
            _check_place(member.path, plan)
            if member.action is not None or member.keep:
                check_link(member.path.parent)
        _check_actions(group)


def _check_form(path: Path) -> None:
    if not path.is_absolute() or os.path.normpath(path) != str(path):
        raise PlanPathError(f'{path} is not an absolute path without "." and ".."')


def _check_place(path: Path, plan: Plan) -> None:
    _check_form(path)
    if plan.root_of(path) is None:
        raise PlanPathError(f"{path} lies outside the folders of the plan")
    if QUARANTINE_FOLDER in path.parts:
        raise PlanPathError(f"{path} lies in a quarantine")


def _link_check() -> Callable[[Path], None]:
    """A check that rejects folders reached through a link; it inspects each folder once."""

    @cache
    def check(folder: Path) -> None:
        if os.path.realpath(folder) != str(folder):
            raise PlanPathError(f"{folder} is or goes through a symbolic link, which may lead anywhere")

    return check


def _check_actions(group: Group) -> None:
    kept = {member.path: member for member in group.members if member.keep}
    for member in group.members:
        if member.action is None:
            continue
        if member.keep:
            raise PlanActionError(f"{member.path} is to be kept, and has an action")
        winner = kept.get(member.action.kept)
        if winner is None:
            raise PlanActionError(f"{member.path}: its group would not keep {member.action.kept}")
        if winner.sha256 != member.action.kept_sha256:
            raise PlanActionError(f"{member.path}: kept_sha256 is not the sha256 of {winner.path}")
        _check_relation(member)


def _check_relation(member: Member) -> None:
    assert member.action is not None
    if member.relation not in MAY_BE_PUT_AWAY:
        raise PlanActionError(f"{member.path} is no version of the kept file ({member.relation or 'no relation'})")
    if member.odds is None:
        raise PlanActionError(f"{member.path} has an action, but no odds")
    same = member.sha256 == member.action.kept_sha256
    if not same and (member.relation == Relation.SAME_BYTES or member.action.kind in SAME_BYTES_ONLY):
        raise PlanActionError(f"{member.path} has not the bytes of the kept file, so {member.action.kind} would lose them")
