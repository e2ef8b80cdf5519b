"""Undoes an action: brings the file back to its path, with its own bytes, times, mode and attributes."""

import os
import shutil
from pathlib import Path

from genloss.archive.file_metadata import write_file_metadata
from genloss.archive.journal import Entry
from genloss.archive.moving import make_folders, move, sync_folders
from genloss.archive.plan import ActionKind
from genloss.archive.settling import clean_place, has_bytes
from genloss.archive.sidecars import remove_sidecar
from genloss.archive.steps import Reached
from genloss.model.errors import ActionRefusedError


def check_restorable(entry: Entry) -> Path | None:
    """Checks whether an action can be undone; changes nothing.

    Returns:
        The file to restore the bytes from; None if the file is back already.

    Raises:
        ActionRefusedError: name_taken, is_a_link, file_missing, file_changed, or deleted.
    """
    parent = entry.path.parent
    if os.path.realpath(parent) != str(parent):
        raise ActionRefusedError("is_a_link", f"{entry.path}: its folder is reached through a symbolic link now")
    taken, back = os.path.lexists(entry.path), has_bytes(entry.path, entry.sha256)
    if entry.target is not None:
        return _check_put_away(entry, entry.target, taken, back)
    if taken and not back:
        code, what = ("name_taken", "another file is there") if entry.kind is ActionKind.DELETE else ("file_changed", "changed")
        raise ActionRefusedError(code, f"{entry.path}: {what}; it stays")
    if back:
        return None if entry.kind is ActionKind.DELETE else entry.path
    if entry.sha256 == entry.kept_sha256 and has_bytes(entry.kept, entry.sha256):
        return entry.kept
    if entry.kind is ActionKind.DELETE:
        raise ActionRefusedError("deleted", f"{entry.path}: was deleted for good")
    raise ActionRefusedError("file_missing", f"{entry.path}: gone, and no copy of its bytes at {entry.kept}")


def restore(entry: Entry, source: Path, reached: Reached) -> None:
    """Restores a file; it is on the disk when this returns.

    Args:
        entry: with the state UNDOING in the journal.
        source: from check_restorable.
        reached: called after every step.

    Raises:
        ActionRefusedError: file_changed: the source changed while it was copied; the caller must settle the entry.
        OSError: the operating system refused a step; the caller must settle the entry.
    """
    make_folders(entry.path.parent)
    if entry.target is not None:
        move(source, entry.path)
        reached("moved_back")
        sync_folders(entry.path.parent, source.parent)
        clean_place(entry, source)
    else:
        with open(source, "rb") as original, open(entry.fresh, "wb") as copy:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        if not has_bytes(entry.fresh, entry.sha256):
            raise ActionRefusedError("file_changed", f"{entry.path}: {source} changed while it was copied")
        write_file_metadata(entry.fresh, entry.metadata)
        reached("copied")
        if source == entry.path:  # a link or clone with the same bytes
            os.replace(entry.fresh, entry.path)
        else:
            move(entry.fresh, entry.path)
        sync_folders(entry.path.parent)
    reached("restored")
    for sidecar in entry.sidecars:
        remove_sidecar(sidecar)
    reached("tidied")


def _check_put_away(entry: Entry, target: Path, taken: bool, back: bool) -> Path | None:
    if not os.path.lexists(target):
        if back:
            return None
        raise ActionRefusedError("file_missing", f"{entry.path}: no longer at {target}")
    if not has_bytes(target, entry.sha256):
        raise ActionRefusedError("file_changed", f"{target}: changed since it was put away; it stays there")
    if taken:
        raise ActionRefusedError("name_taken", f"{entry.path}: another file is there; {target} stays where it is")
    return target
