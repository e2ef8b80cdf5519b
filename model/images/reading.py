"""Reads files: only regular files of a supported format, so that reading never waits for a pipe or a device."""

import os
import stat
from pathlib import Path

from genloss.model.errors import FileTooLargeError, FileUnreadableError
from genloss.model.images.formats import check_kind

# 100 megapixels of 16-bit RGBA are 800 MB; nothing within the pixel limit needs more.
MAX_FILE_BYTES = 1 << 30
_HEAD_BYTES = 64
_KINDS = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFLNK: "a symbolic link",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip
# O_NONBLOCK: should a pipe have taken the file's place since it was looked at, opening it must not wait for a writer.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_file(path: Path | str, follow_links: bool = True) -> bytes:
    """Reads a regular file. If its format is not supported, only the first 64 bytes are read.

    Args:
        path: any name that the system accepts; it need not be UTF-8.
        follow_links: whether to follow a symbolic link. Links among the folders above are always followed.

    Raises:
        FileUnreadableError: the file is missing, not regular, not permitted, or a link that is not followed.
        FileTooLargeError: the file has more than MAX_FILE_BYTES.
        UnsupportedFormatError: the first bytes are those of no supported format.
    """
    try:
        _refuse_special(os.stat(path, follow_symlinks=follow_links).st_mode)
        descriptor = os.open(path, _FLAGS | (0 if follow_links else getattr(os, "O_NOFOLLOW", 0)))
        with open(descriptor, "rb", buffering=0) as stream:
            status = os.fstat(descriptor)
            _refuse_special(status.st_mode)
            data = stream.read(min(status.st_size, _HEAD_BYTES)) or b""
            if data:
                check_kind(data)
            if status.st_size > MAX_FILE_BYTES:
                raise FileTooLargeError(f"{status.st_size} bytes, more than {MAX_FILE_BYTES}")
            stream.seek(0)
            data = stream.read(status.st_size) or b""  # one system call reads up to 2 GiB of a regular file
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileUnreadableError(getattr(error, "strerror", None) or str(error)) from error
    return data


def _refuse_special(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise FileUnreadableError(_KINDS.get(stat.S_IFMT(mode), "not a regular file"))
