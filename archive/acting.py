"""One action on one file that was checked and journalled; every step can be taken back by settling.settle."""

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


def act(entry: Entry, home_trash: Path, reached: Reached) -> None:
    """Does what the entry says; on the disk when this returns.

    Args:
        entry: journalled.
        home_trash: of the user.
        reached: called after every step.

    Raises:
        ActionRefusedError: file_changed: another file has taken the name since it was checked; reflink_unsupported.
        OSError: as the system says. The entry is to be settled.
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


def _put_away(entry: Entry, home_trash: Path, reached: Reached) -> None:
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
    """That the file which was moved is the one that was checked, and not a newer one of that name."""
    status = os.lstat(place)
    if (status.st_ino, status.st_size, status.st_mtime_ns) != (entry.inode, entry.size_bytes, entry.metadata.mtime_ns):
        move(place, entry.path)
        raise ActionRefusedError("file_changed", f"{entry.path}: replaced while it was about to be put away")


def _clone(entry: Entry) -> None:
    """A file with the kept one's bytes, sharing its blocks, and the metadata of the file it will stand for."""
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
