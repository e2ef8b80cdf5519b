"""Carries out a plan file by file: check, write to the journal, act, mark as done."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from genloss.archive.acting import act
from genloss.archive.checks import Names, checked, count_names
from genloss.archive.journal import Entry, Journal, State
from genloss.archive.locks import lock_roots
from genloss.archive.moving import refusal
from genloss.archive.outcomes import Outcome, Result
from genloss.archive.plan import Action, ActionKind, Plan, PlannedAction
from genloss.archive.plan_check import SAME_BYTES_ONLY, check_plan
from genloss.archive.quarantine import quarantine_target
from genloss.archive.rules import Rules
from genloss.archive.settling import settle
from genloss.archive.sidecars import plan_sidecars, write_sidecar
from genloss.archive.steps import Reached, go_on
from genloss.archive.trash import find_home_trash, trash_target
from genloss.model.errors import ActionRefusedError, ConfirmationError
from genloss.model.percent import percent


@dataclass(frozen=True)
class ApplyOptions:
    """Options of apply_plan.

    Attributes:
        kind: overrides the kind of every action in the plan; None keeps the plan's kinds.
        quarantine: folder for files that are put away; None for one quarantine in each root of the plan.
        sure: least odds of an action, in [0.5, 1]; None for the least odds of the rules.
        rules: their protected folders and least odds apply.
        carry_metadata: whether to save metadata that only the file has beside the kept file, before the file goes.
        dry_run: whether to check everything and do nothing.
        confirmation: delete_phrase of the number of files, typed by a person; needed to delete.
        home_trash: from trash.find_home_trash.
    """

    kind: ActionKind | None = None
    quarantine: Path | None = None
    sure: float | None = None
    rules: Rules = field(default_factory=Rules)
    carry_metadata: bool = False
    dry_run: bool = False
    confirmation: str | None = None
    home_trash: Path | None = field(default_factory=find_home_trash)


def choose_actions(plan: Plan, options: ApplyOptions) -> tuple[list[PlannedAction], list[Outcome]]:
    """The actions to take, with options.kind applied, and outcomes for files that the rules or low odds leave alone."""
    least = options.rules.minimum_odds if options.sure is None else options.sure
    chosen, left = [], []
    for planned in plan.actions():
        member, action = planned.member, planned.action
        if options.kind is not None:
            action = Action(options.kind, action.kept, action.kept_sha256)
        if options.rules.is_protected(member.path):
            left.append(_outcome(planned, Result.LEFT, code="protected", message="lies in a protected folder"))
        elif member.odds is None or member.odds < least:
            message = f"odds of {percent(member.odds)} are below {100 * least:g} %" if member.odds is not None else "no odds"
            left.append(_outcome(planned, Result.LEFT, code="not_sure_enough", message=message))
        else:
            chosen.append(planned._replace(action=action))
    return chosen, left


def delete_phrase(n_files: int) -> str:
    """The phrase that a person must type before `n_files` files are deleted."""
    return f"delete {n_files} file{'s' if n_files != 1 else ''}"


def apply_plan(
    plan: Plan, journal_path: Path, options: ApplyOptions | None = None, reached: Reached = go_on
) -> Iterator[Outcome]:
    """Carries out or resumes a plan; a generator, so nothing happens before the first outcome is requested.

    After a kill at any point, call it again or undo the plan; both first settle unfinished actions. An error with one
    file leaves that file unchanged and yields an outcome.

    Args:
        plan: from plan_file.read_plan or plan.make_plan.
        journal_path: created if missing, except by a dry run.
        options: None for the defaults of ApplyOptions.
        reached: called after every step; for tests.

    Yields:
        One outcome for each action of the plan.

    Raises:
        PlanPathError, PlanActionError: as check_plan.
        ConfirmationError: files would be deleted and options.confirmation is not delete_phrase.
        ArchiveLockedError: another apply or undo is running in these folders or with this journal.
        JournalError: as Journal, for example if the disk is full; the next call settles the interrupted action.
    """
    options = options or ApplyOptions()
    if options.quarantine is not None:
        options = replace(options, quarantine=Path(os.path.realpath(options.quarantine)))
    check_plan(plan)
    chosen, left = choose_actions(plan, options)
    n_deleted = sum(planned.action.kind is ActionKind.DELETE for planned in chosen)
    if n_deleted and not options.dry_run and options.confirmation != delete_phrase(n_deleted):
        raise ConfirmationError(f'to delete them for good, type "{delete_phrase(n_deleted)}"; nothing was done')
    yield from left
    with ExitStack() as stack:
        journal = None
        if not options.dry_run:
            stack.enter_context(lock_roots(plan.roots))
        if not options.dry_run or journal_path.exists():
            journal = stack.enter_context(Journal(journal_path, plan))
        yield from _Run(plan, journal, options, chosen, reached).outcomes()


class _Run:
    """One run over the chosen actions.

    Args:
        plan: the plan.
        journal: open; None in a dry run of a plan that was never applied.
        options, reached: as for apply_plan.
        chosen: from choose_actions.
    """

    def __init__(
        self, plan: Plan, journal: Journal | None, options: ApplyOptions, chosen: list[PlannedAction], reached: Reached
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._options = options
        self._chosen = chosen
        self._reached = reached
        self._done: dict[Path, Entry] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """The outcomes of the chosen actions, as apply_plan yields them."""
        if self._journal is not None:
            if not self._options.dry_run:
                _settle_unfinished(self._journal)
            self._done = {entry.path: entry for entry in self._journal.entries((State.DONE,))}
        put_away = (entry.target for entry in self._done.values() if entry.target is not None)
        names = count_names(iter([*put_away, *(planned.member.path for planned in self._chosen)]))
        for planned in self._chosen:
            done = self._done.get(planned.member.path)
            if done is not None and (done.kind in SAME_BYTES_ONLY or not os.path.lexists(planned.member.path)):
                yield _outcome(planned, Result.ALREADY, done.target)
                continue
            try:
                outcome = self._apply(planned, names)
            except (ActionRefusedError, OSError) as error:
                refused = error if isinstance(error, ActionRefusedError) else refusal(error, planned.member.path)
                message = str(refused).removeprefix(f"{planned.member.path}: ")
                outcome = _outcome(planned, Result.REFUSED, code=refused.code, message=message)
            yield outcome

    def _apply(self, planned: PlannedAction, names: Names) -> Outcome:
        member, action = planned.member, planned.action
        number = 0 if self._journal is None else self._journal.next_number()
        target = self._target(member.path, action.kind, number)
        with checked(planned, action.kind, None if target is None else target.parent, names) as found:
            if target is not None and os.path.lexists(target):
                raise ActionRefusedError("name_taken", f"{member.path}: {target} exists already")
            sidecars = plan_sidecars(member.path, member.sha256, action.kept) if self._options.carry_metadata else []
            entry = Entry(
                self._plan.id, number, action.kind, member.path, member.sha256, found.status.st_size, found.status.st_dev,
                found.status.st_ino, found.metadata, action.kept, action.kept_sha256, target,
                tuple(one.sidecar for one in sidecars),
            )  # fmt: skip
            if self._journal is None or self._options.dry_run:
                return _outcome(planned, Result.WOULD_DO, target, entry)
            self._reached("checked")
            self._journal.start(entry)
            self._reached("journalled")
            try:
                for sidecar in sidecars:
                    write_sidecar(sidecar)
                    self._reached("sidecar_written")
                act(entry, self._options.home_trash, self._reached)
            except (OSError, ActionRefusedError) as error:
                self._journal.mark(entry, _settle(entry), str(error))
                raise
            self._journal.mark(entry, State.DONE)
            self._reached("marked")
        return _outcome(planned, Result.DONE, target, entry)

    def _target(self, path: Path, kind: ActionKind, number: int) -> Path | None:
        if kind is ActionKind.QUARANTINE:
            target = quarantine_target(self._plan, path, self._options.quarantine)
            if os.path.realpath(target.parent) != str(target.parent):
                raise ActionRefusedError("is_a_link", f"{path}: {target.parent} is reached through a symbolic link")
            return target
        if kind is ActionKind.TRASH:
            return trash_target(path, self._options.home_trash, f"{self._plan.id}-{number}")
        return None


def _settle_unfinished(journal: Journal) -> None:
    for entry in journal.entries((State.STARTED, State.UNDOING)):
        journal.mark(entry, _settle(entry), "settled by apply")


def _settle(entry: Entry) -> State:
    try:
        return settle(entry)
    except OSError:  # the next apply or undo tries again
        return entry.state


def _outcome(
    planned: PlannedAction, result: Result, target: Path | None = None, entry: Entry | None = None, *,
    code: str | None = None, message: str | None = None,
) -> Outcome:  # fmt: skip
    sidecars = () if entry is None else tuple(one.path for one in entry.sidecars)
    member, action = planned.member, planned.action
    return Outcome(result, action.kind, member.path, action.kept, member.size_bytes, target, sidecars, code, message)
