"""Lists the pictures below a folder, by the endings of their names."""

import os
from collections.abc import Collection
from pathlib import Path

from genloss.model.errors import DatagenError


def list_pictures(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """Paths of all files below a folder with one of these endings, sorted; links to folders are not followed.

    Raises:
        DatagenError: a folder cannot be listed. What it holds would be missing without a word.
    """
    found = []
    for place, _, names in os.walk(folder, onerror=_refuse):
        paths = (Path(place, name) for name in names)
        found += [path for path in paths if path.suffix.lower() in suffixes and path.is_file()]
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise DatagenError(f"{error.filename} cannot be listed: {error.strerror}") from error
