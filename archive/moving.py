"""Renames that replace nothing, and folders whose entries are on the disk."""

import ctypes
import errno
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from genloss.model.errors import ActionRefusedError

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_NOT_OFFERED = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
_CODES = {
    errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EROFS: "read_only", errno.EACCES: "not_permitted",
    errno.EPERM: "not_permitted", errno.EXDEV: "another_device", errno.EEXIST: "name_taken", errno.ENOENT: "file_missing",
}  # fmt: skip


def refusal(error: OSError, path: Path) -> ActionRefusedError:
    """What the system refused, with one of our codes."""
    return ActionRefusedError(_CODES.get(error.errno or 0, "action_failed"), f"{path}: {error.strerror or error}")


def move(source: Path, target: Path) -> None:
    """Renames a file within its file system, and never over another one.

    Killed in between, both names may lead to the file where the system offers no better way; settling.settle tidies up.

    Raises:
        FileExistsError: the target exists.
        OSError: as the system says.
    """
    renameat2 = _renameat2()
    if renameat2 is not None:
        if renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in _NOT_OFFERED:
            raise OSError(code, os.strerror(code), str(source), None, str(target))
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EPERM, *_NOT_OFFERED):
            raise
        if os.path.lexists(target):  # no links on this file system
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        os.rename(source, target)
    else:
        os.unlink(source)


def sync_folders(*folders: Path) -> None:
    """Waits until what was made, renamed or removed in the folders is on the disk."""
    for folder in dict.fromkeys(folders):
        with suppress(OSError):  # gone, or a system that syncs no folders
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Makes a folder and those above it, on the disk when this returns."""
    missing = [folder, *folder.parents]
    missing = missing[: next(place for place, above in enumerate(missing) if above.is_dir())]
    for below in reversed(missing):
        with suppress(FileExistsError):
            below.mkdir()
        sync_folders(below.parent)


def device_of(folder: Path) -> int:
    """The device that a folder is on, or would be on once made."""
    return next(os.stat(above).st_dev for above in (folder, *folder.parents) if above.is_dir())


@cache
def _renameat2() -> Any:
    """The C library's function (Linux), or None."""
    with suppress(OSError, AttributeError):
        function = ctypes.CDLL(None, use_errno=True).renameat2
        function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
        return function
    return None
