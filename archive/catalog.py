"""The catalog: facts about every file of a collection, in one SQLite file that survives any crash.

Other stages key their results by `sha256`, so that the results stay valid when a file is moved.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType, UnionType
from typing import Any, Self

from genloss.archive.catalog_layout import prepare_layout
from genloss.archive.listing import LeftOut
from genloss.model.databases import closed_if_refused, describe_error, is_in_use, restore_permissions
from genloss.model.errors import CatalogError, CatalogLockedError
from genloss.model.images.outputs import check_output
from genloss.model.temporary_folders import temporary_folder

_COLUMNS = "path, size_bytes, mtime_ns, device, inode, n_links, image_format, sha256, error, message, moved_from"


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """A file of the collection.

    Attributes:
        path: absolute.
        size_bytes, mtime_ns, device, inode, n_links: as in listing.Listed.
        image_format: one of formats.FORMATS, from the first bytes; None for files that are no supported picture.
        sha256: 64 hexadecimal digits; None for files that are no picture or cannot be read.
        error, message: a code of docs/using/errors.md and its text if there is no sha256, else None.
        moved_from: former path of the content, if the run that found the file here found that path gone; else None.
    """

    path: Path
    size_bytes: int
    mtime_ns: int
    device: int
    inode: int
    n_links: int
    image_format: str | None
    sha256: str | None
    error: str | None
    message: str | None
    moved_from: Path | None


class Catalog:
    """An open catalog; a context manager that closes it.

    Args:
        path: created if missing.
        busy_seconds: how long to wait for another process that writes to the catalog.

    Attributes:
        connection: for the tables of other stages, which must end their own transactions.

    Raises:
        CatalogError: the file is not a catalog, damaged, or cannot be written.
        CatalogVersionError: its layout is unknown, for example later; known earlier layouts are upgraded without loss.
        CatalogLockedError: another process writes to the catalog.
        OutputRefusedError: the path is a folder or a picture.
    """

    def __init__(self, path: Path, busy_seconds: float = 5.0) -> None:
        self.path = path
        if path.exists() and not path.is_file():
            raise CatalogError(f"{path}: {'a folder' if path.is_dir() else 'a pipe or a device'}, no catalog")
        if not path.exists() or path.stat().st_size == 0:
            check_output(path)
        restore_permissions(path)
        with (
            self.guarded(),
            closed_if_refused(sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)) as self.connection,
        ):
            self._prepare()

    def files(self, pictures_only: bool = False) -> Iterator[CatalogFile]:
        """All files, sorted by the bytes of their paths."""
        where = "WHERE sha256 IS NOT NULL" if pictures_only else ""
        yield from map(self._file, self.connection.execute(f"SELECT {_COLUMNS} FROM files {where} ORDER BY path"))

    def find(self, path: Path) -> CatalogFile | None:
        """The file at a path; None if the catalog does not know it."""
        row = self.connection.execute(f"SELECT {_COLUMNS} FROM files WHERE path = ?", (os.fsencode(path),)).fetchone()
        return None if row is None else self._file(row)

    def holding(self, sha256: str) -> list[CatalogFile]:
        """The files with this content."""
        return list(
            map(self._file, self.connection.execute(f"SELECT {_COLUMNS} FROM files WHERE sha256 = ? ORDER BY path", (sha256,)))
        )

    def exact_duplicates(self) -> Iterator[list[CatalogFile]]:
        """Pictures with the same bytes. Hard links alone, two names of one file, are no duplicates.

        Yields:
            All paths of one content, of at least two different files.
        """
        repeated = self.connection.execute(
            "SELECT sha256 FROM files WHERE sha256 IS NOT NULL GROUP BY sha256 "
            "HAVING count(DISTINCT hex(inode) || hex(device)) > 1 ORDER BY min(path)"
        ).fetchall()
        for (sha256,) in repeated:
            yield self.holding(sha256)

    def left_out(self) -> Iterator[LeftOut]:
        """Entries that the last run to meet them left out."""
        for path, code, message, is_folder in self.connection.execute(
            "SELECT path, code, message, is_folder FROM left_out ORDER BY path"
        ):
            self._check(_all_are((path,), bytes) and _all_are((code, message), str))
            yield LeftOut(Path(os.fsdecode(path)), code, message, bool(is_folder))

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turns errors of SQLite into CatalogError or CatalogLockedError."""
        try:
            yield
        except sqlite3.Error as error:
            if is_in_use(error):
                raise CatalogLockedError(f"{self.path}: another process is writing to this catalog") from error
            raise CatalogError(f"{self.path}: {describe_error(error, self.path)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.connection.close()

    def _file(self, row: tuple[Any, ...]) -> CatalogFile:
        path, size_bytes, mtime_ns, device, inode, n_links, image_format, sha256, error, message, moved_from = row
        numbers, texts = (size_bytes, mtime_ns, n_links), (image_format, sha256, error, message)
        blobs = (path, device, inode, *(() if moved_from is None else (moved_from,)))
        self._check(_all_are(numbers, int) and _all_are(blobs, bytes) and _all_are(texts, str | None))
        return CatalogFile(
            Path(os.fsdecode(path)), size_bytes, mtime_ns, int.from_bytes(device), int.from_bytes(inode), n_links,
            image_format, sha256, error, message, None if moved_from is None else Path(os.fsdecode(moved_from)),
        )  # fmt: skip

    def _check(self, is_whole: bool) -> None:
        """A damaged database may hold NULL or text where its tables allow neither."""
        if not is_whole:
            raise CatalogError(f"{self.path}: a row about a file is damaged; name another --catalog")

    def _prepare(self) -> None:
        prepare_layout(self.connection, self.path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def open_catalog(path: Path | str | None) -> Iterator[Catalog]:
    """An open catalog; with None, a temporary catalog that is deleted afterwards.

    Raises:
        CatalogError, CatalogVersionError, CatalogLockedError, OutputRefusedError: as for Catalog.
    """
    with ExitStack() as stack:
        place = path or stack.enter_context(temporary_folder("catalog")) / "catalog"
        yield stack.enter_context(Catalog(Path(place)))


def integer_bytes(number: int) -> bytes:
    """A device or inode as 8 bytes, because both may need 64 bits and SQLite's integers are signed."""
    return number.to_bytes(8, "big")


def _all_are(values: Iterable[object], kind: type | UnionType) -> bool:
    return all(isinstance(value, kind) for value in values)
