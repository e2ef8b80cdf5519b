"""SQLite files: what an error of SQLite means to a user, and databases of runs whose errors name their file."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

from genloss.model.errors import OutputError

Connection = TypeVar("Connection", bound=sqlite3.Connection)

_SAID = {
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk is full, or gave an error",
    sqlite3.SQLITE_READONLY: "cannot be written: the file or its folder is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: no such folder, or not permitted",
    sqlite3.SQLITE_PERM: "cannot be opened: not permitted",
    sqlite3.SQLITE_NOTADB: "another kind of file",
}
_MAGIC = b"SQLite format 3\0"
_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def describe_error(error: sqlite3.Error, path: Path) -> str:
    """What an error means, to follow the name of the file and a colon; SQLite's own words for a rare one.

    Args:
        error: of SQLite.
        path: of the database. SQLite reports an input/output error where it cannot lock a read-only file.
    """
    code = _code(error)
    if code == sqlite3.SQLITE_IOERR and path.exists() and not os.access(path, os.W_OK):
        code = sqlite3.SQLITE_READONLY
    return _SAID.get(code, str(error))


def is_database(path: Path) -> bool:
    """Whether a file begins as databases of SQLite do; False for one that cannot be read."""
    with suppress(OSError), open(path, "rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC
    return False


def is_in_use(error: sqlite3.Error) -> bool:
    """Whether another connection holds a lock on the database."""
    return _code(error) in _IN_USE


def restore_permissions(path: Path) -> None:
    """Makes the files that SQLite keeps beside a database writable if the database is.

    SQLite gives them the permissions that the database has at that time. If a database was read-only for a while, the files
    may stay read-only and prevent every write.
    """
    with suppress(OSError):
        mode = path.stat().st_mode
        for beside in (path.with_name(f"{path.name}-{suffix}") for suffix in ("wal", "shm")):
            if mode & stat.S_IWUSR and stat.S_ISREG(found := _mode(beside)) and not found & stat.S_IWUSR:
                os.chmod(beside, stat.S_IMODE(mode))


@contextmanager
def closed_if_refused(connection: Connection) -> Iterator[Connection]:
    """Closes the connection if the block raises; otherwise it stays open."""
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


def open_to_read(path: Path) -> sqlite3.Connection:
    """Opens a database without changing it, also in a folder where nothing can be written.

    Raises:
        sqlite3.Error: it cannot be opened, or is no database.
    """
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closed_if_refused(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
            return connection
    except sqlite3.OperationalError as error:
        # SQLite keeps locks in a file beside the database. Without a log of changes it needs none to read.
        if _code(error) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN) or _size(path.with_name(f"{path.name}-wal")):
            raise
        return sqlite3.connect(f"{address}&immutable=1", uri=True)


class RunDatabase(sqlite3.Connection):
    """A connection to the database of a run.

    Args:
        path: of the file; created if missing.

    Raises:
        OutputError: from every method, if the disk, the permissions or another program prevent it. Other errors of sqlite3
            pass, such as those of a file that is no database.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        restore_permissions(path)
        with self._told():
            super().__init__(path)

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        with self._told():
            return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        with self._told():
            return super().executemany(*arguments)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        with self._told():
            return super().__exit__(kind, error, trace)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if is_in_use(error):
                raise OutputError(f"{self.path}: another program works with this database") from error
            if _code(error) in _SAID and _code(error) != sqlite3.SQLITE_NOTADB:
                raise OutputError(f"{self.path}: {describe_error(error, self.path)}") from error
            raise


def _code(error: sqlite3.Error) -> int:
    """The primary result code."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _size(path: Path) -> int:
    """The size of a file in bytes; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def _mode(path: Path) -> int:
    """The mode of a file or link; 0 if there is none."""
    return os.lstat(path).st_mode if os.path.lexists(path) else 0
