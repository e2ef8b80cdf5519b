"""What became of a planned action, or of taking it back."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from genloss.archive.plan import ActionKind


class Result(StrEnum):
    """DONE and WOULD_DO are of apply, RESTORED and WOULD_RESTORE of undo.

    LEFT: the rules or the odds say so; ALREADY: an earlier run did it; REFUSED: see the code.
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
    """One file.

    Attributes:
        result: what became of it.
        kind: of the action.
        path: of the file, before the action.
        kept: the file that stays instead.
        size_bytes: of the file.
        target: where it was or would be put; None for actions that put nothing anywhere.
        sidecars: files with metadata that only it had.
        code, message: why it was LEFT or REFUSED, else None.
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
