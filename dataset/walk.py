"""Lists every file below the folders of a data set, with the file's folder, which is the class."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from genloss.model.errors import DatasetUnreadableError
from genloss.model.printable import storable


def walk(folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yields path and folder of every regular file, sorted by name, depth first; does not follow links.

    Args:
        folders: searched recursively. With several, a file's folder begins with the name of the searched folder. Its
            bytes that are not UTF-8 are escaped; those of the path are not.

    Raises:
        DatasetUnreadableError: a folder cannot be listed.
    """
    for root in folders:
        prefix = storable(root.resolve().name) if len(folders) > 1 else ""
        stack = [(str(root), prefix)]
        while stack:
            place, folder = stack.pop()
            names, below = _list(place)
            yield from ((os.path.join(place, name), folder or ".") for name in names)
            stack += [(os.path.join(place, name), os.path.join(folder, storable(name))) for name in reversed(below)]


def _list(folder: str) -> tuple[list[str], list[str]]:
    """Sorted names of the files, and of the folders, in a folder."""
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    files.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
    except OSError as error:
        raise DatasetUnreadableError(f"{folder} cannot be listed: {error.strerror}") from error
    return sorted(files, key=os.fsencode), sorted(folders, key=os.fsencode)
