"""Outcomes of a planned action, and of its undo."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from genloss.archive.plan import ActionKind


class Result(StrEnum):
    """How an action ended. Apply gives DONE and WOULD_DO; undo gives RESTORED and WOULD_RESTORE.

    LEFT: the rules or the odds forbid the action.
    ALREADY: an earlier run did the action.
    REFUSED: the action was not possible; the code tells why.
    """

    DONE = "done"
    WOULD_DO = "would_do"
    RESTORED = "restored"
    WOULD_RESTORE = "would_restore"
    ALREADY = "already"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """Outcome for one file.

    Attributes:
        result: how the action ended.
        kind: of the action.
        path: of the file, before the action.
        kept: the file that stays instead.
        size_bytes: of the file.
        target: new place of the file; None for actions that move no file.
        sidecars: files with metadata that only this file had.
        code, message: why the result is LEFT or REFUSED; None for other results.
    """

    result: Result
    kind: ActionKind
    path: Path
    kept: Path
    size_bytes: int
    target: Path | None = None
    sidecars: tuple[Path, ...] = ()
    code: str | None = None
    message: str | None = None
