"""Renames files without overwriting any, and syncs folders to the disk."""

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


def refusal(error: OSError, path: Path | str) -> ActionRefusedError:
    """Translates an error of the operating system into an ActionRefusedError with a code of genloss."""
    return ActionRefusedError(_CODES.get(error.errno or 0, "action_failed"), f"{path}: {error.strerror or error}")


def move(source: Path, target: Path) -> None:
    """Renames a file within its file system; never overwrites another file.

    On systems without an atomic way, a process killed half-way may leave both names; settling.settle tidies up.

    Raises:
        FileExistsError: the target exists.
        OSError: the operating system cannot rename the file.
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
        if os.path.lexists(target):  # this file system has no hard links
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        os.rename(source, target)
    else:
        os.unlink(source)


def sync_folders(*folders: Path) -> None:
    """Waits until the entries of the folders are on the disk: files created, renamed or removed."""
    for folder in dict.fromkeys(folders):
        with suppress(OSError):  # the folder is gone, or the system cannot sync folders
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Creates a folder and its missing parents; all are on the disk when this returns."""
    missing = [folder, *folder.parents]
    missing = missing[: next(place for place, above in enumerate(missing) if above.is_dir())]
    for below in reversed(missing):
        with suppress(FileExistsError):
            below.mkdir()
        sync_folders(below.parent)


def device_of(folder: Path) -> int:
    """The device of a folder, or of its nearest existing parent."""
    return next(os.stat(above).st_dev for above in (folder, *folder.parents) if above.is_dir())


@cache
def _renameat2() -> Any:
    """The C library's function (Linux), or None."""
    with suppress(OSError, AttributeError):
        function = ctypes.CDLL(None, use_errno=True).renameat2
        function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
        return function
    return None
