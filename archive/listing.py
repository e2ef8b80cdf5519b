"""Lists every entry below some folders, whatever its name or kind. Opens no file and follows no link."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from genloss.model.errors import FileUnreadableError

# A folder with this file holds files that `genloss apply` put away.
QUARANTINE_MARK = "GENLOSS-QUARANTINE.txt"
QUARANTINE_FOLDER = ".genloss-quarantine"
LINK, SPECIAL, UNREADABLE, LOOP, QUARANTINE = "symbolic_link", "no_regular_file", "file_unreadable", "loop", "quarantine"


@dataclass(frozen=True, slots=True)
class Listed:
    """A regular file.

    Attributes:
        path: absolute; no part of it below the listed folder is a link.
        size_bytes, mtime_ns: size and time of modification, as the file system reports them.
        device, inode: equal for all names (hard links) of one file.
        n_links: number of names (hard links) of the file.
    """

    path: Path
    size_bytes: int
    mtime_ns: int
    device: int
    inode: int
    n_links: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that is skipped.

    Attributes:
        path: absolute.
        code: LINK, SPECIAL (pipe, socket, device), UNREADABLE, LOOP (a folder inside itself), or QUARANTINE.
        message: a sentence for people.
        is_folder: whether the entry is a folder; files below it are then unknown, not gone.
    """

    path: Path
    code: str
    message: str
    is_folder: bool = False


def find_roots(folders: Iterable[str | Path]) -> list[Path]:
    """The folders to list, sorted and with links resolved. Folders inside another of the folders are dropped.

    Raises:
        FileUnreadableError: a folder is missing, is no folder, cannot be listed, or lies in a quarantine.
    """
    roots: set[Path] = set()
    for folder in folders:
        try:
            root = Path(os.path.realpath(folder, strict=True))
            is_folder = root.is_dir()
            if is_folder:
                os.scandir(root).close()
            is_put_away = any(map(is_quarantine, (root, *root.parents)))
        except (OSError, ValueError) as error:
            raise FileUnreadableError(f"{folder}: {getattr(error, 'strerror', None) or error}") from error
        if not is_folder:
            raise FileUnreadableError(f"{folder}: not a folder")
        if is_put_away:
            raise FileUnreadableError(f"{folder}: lies in a quarantine, which no scan reads")
        roots.add(root)
    return sorted(root for root in roots if roots.isdisjoint(root.parents))


def is_quarantine(folder: Path) -> bool:
    """Whether a folder holds files that `genloss apply` put away.

    Raises:
        OSError: the folder may not be entered, or its path is too long.
    """
    return folder.name == QUARANTINE_FOLDER or (folder / QUARANTINE_MARK).exists()


def list_files(roots: Iterable[Path]) -> Iterator[Listed | LeftOut]:
    """Yields every entry below the roots, one at a time. Memory does not grow with the number of files in a folder.

    Args:
        roots: from find_roots.
    """
    for root in roots:
        # Folders to enter; None marks the end of a folder, where the walk returns to its parent.
        stack: list[Path | None] = [root]
        above: list[tuple[int, int]] = []
        while stack:
            folder = stack.pop()
            if folder is None:
                above.pop()
                continue
            try:
                status = os.stat(folder, follow_symlinks=False)
                identity = status.st_dev, status.st_ino
                if identity in above:
                    yield LeftOut(folder, LOOP, "a folder inside itself", is_folder=True)
                    continue
                if is_quarantine(folder):
                    yield LeftOut(folder, QUARANTINE, "holds what genloss apply put away")
                    continue
                below: list[Path] = []
                yield from _entries(folder, below)
            except OSError as error:
                yield LeftOut(folder, UNREADABLE, f"the folder cannot be listed: {error.strerror}", is_folder=True)
                continue
            above.append(identity)
            stack += [None, *sorted(below, reverse=True)]


def _entries(folder: Path, below: list[Path]) -> Iterator[Listed | LeftOut]:
    """Yields the files of one folder and appends its sub-folders to `below`."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                below.append(path)
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:  # vanished after the folder was read
                yield LeftOut(path, UNREADABLE, error.strerror or str(error))
                continue
            if stat.S_ISLNK(status.st_mode):
                yield LeftOut(path, LINK, "a symbolic link; the file it leads to counts where it lies")
            elif not stat.S_ISREG(status.st_mode):
                yield LeftOut(path, SPECIAL, "no regular file")
            else:
                yield Listed(path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino, status.st_nlink)
