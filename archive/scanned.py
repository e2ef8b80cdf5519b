"""Results of a scan for each file."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from genloss.archive.catalog import CatalogFile
from genloss.archive.look import Look
from genloss.archive.plan import Member, Plan
from genloss.archive.relating import Looked
from genloss.model.errors import UnsupportedFormatError
from genloss.model.printable import storable


class Status(StrEnum):
    """Status of a file: a picture, a broken picture, something else, or an entry that was skipped."""

    OK = "ok"
    BROKEN = "broken"
    NO_PICTURE = "no_picture"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class ScannedFile:
    """Result of a scan for one file.

    Attributes:
        path: absolute.
        status: of the file.
        code, message: why the file is no picture, as in docs/using/errors.md; None for pictures.
        size_bytes: of the file; None for entries that were skipped.
        group: number of the file's group in the plan; None for a file without a group.
        member: the file's member in the plan; None for a file without a group.
        kept: the file of the group that stays; None for a file without a group.
        is_plain: whether the picture is too plain or too small to be compared.
        notes: sentences on a file without a group; a member has these sentences among its reasons.
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
    """Yields every file once, then the entries that were skipped.

    Args:
        looked: files of the folders.
        plan: with the groups.
        plain: files that are too plain or too small to be compared.
        notes: sentences on files; members of groups already have them among their reasons.
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
        yield ScannedFile(entry.path, Status.LEFT_OUT, entry.code, storable(entry.message))


def not_seen(file: CatalogFile, why: tuple[str, str]) -> ScannedFile:
    """Result for a file that cannot be decoded: no picture, or a broken picture.

    Args:
        file: of the catalog.
        why: code and message of the error.
    """
    status = Status.NO_PICTURE if why[0] == UnsupportedFormatError.code else Status.BROKEN
    return ScannedFile(file.path, status, why[0], storable(why[1]), file.size_bytes)
