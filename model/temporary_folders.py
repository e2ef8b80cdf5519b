"""Temporary folders. Those of killed processes are removed when the next one is made."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genloss.model.files import lock_folder


@contextmanager
def temporary_folder(purpose: str, parent: Path | None = None) -> Iterator[Path]:
    """A new folder, removed at the end together with what killed processes left for the same purpose.

    Its name is genloss-PURPOSE-PROCESS-RANDOM, and the process holds its lock. The process number protects it where
    folders cannot be locked, the lock where the process runs in another container that shares the folder for temporary files.

    Args:
        purpose: letters, such as "review".
        parent: folder to make it in; None for the system's folder for temporary files.
    """
    parent = parent or Path(tempfile.gettempdir())
    _remove_abandoned(purpose, parent)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"genloss-{purpose}-{os.getpid()}-", dir=parent))
        with lock_folder(folder) as is_locked:
            if not is_locked or not folder.is_dir():
                continue  # somebody who cleans up found it in the moment before it was locked
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            return


def _remove_abandoned(purpose: str, parent: Path) -> None:
    """Removes the folders of this user's processes that are gone. Does nothing on systems without user numbers."""
    if not hasattr(os, "getuid"):
        return
    for folder in parent.glob(f"genloss-{purpose}-*-*"):
        process = folder.name.split("-")[2]
        try:
            is_own = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
        except OSError:  # removed meanwhile
            continue
        if is_own and process.isdecimal() and not _is_running(int(process)):
            with lock_folder(folder) as is_locked:
                if is_locked:
                    shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it belongs to somebody else
        return True
    return True
