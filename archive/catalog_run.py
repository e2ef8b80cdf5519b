"""Writes the results of one inventory run to the catalog."""

import os
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from genloss.archive.catalog import integer_bytes
from genloss.archive.listing import LeftOut, Listed

_COMMIT_SECONDS = 1.0
_COMMIT_FILES = 1000
_BELOW = "path > ? AND path < ?"


@dataclass
class Inventory:
    """Counts of one run.

    Attributes:
        roots: the folders.
        n_files: number of regular files; the sum of n_unchanged, n_new, n_changed and n_moved.
        n_unchanged: files with the same size, mtime, inode and content as in the catalog.
        n_new, n_changed: files at paths new to the catalog, and files that differ from it.
        n_moved: files at a new path whose content is known and whose old path is gone; not read again if size, mtime and
            inode are the same.
        n_gone: paths of the catalog that no longer exist.
        n_read, n_read_bytes: number and total size of the files that were read whole.
        left_out: number of entries that were left out, by code.
    """

    roots: list[Path]
    n_files: int = 0
    n_unchanged: int = 0
    n_new: int = 0
    n_changed: int = 0
    n_moved: int = 0
    n_gone: int = 0
    n_read: int = 0
    n_read_bytes: int = 0
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FileContent:
    """Result of reading a file: a format and a sha256, or a code and a message."""

    listed: Listed
    image_format: str | None = None
    sha256: str | None = None
    error: str | None = None
    message: str | None = None
    settled: bool = False
    was_read: bool = True


class CatalogRun:
    """Writes the rows of one run, in transactions of about a second.

    Args:
        connection: to the catalog.
        run: number of the run.
        inventory: its counts are updated.
    """

    def __init__(self, connection: sqlite3.Connection, run: int, inventory: Inventory) -> None:
        self._connection = connection
        self._run = run
        self._inventory = inventory
        self._n_waiting = 0
        self._committed = time.monotonic()

    def known_content(self, listed: Listed) -> FileContent | None:
        """The content as an earlier run or another hard link recorded it; None if the file must be read."""
        size_and_time = (listed.size_bytes, listed.mtime_ns, integer_bytes(listed.inode))
        columns = "SELECT image_format, sha256, error, message FROM files WHERE settled AND "
        row = self._connection.execute(
            f"{columns} path = ? AND size_bytes = ? AND mtime_ns = ? AND inode = ?", (os.fsencode(listed.path), *size_and_time)
        ).fetchone()
        if row is None:  # renamed, or a new hard link
            row = self._connection.execute(
                f"{columns} size_bytes = ? AND mtime_ns = ? AND inode = ? AND device = ? LIMIT 1",
                (*size_and_time, integer_bytes(listed.device)),
            ).fetchone()
        return None if row is None else FileContent(listed, row[0], row[1], row[2], row[3], settled=True, was_read=False)

    def take(self, content: FileContent | LeftOut) -> None:
        """Writes one entry."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        if isinstance(content, LeftOut):
            self._leave_out(content)
        else:
            self._write(content)
        self._n_waiting += 1
        if self._n_waiting >= _COMMIT_FILES or time.monotonic() - self._committed > _COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Commits the rows written so far."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        self._n_waiting, self._committed = 0, time.monotonic()

    def finish(self) -> None:
        """Removes the rows of vanished files, except below folders that could not be listed, and records moves."""
        run = self._connection.execute
        if not self._connection.in_transaction:
            run("BEGIN IMMEDIATE")
        run("CREATE TEMP TABLE IF NOT EXISTS gone (path BLOB PRIMARY KEY, sha256 TEXT)")
        run("DELETE FROM gone")
        for root in self._inventory.roots:
            run(
                f"INSERT OR IGNORE INTO gone SELECT path, sha256 FROM files WHERE last_run < ? AND {_BELOW}",
                (self._run, *_range(root)),
            )
            run(f"DELETE FROM left_out WHERE last_run < ? AND {_BELOW}", (self._run, *_range(root)))
        unknown = run("SELECT path FROM left_out WHERE is_folder AND last_run = ?", (self._run,)).fetchall()
        for (folder,) in unknown:
            run(f"DELETE FROM gone WHERE {_BELOW}", _range(Path(os.fsdecode(folder))))
        run(
            "UPDATE files SET moved_from = (SELECT min(path) FROM gone WHERE gone.sha256 = files.sha256) "
            "WHERE first_run = ? AND sha256 IN (SELECT sha256 FROM gone)",
            (self._run,),
        )
        inventory = self._inventory
        inventory.n_moved = run(
            "SELECT count(*) FROM files WHERE first_run = ? AND moved_from IS NOT NULL", (self._run,)
        ).fetchone()[0]
        inventory.n_new -= inventory.n_moved
        inventory.n_gone = run("SELECT count(*) FROM gone").fetchone()[0]
        run("DELETE FROM files WHERE path IN (SELECT path FROM gone)")
        run("UPDATE runs SET ended = ? WHERE number = ?", (datetime.now(UTC).isoformat(timespec="seconds"), self._run))

    def _leave_out(self, left_out: LeftOut) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO left_out VALUES (?, ?, ?, ?, ?)",
            (os.fsencode(left_out.path), left_out.code, left_out.message, left_out.is_folder, self._run),
        )
        self._inventory.left_out[left_out.code] = self._inventory.left_out.get(left_out.code, 0) + 1

    def _write(self, content: FileContent) -> None:
        listed, inventory = content.listed, self._inventory
        path = os.fsencode(listed.path)
        before = self._connection.execute(
            "SELECT size_bytes, mtime_ns, inode, sha256, first_run, last_run FROM files WHERE path = ?", (path,)
        ).fetchone()
        identity = (listed.size_bytes, listed.mtime_ns, integer_bytes(listed.inode), content.sha256)
        inventory.n_files += 1
        inventory.n_read += content.was_read
        inventory.n_read_bytes += listed.size_bytes if content.was_read else 0
        inventory.n_new += before is None
        inventory.n_unchanged += before is not None and before[:4] == identity
        inventory.n_changed += before is not None and before[:4] != identity
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "(SELECT moved_from FROM files WHERE path = ?1 AND sha256 IS ?8))",
            (
                path, listed.size_bytes, listed.mtime_ns, integer_bytes(listed.device), integer_bytes(listed.inode),
                listed.n_links, content.image_format, content.sha256, content.error, content.message, content.settled,
                self._run if before is None else before[4], self._run if before is None else max(self._run, before[5]),
            ),
        )  # fmt: skip


def _range(folder: Path) -> tuple[bytes, bytes]:
    """Exclusive bounds of all paths below a folder; "0" is the character after "/"."""
    name = os.fsencode(folder).rstrip(b"/")
    return name + b"/", name + b"0"
