"""Checks just before an action that it is still what the plan meant; reads both files again."""

import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from genloss.archive.file_metadata import FileMetadata, read_file_metadata
from genloss.archive.hashing import hash_descriptor, open_regular
from genloss.archive.listing import is_quarantine
from genloss.archive.moving import device_of, refusal
from genloss.archive.open_files import nobody_writes
from genloss.archive.plan import ActionKind, PlannedAction
from genloss.archive.plan_check import SAME_BYTES_ONLY
from genloss.model.errors import ActionRefusedError, FileUnreadableError

# Number of names that a plan puts away, by device and inode of the file.
Names = Counter[tuple[int, int]]


@dataclass(frozen=True)
class Checked:
    """A file that may be acted on inside the block of `checked`."""

    status: os.stat_result
    metadata: FileMetadata


@contextmanager
def checked(planned: PlannedAction, kind: ActionKind, folder: Path | None, names: Names) -> Iterator[Checked]:
    """A block in which the file and the kept file are what the plan says, and nobody writes to them.

    Args:
        planned: the action.
        kind: kind of action to carry out.
        folder: destination of the file, which need not exist; None if the file is not moved.
        names: from count_names, over all files that the plan puts away.

    Raises:
        ActionRefusedError: file_missing, file_unreadable, file_changed, is_a_link, in_quarantine, open_for_writing,
            same_file, hard_linked, another_device, bytes_differ; or not_permitted, if a folder above may not be entered.
        OSError: another system call failed; nothing was changed.
    """
    member, action = planned.member, planned.action
    if kind in SAME_BYTES_ONLY and member.sha256 != action.kept_sha256:
        raise ActionRefusedError("bytes_differ", f"{member.path}: not the bytes of the kept file; a link would lose its own")
    with _unchanged(member.path, member.sha256) as mine, _unchanged(action.kept, action.kept_sha256, "the kept file ") as kept:
        if (mine.status.st_dev, mine.status.st_ino) == (kept.status.st_dev, kept.status.st_ino):
            raise ActionRefusedError("same_file", f"{member.path}: another name of the kept file; nothing would be freed")
        if names[mine.status.st_dev, mine.status.st_ino] < mine.status.st_nlink:
            raise ActionRefusedError(
                "hard_linked", f"{member.path}: has {mine.status.st_nlink} names, of which others stay; nothing would be freed"
            )
        device = kept.status.st_dev if kind in SAME_BYTES_ONLY else None if folder is None else device_of(folder)
        if device is not None and device != mine.status.st_dev:
            where = "the kept file" if folder is None else folder
            raise ActionRefusedError("another_device", f"{member.path}: not on the device of {where}")
        yield mine


def count_names(paths: Iterator[Path]) -> Names:
    """Number of paths that lead to each file; missing paths are skipped."""
    names: Names = Counter()
    for path in paths:
        try:
            status = os.lstat(path)
        except OSError:
            continue
        names[status.st_dev, status.st_ino] += 1
    return names


@contextmanager
def _unchanged(path: Path, sha256: str, which: str = "") -> Iterator[Checked]:
    """A block in which a file has this sha256, is reached through no symbolic link, and nobody writes to it."""
    shown = f"{which}{path}"
    try:
        status = os.lstat(path)
    except NotADirectoryError as error:
        raise ActionRefusedError("file_missing", f"{shown}: {error.strerror}") from error
    except OSError as error:
        raise refusal(error, shown) from error
    if stat.S_ISLNK(status.st_mode) or os.path.realpath(path.parent) != str(path.parent):
        raise ActionRefusedError("is_a_link", f"{shown}: is or is reached through a symbolic link")
    if any(map(is_quarantine, path.parents)):
        raise ActionRefusedError("in_quarantine", f"{shown}: lies in a quarantine")
    try:
        descriptor = open_regular(path)
    except FileUnreadableError as error:
        raise ActionRefusedError("file_unreadable", f"{which}{error}") from error
    try:
        with nobody_writes(descriptor, path):
            try:
                digest = hash_descriptor(descriptor, path)
            except FileUnreadableError as error:
                raise ActionRefusedError("file_changed", f"{which}{error}") from error
            if digest.sha256 != sha256:
                raise ActionRefusedError("file_changed", f"{shown}: not the bytes the plan was made for")
            yield Checked(digest.status, read_file_metadata(descriptor))
    finally:
        os.close(descriptor)
