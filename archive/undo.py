"""Undoes the actions of a journal, the latest first."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from genloss.archive.journal import Entry, Journal, State
from genloss.archive.locks import lock_roots
from genloss.archive.moving import refusal
from genloss.archive.outcomes import Outcome, Result
from genloss.archive.restoring import check_restorable, restore
from genloss.archive.settling import clean_place, settle
from genloss.archive.steps import Reached, go_on
from genloss.model.errors import ActionRefusedError


def undo_journal(journal_path: Path, dry_run: bool = False, reached: Reached = go_on) -> Iterator[Outcome]:
    """Restores every file that can be restored. The work starts when the first outcome is requested.

    Never overwrites a file with another file. After an interruption, a further call resumes; restored files stay restored.

    Args:
        journal_path: of a journal that apply_plan wrote.
        dry_run: whether to check everything and change nothing.
        reached: called after every step; for tests.

    Yields:
        An outcome for each action that is not yet undone.

    Raises:
        JournalError, ArchiveLockedError: as Journal and lock_roots.
    """
    with Journal(journal_path) as journal, lock_roots(journal.roots):
        for entry in journal.entries((State.STARTED, State.DONE, State.UNDOING), newest_first=True):
            try:
                if dry_run:
                    if entry.state is State.DONE:
                        check_restorable(entry)
                    yield _outcome(entry, Result.WOULD_RESTORE)
                else:
                    yield _undo(entry, journal, reached)
            except ActionRefusedError as error:
                yield _outcome(entry, Result.REFUSED, error)
            except OSError as error:
                yield _outcome(entry, Result.REFUSED, refusal(error, entry.path))
        if not dry_run:
            for entry in journal.entries((State.UNDONE,)):
                if entry.target is not None:
                    clean_place(entry, entry.target)


def _undo(entry: Entry, journal: Journal, reached: Reached) -> Outcome:
    if entry.state is not State.DONE:
        state = settle(entry)
        journal.mark(entry, state, "settled by undo")
        reached("settled")
        if state is State.UNDONE:
            return _outcome(entry, Result.RESTORED)
    entry = replace(entry, state=State.UNDOING)
    source = check_restorable(entry)
    journal.mark(entry, State.UNDOING)
    reached("undoing")
    if source is not None:
        try:
            restore(entry, source, reached)
        except (OSError, ActionRefusedError):
            with suppress(OSError):  # if settling fails, too, the next undo tries again
                journal.mark(entry, settle(entry))
            raise
    journal.mark(entry, State.UNDONE)
    reached("marked")
    return _outcome(entry, Result.RESTORED)


def _outcome(entry: Entry, result: Result, error: ActionRefusedError | None = None) -> Outcome:
    code, message = (None, None) if error is None else (error.code, str(error).removeprefix(f"{entry.path}: "))
    sidecars = tuple(sidecar.path for sidecar in entry.sidecars)
    return Outcome(result, entry.kind, entry.path, entry.kept, entry.size_bytes, entry.target, sidecars, code, message)
