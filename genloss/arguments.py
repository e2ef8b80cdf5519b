"""Checks arguments of the Python API. A single name where a list belongs would be taken for a list of letters."""

import os
from collections.abc import Iterable
from pathlib import Path

from genloss.model.errors import CatalogError, FileUnreadableError, RulesError

_FOR_BYTES = "; Scorer().score(data) takes the bytes of a file"


def to_path(given: object, name: str = "path") -> Path:
    """The path that a caller gave.

    Args:
        given: a str or os.PathLike of text.
        name: of the argument, for messages.

    Raises:
        TypeError: it is of another type, such as bytes or a decoded picture.
        FileUnreadableError: it is empty, which would stand for the current folder.
    """
    if not isinstance(given, str | os.PathLike):
        hint = _FOR_BYTES if isinstance(given, bytes | bytearray | memoryview) else ""
        raise TypeError(f"{name} must be a str or os.PathLike, not {type(given).__name__}{hint}")
    if given == "":
        raise FileUnreadableError(f"{name}: the name is empty")
    return Path(os.fspath(given))


def to_paths(given: Iterable[object], name: str) -> list[Path]:
    """The paths in a list or any other iterable.

    Raises:
        TypeError: it is a single name or no iterable, or an entry is of a type that `to_path` does not take.
        FileUnreadableError: an entry is empty.
    """
    if isinstance(given, str | bytes | os.PathLike):
        raise TypeError(f"{name} must be a list of paths, not one {type(given).__name__}")
    return [to_path(entry, f"{name}[{place}]") for place, entry in enumerate(given)]


def to_catalog(given: object) -> Path | None:
    """The path of a catalog, or None.

    Raises:
        TypeError: it is of another type.
        CatalogError: the name is empty. SQLite would take it for a catalog that nobody keeps.
    """
    if given is None:
        return None
    if given == "":
        raise CatalogError("catalog: the name is empty")
    return to_path(given, "catalog")


def check_sure(sure: float | None) -> None:
    """Checks a least probability.

    Raises:
        RulesError: it does not lie in [0.5, 1].
    """
    if sure is not None and not 0.5 <= sure <= 1:
        raise RulesError(f"sure lies between 0.5 and 1, not at {sure}")
