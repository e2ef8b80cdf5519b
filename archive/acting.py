"""Carries out one action on one checked and journalled file; settling.settle can undo every step."""

import errno
import os
from pathlib import Path

from genloss.archive.file_metadata import write_file_metadata
from genloss.archive.hashing import hash_file
from genloss.archive.journal import Entry
from genloss.archive.moving import move, sync_folders
from genloss.archive.plan import ActionKind
from genloss.archive.quarantine import make_quarantine
from genloss.archive.steps import Reached
from genloss.archive.trash import write_trash_info
from genloss.model.errors import ActionRefusedError, FileUnreadableError

_FICLONE = 0x40049409  # linux/fs.h
_NO_REFLINKS = (errno.EOPNOTSUPP, errno.EINVAL, errno.EXDEV, errno.ENOTTY, errno.ENOSYS)


def act(entry: Entry, home_trash: Path | None, reached: Reached) -> None:
    """Carries out the action of an entry; synced to disk on return.

    Args:
        entry: already in the journal.
        home_trash: from trash.find_home_trash.
        reached: called after every step.

    Raises:
        ActionRefusedError: file_changed if another file has taken the name since the check or the kept file changed;
            reflink_unsupported; action_failed if the clone cannot be read back.
        OSError: a system call failed. The caller must settle the entry.
    """
    if entry.kind in (ActionKind.QUARANTINE, ActionKind.TRASH):
        _put_away(entry, home_trash, reached)
        return
    if entry.kind is ActionKind.REFLINK:
        _clone(entry)
        reached("cloned")
    move(entry.path, entry.aside)
    reached("aside")
    _check_inode(entry, entry.aside)
    if entry.kind is ActionKind.HARDLINK:
        os.link(entry.kept, entry.path, follow_symlinks=False)
    elif entry.kind is ActionKind.REFLINK:
        move(entry.fresh, entry.path)
    sync_folders(entry.path.parent)
    reached("replaced")
    os.unlink(entry.aside)
    sync_folders(entry.path.parent)
    reached("acted")


def _put_away(entry: Entry, home_trash: Path | None, reached: Reached) -> None:
    assert entry.target is not None
    if entry.kind is ActionKind.TRASH:
        write_trash_info(entry.path, entry.target, home_trash)
    else:
        make_quarantine(entry.target, entry.plan_id)
    reached("place_made")
    move(entry.path, entry.target)
    reached("moved")
    _check_inode(entry, entry.target)
    sync_folders(entry.target.parent, entry.path.parent)
    reached("acted")


def _check_inode(entry: Entry, place: Path) -> None:
    """Moves the file back and refuses if it is not the checked file but a newer one of the same name."""
    status = os.lstat(place)
    if (status.st_ino, status.st_size, status.st_mtime_ns) != (entry.inode, entry.size_bytes, entry.metadata.mtime_ns):
        move(place, entry.path)
        raise ActionRefusedError("file_changed", f"{entry.path}: replaced while it was about to be put away")


def _clone(entry: Entry) -> None:
    """Creates a clone that shares the kept file's blocks and has the metadata of the file it will replace."""
    try:
        import fcntl

        with open(entry.kept, "rb") as source, open(entry.fresh, "xb") as clone:
            fcntl.ioctl(clone.fileno(), _FICLONE, source.fileno())
            os.fsync(clone.fileno())
    except ImportError as error:
        raise _no_reflinks(entry) from error
    except OSError as error:
        if error.errno in _NO_REFLINKS:
            raise _no_reflinks(entry) from error
        raise
    try:
        sha256 = hash_file(entry.fresh).sha256
    except FileUnreadableError as error:
        raise ActionRefusedError("action_failed", str(error)) from error
    if sha256 != entry.sha256:
        raise ActionRefusedError("file_changed", f"{entry.kept}: changed while it was cloned")
    write_file_metadata(entry.fresh, entry.metadata)


def _no_reflinks(entry: Entry) -> ActionRefusedError:
    return ActionRefusedError("reflink_unsupported", f"{entry.path}: its file system cannot share blocks between files")
