"""sha256 of a file, read in pieces; never blocks on a pipe and never follows a symbolic link."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from genloss.model.errors import FileUnreadableError

HEAD_BYTES = 64  # enough to tell formats apart
_PIECE_BYTES = 1 << 20
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True)
class Digest:
    """Result of reading a file.

    Attributes:
        sha256: 64 hexadecimal digits.
        head: the first HEAD_BYTES bytes.
        status: of the file; size and mtime did not change while it was read.
    """

    sha256: str
    head: bytes
    status: os.stat_result


def open_regular(path: Path | str) -> int:
    """A descriptor for reading a regular file.

    Raises:
        FileUnreadableError: the path is missing, a symbolic link, not a regular file, or not permitted.
    """
    try:
        descriptor = os.open(path, _FLAGS | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise FileUnreadableError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileUnreadableError(f"{path}: not a regular file")
    return descriptor


def hash_file(path: Path | str) -> Digest:
    """The sha256 of a regular file; symbolic links are not followed.

    Raises:
        FileUnreadableError: as open_regular, or the file cannot be read or changes meanwhile.
    """
    descriptor = open_regular(path)
    try:
        return hash_descriptor(descriptor, path)
    finally:
        os.close(descriptor)


def hash_descriptor(descriptor: int, path: Path | str) -> Digest:
    """The sha256 of an open file, from its first byte.

    Args:
        descriptor: open for reading; its position moves.
        path: for messages.

    Raises:
        FileUnreadableError: the file cannot be read or changes meanwhile.
    """
    before = os.fstat(descriptor)
    digest, head = hashlib.sha256(), b""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        while piece := os.read(descriptor, _PIECE_BYTES):
            head = head or piece[:HEAD_BYTES]
            digest.update(piece)
    except OSError as error:
        raise FileUnreadableError(f"{path}: {error.strerror}") from error
    after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileUnreadableError(f"{path}: changed while it was read")
    return Digest(digest.hexdigest(), head, after)
