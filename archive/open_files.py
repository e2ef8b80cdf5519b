"""Checks whether a process has a file open for writing, and keeps writers out while genloss works on the file."""

import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from genloss.model.errors import ActionRefusedError

_FDINFO_FLAGS = "flags:"


@contextmanager
def nobody_writes(descriptor: int, path: Path) -> Iterator[None]:
    """A block during which no other process can begin to write to a file; needs leases, as Linux has them.

    Without leases, and for files of other users, this only checks whether a process has the file open for writing now.

    Args:
        descriptor: of the file, open for reading.
        path: of the file, for messages.

    Raises:
        ActionRefusedError: open_for_writing: another process has the file open for writing.

    Source: fcntl(2), "Leases": a read lease is refused while a file is open for writing.
    """
    leased = _lease(descriptor, path)
    if not leased and _has_writer(descriptor):
        raise _open_for_writing(path)
    try:
        yield
    finally:
        if leased:
            import fcntl

            with suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def _lease(descriptor: int, path: Path) -> bool:
    """Whether the system granted a read lease."""
    try:
        import fcntl

        # A process that wants to write waits until the lease ends. The system sends us a signal then; SIGURG is ignored.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except (ImportError, AttributeError):
        return False
    except OSError as error:
        if error.errno == errno.EAGAIN:
            raise _open_for_writing(path) from error
        return False
    return True


def _has_writer(descriptor: int) -> bool:
    """Whether a process has the file open for writing; only processes that we may inspect are checked."""
    wanted = os.fstat(descriptor)
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for opened in (process / "fd").iterdir():
                with suppress(OSError):
                    status = opened.stat()
                    if (status.st_dev, status.st_ino) == (wanted.st_dev, wanted.st_ino) and _is_written(process, opened.name):
                        return True
    return False


def _is_written(process: Path, number: str) -> bool:
    for line in (process / "fdinfo" / number).read_text().splitlines():
        if line.startswith(_FDINFO_FLAGS):
            return int(line.removeprefix(_FDINFO_FLAGS), 8) & os.O_ACCMODE != os.O_RDONLY
    return False


def _open_for_writing(path: Path) -> ActionRefusedError:
    return ActionRefusedError("open_for_writing", f"{path}: another program has it open for writing")
