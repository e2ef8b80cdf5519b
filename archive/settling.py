"""Settles actions that were killed or failed half-way: each ends either done or undone."""

import os
from pathlib import Path

from genloss.archive.hashing import hash_file
from genloss.archive.journal import Entry, State
from genloss.archive.moving import move, sync_folders
from genloss.archive.plan import ActionKind
from genloss.archive.quarantine import remove_empty_folders
from genloss.archive.sidecars import remove_sidecar
from genloss.archive.trash import remove_trash_info
from genloss.model.errors import FileUnreadableError


def settle(entry: Entry) -> State:
    """Inspects the files of an unfinished entry and leaves the action either done or undone. No file is lost.

    Returns:
        DONE if the action has taken place; UNDONE if it has not, or was reverted.

    Raises:
        OSError: the operating system refused a step; no file is lost.
    """
    state = _settle_replacement(entry) if entry.target is None else _settle_move(entry, entry.target)
    if state is State.UNDONE:
        for sidecar in entry.sidecars:
            remove_sidecar(sidecar)
    sync_folders(entry.path.parent)
    return state


def has_bytes(path: Path, sha256: str) -> bool:
    """Whether the path is a regular file with this sha256."""
    try:
        return hash_file(path).sha256 == sha256
    except FileUnreadableError:
        return False


def is_same_file(path: Path, other: Path) -> bool:
    """Whether two paths are names (hard links) of one file; symbolic links are not followed."""
    try:
        return os.path.samestat(os.lstat(path), os.lstat(other))
    except OSError:
        return False


def _settle_move(entry: Entry, target: Path) -> State:
    if is_same_file(entry.path, target):  # linked, but not yet unlinked
        os.unlink(target)
    if os.path.lexists(target) and not _is_original(entry):
        return State.DONE
    clean_place(entry, target)
    return State.UNDONE


def clean_place(entry: Entry, target: Path) -> None:
    """Removes the trash record, or the empty quarantine folders, of a file that is not at its target."""
    if entry.kind is ActionKind.TRASH:
        remove_trash_info(entry.path, target)
    else:
        remove_empty_folders(target, entry.plan_id)


def _settle_replacement(entry: Entry) -> State:
    if is_same_file(entry.aside, entry.path):  # linked, but not yet unlinked
        os.unlink(entry.aside)
    if not os.path.lexists(entry.aside):
        entry.fresh.unlink(missing_ok=True)
        if entry.state is State.UNDOING:  # undoing a link twice does no harm
            return State.UNDONE if entry.kind is ActionKind.DELETE and has_bytes(entry.path, entry.sha256) else State.DONE
        return State.UNDONE if _is_original(entry) else State.DONE
    if _is_replacement(entry):  # the original is still at `aside`
        os.unlink(entry.path)
    move(entry.aside, entry.path)
    entry.fresh.unlink(missing_ok=True)
    return State.UNDONE


def _is_original(entry: Entry) -> bool:
    """Whether the path still has the original file, by inode."""
    try:
        return os.lstat(entry.path).st_ino == entry.inode
    except OSError:
        return False


def _is_replacement(entry: Entry) -> bool:
    """Whether the path has the link or clone that the action made."""
    if entry.kind is ActionKind.HARDLINK:
        return is_same_file(entry.path, entry.kept)
    return entry.kind is ActionKind.REFLINK and has_bytes(entry.path, entry.sha256)
