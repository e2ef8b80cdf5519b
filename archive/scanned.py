"""What a scan says of every single file."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from genloss.archive.catalog import CatalogFile
from genloss.archive.json_paths import plain_text
from genloss.archive.listing import LeftOut
from genloss.archive.look import Look
from genloss.archive.plan import Member, Plan
from genloss.model.errors import UnsupportedFormatError


class Status(StrEnum):
    """What a file is: a picture, a broken one, something else, or an entry that was not looked at."""

    OK = "ok"
    BROKEN = "broken"
    NO_PICTURE = "no_picture"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class ScannedFile:
    """One file.

    Attributes:
        path: absolute.
        status: as above.
        code, message: why it is not a picture, as in docs/using/errors.md; None for pictures.
        size_bytes: of the file; None for entries that were left out.
        group: number in the plan, None for a file that is related to no other.
        member: its row in the plan, likewise.
        kept: the file that stays of its group, likewise.
        is_plain: whether it is too plain or too small to be compared.
    """

    path: Path
    status: Status
    code: str | None = None
    message: str | None = None
    size_bytes: int | None = None
    group: int | None = None
    member: Member | None = None
    kept: Path | None = None
    is_plain: bool = False


def scanned_files(
    files: Sequence[CatalogFile], looks: Mapping[str, Look | tuple[str, str]], plan: Plan, plain: Collection[Path],
    left_out: Sequence[LeftOut],
) -> Iterator[ScannedFile]:  # fmt: skip
    """Every file once, then what was left out.

    Args:
        files: of the folders.
        looks: by content, or the code and message of why there is none.
        plan: with the groups.
        plain: files that are too plain to be compared.
        left_out: links, pipes and what could not be listed.
    """
    members = {member.path: (group, member) for group in plan.groups for member in group.members}
    for file in files:
        found = (file.error, file.message) if file.sha256 is None else looks[file.sha256]
        if not isinstance(found, Look):
            code, message = found
            status = Status.NO_PICTURE if code == UnsupportedFormatError.code else Status.BROKEN
            yield ScannedFile(file.path, status, code, plain_text(message or ""), file.size_bytes)
        elif file.path in members:
            group, member = members[file.path]
            kept = member.action.kept if member.action is not None else group.members[0].path
            yield ScannedFile(
                file.path, Status.OK, size_bytes=file.size_bytes, group=group.number, member=member, kept=kept,
                is_plain=file.path in plain,
            )  # fmt: skip
        else:
            yield ScannedFile(file.path, Status.OK, size_bytes=file.size_bytes, is_plain=file.path in plain)
    for entry in left_out:
        yield ScannedFile(entry.path, Status.LEFT_OUT, entry.code, plain_text(entry.message))
