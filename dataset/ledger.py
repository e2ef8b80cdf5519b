"""SQLite ledger of an audit. It keeps facts across crashes and counts them by SQL."""

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from genloss.dataset.file_facts import COLUMNS, FileFacts
from genloss.model.databases import RunDatabase, closed_if_refused, open_to_read
from genloss.model.errors import DatasetUnreadableError, OutputRefusedError

LEDGER_NAME = "audit.sqlite"
VERSION = 1  # of the columns and their meaning
AUDITED, COMPARED = 0, 1  # sides of a ledger: the audited set, and the set it is compared with
_TYPES = {int: "INTEGER", bool: "INTEGER", str: "TEXT"}
_ROWS_A_TIME = 2000
_UNFINISHED = "unfinished"  # key of `audit`, present while files of the audited set are still to be read
# Columns of the ledger only. mtime_ns is the last change of a file, run the last run that found it.
_OWN = ("side", "mtime_ns", "run")


class Ledger:
    """Stores facts by side and path. Opening an existing ledger resumes its audit.

    Args:
        path: of the SQLite file.
        identity: {"folders": [...]} of the audited set; None to open a finished ledger read-only.

    Raises:
        DatasetUnreadableError: the file is not a ledger of this version, or a ledger opened read-only is not finished.
        OutputRefusedError: the ledger is of other folders.
        OutputError: here and from every method, the ledger cannot be written.
    """

    def __init__(self, path: Path, identity: dict[str, Any] | None) -> None:
        self.path = path
        try:
            connection: sqlite3.Connection = open_to_read(path) if identity is None else RunDatabase(path)
            with closed_if_refused(connection) as self._connection:
                if identity is not None:
                    self._prepare()
                self._check(identity, dict(self._connection.execute("SELECT key, value FROM audit")))
        except sqlite3.Error as error:
            raise DatasetUnreadableError(f"{path} is not a ledger of genloss audit: {error}") from error

    def _check(self, identity: dict[str, Any] | None, stored: dict[str, str]) -> None:
        """Refuses what is stored, or begins a run."""
        if stored and stored.get("version") != str(VERSION):
            raise DatasetUnreadableError(
                f"{self.path} was written by another version of genloss; audit again into another folder"
            )
        self.run = int(stored.get("run", 0))
        self.identity = json.loads(stored.get("identity", "{}"))
        if identity is not None:
            self._begin(identity)
        elif not stored or _UNFINISHED in stored:
            raise DatasetUnreadableError(
                f"{self.path.parent} holds an audit that was interrupted or still runs; finish it first"
            )

    def _prepare(self) -> None:
        columns = ", ".join(f"{name} {_TYPES.get(kind, 'INTEGER')}" for name, kind in COLUMNS.items() if name != "path")
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS audit (key TEXT PRIMARY KEY, value TEXT)")
        # Paths are bytes: names need not be UTF-8.
        self._connection.execute(
            f"CREATE TABLE IF NOT EXISTS file (side INTEGER, path BLOB, {columns}, mtime_ns INTEGER, run INTEGER, "
            "PRIMARY KEY (side, path)) WITHOUT ROWID"
        )

    def _begin(self, identity: dict[str, Any]) -> None:
        if self.run and self.identity["folders"] != identity["folders"]:
            raise OutputRefusedError(
                f"{self.path.parent} holds an audit of {', '.join(self.identity['folders'])}; "
                "name the same folders to resume it, or another --out"
            )
        self.run, self.identity = self.run + 1, identity
        entries = {"version": str(VERSION), "run": str(self.run), "identity": json.dumps(identity), _UNFINISHED: "1"}
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO audit VALUES (?, ?)", entries.items())

    def unchanged(self, side: int, paths: Sequence[str]) -> set[str]:
        """The paths whose facts are stored and whose size and change time are the same; marks them as found in this run."""
        places = ",".join("?" * len(paths))
        statement = f"SELECT path, n_bytes, mtime_ns FROM file WHERE side = ? AND path IN ({places})"
        known = {}
        for path, n_bytes, mtime_ns in self._connection.execute(statement, (side, *map(os.fsencode, paths))):
            known[os.fsdecode(path)] = (n_bytes, mtime_ns)
        same = set()
        for path, remembered in known.items():
            try:
                status = os.stat(path)
            except OSError:
                continue  # reading the file later gives the reason
            if (status.st_size, status.st_mtime_ns) == remembered:
                same.add(path)
        with self._connection:
            self._connection.executemany(
                "UPDATE file SET run = ? WHERE side = ? AND path = ?", [(self.run, side, os.fsencode(path)) for path in same]
            )
        return same

    def add(self, side: int, rows: Sequence[tuple[tuple[Any, ...], int]]) -> None:
        """Stores facts.

        Args:
            side: AUDITED or COMPARED.
            rows: facts in the order of COLUMNS, and the time of the file's last change in nanoseconds.
        """
        names = ", ".join((*COLUMNS, *_OWN))
        places = ", ".join("?" * (len(COLUMNS) + len(_OWN)))
        values = [(os.fsencode(row[0]), *row[1:], side, mtime_ns, self.run) for row, mtime_ns in rows]
        with self._connection:
            self._connection.executemany(f"INSERT OR REPLACE INTO file ({names}) VALUES ({places})", values)

    def forget_others(self, side: int) -> None:
        """Deletes files of earlier runs that this run did not find. The side is complete then."""
        with self._connection:
            self._connection.execute("DELETE FROM file WHERE side = ? AND run != ?", (side, self.run))
            if side == AUDITED:
                self._connection.execute("DELETE FROM audit WHERE key = ?", (_UNFINISHED,))

    def close(self) -> None:
        self._connection.close()

    def select(self, side: int, expressions: str, rest: str = "") -> Iterator[tuple[Any, ...]]:
        """Rows of SQL expressions over the pictures of a side.

        Args:
            side: AUDITED or COMPARED.
            expressions: SQL, separated by commas.
            rest: further SQL: conditions that begin with AND, grouping, order. Must not hold text from users.
        """
        yield from self._connection.execute(f"SELECT {expressions} FROM file WHERE side = {side:d} AND is_picture {rest}")

    def counts(self, side: int, expression: str, condition: str = "1") -> Counter[Any]:
        """How often each value of an SQL expression occurs among the pictures of a side."""
        return Counter(dict(self.select(side, f"{expression}, COUNT(*)", f"AND {condition} GROUP BY 1")))

    def facts(self, side: int) -> Iterator[FileFacts]:
        """Yields the facts of all files of a side in the order of their paths, including files that are not pictures."""
        cursor = self._connection.execute(f"SELECT {', '.join(COLUMNS)} FROM file WHERE side = ? ORDER BY path", (side,))
        booleans = [place for place, kind in enumerate(COLUMNS.values()) if kind is bool]
        while rows := cursor.fetchmany(_ROWS_A_TIME):
            for row in rows:
                values = [os.fsdecode(row[0]), *row[1:]]
                for place in booleans:
                    values[place] = bool(values[place])
                yield FileFacts(*values)

    def n_files(self, side: int) -> int:
        """Number of files of a side, including files that are not pictures."""
        (count,) = self._connection.execute("SELECT COUNT(*) FROM file WHERE side = ?", (side,)).fetchone()
        return count
