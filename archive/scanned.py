"""What a scan says of every single file."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from genloss.archive.catalog import CatalogFile
from genloss.archive.json_paths import plain_text
from genloss.archive.look import Look
from genloss.archive.plan import Member, Plan
from genloss.archive.relating import Looked
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
        notes: sentences on a file without a group; those of members are among their reasons.
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
    notes: tuple[str, ...] = ()


def scanned_files(
    looked: Looked, plan: Plan, plain: Collection[Path], notes: Mapping[Path, tuple[str, ...]]
) -> Iterator[ScannedFile]:
    """Every file once, then what was left out.

    Args:
        looked: files of the folders.
        plan: with the groups.
        plain: files that are too plain to be compared.
        notes: sentences on files, which members of groups have among their reasons.
    """
    members = {member.path: (group, member) for group in plan.groups for member in group.members}
    for file in looked.files:
        look = looked.look(file)
        if not isinstance(look, Look):
            yield not_seen(file, look)
        elif file.path in members:
            group, member = members[file.path]
            kept = member.action.kept if member.action is not None else group.members[0].path
            yield ScannedFile(
                file.path, Status.OK, size_bytes=file.size_bytes, group=group.number, member=member, kept=kept,
                is_plain=file.path in plain,
            )  # fmt: skip
        else:
            yield ScannedFile(
                file.path, Status.OK, size_bytes=file.size_bytes, is_plain=file.path in plain, notes=notes.get(file.path, ())
            )
    for entry in looked.left_out:
        yield ScannedFile(entry.path, Status.LEFT_OUT, entry.code, plain_text(entry.message))


def not_seen(file: CatalogFile, why: tuple[str, str]) -> ScannedFile:
    """A file that is no picture, or a broken one.

    Args:
        file: of the catalog.
        why: code and message.
    """
    status = Status.NO_PICTURE if why[0] == UnsupportedFormatError.code else Status.BROKEN
    return ScannedFile(file.path, status, why[0], plain_text(why[1]), file.size_bytes)
