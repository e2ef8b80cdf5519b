"""Files that several processes may see: written atomically under a temporary name, and locks of files and folders."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def errors_with_name(path: Path) -> Iterator[None]:
    """Adds the path to errors of the system that name no file, as writing to a full disk raises them."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = os.fspath(path)
        raise


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Opens a stream. If the block ends well, its content becomes the file; if the block raises, nothing changes.

    Even if the process is killed, the path never holds half a file. A device or pipe, such as /dev/null, is written directly,
    because a rename would replace it.
    """
    if is_device(path):
        with errors_with_name(path), open(path, "wb") as stream:
            yield stream
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with errors_with_name(path), open(temporary, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def is_device(path: Path) -> bool:
    """Whether the path exists and is neither a file nor a folder."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file atomically: the path never holds half of it."""
    with open_atomically(path) as stream:
        stream.write(data)


def create_file(path: Path, data: bytes) -> None:
    """Creates a file and syncs it to the disk; never replaces one.

    Raises:
        FileExistsError: the path exists.
        OSError: the file cannot be written; no partial file remains.
    """
    with errors_with_name(path), open(path, "xb") as stream:
        try:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def wait_for_lock(stream: BinaryIO) -> None:
    """Waits until no other process holds the lock of a file; holds it until the file is closed.

    Does nothing on systems without POSIX locks, such as Windows.
    """
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(stream, fcntl.LOCK_EX)


@contextmanager
def lock_folder(folder: Path, exclusively: bool = True) -> Iterator[bool]:
    """A block that holds the lock of a folder, in which nothing is written. A process that ends gives the lock back.

    Args:
        exclusively: else others may share the lock.

    Yields:
        False if somebody else holds the lock. True, too, where folders cannot be locked, as on Windows and on some network
        file systems.
    """
    try:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusively else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            is_locked = True
        except OSError as error:
            is_locked = error.errno not in (errno.EWOULDBLOCK, errno.EACCES)  # others: no locks on this file system
        yield is_locked
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> int:
    """Deletes temporary files that killed processes left below a folder; returns their number.

    Only for folders that no other process is writing to.
    """
    leftovers = list(folder.rglob(".*.tmp"))
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)
