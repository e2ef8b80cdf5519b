"""The journal records every action on disk before it happens, so that every action can be undone."""

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from genloss.archive.catalog import integer_bytes
from genloss.archive.file_metadata import FileMetadata
from genloss.archive.json_paths import path_fields, take_path
from genloss.archive.moving import sync_folders
from genloss.archive.plan import ActionKind, Plan
from genloss.model.databases import closed_if_refused, describe_error, is_database, is_in_use, restore_permissions
from genloss.model.errors import ArchiveLockedError, JournalError
from genloss.model.images.outputs import check_output
from genloss.model.printable import storable

SCHEMA_VERSION = 1
APPLICATION_ID = 0x474C4A4E  # "GLJN"
_SCHEMA = """
CREATE TABLE plan (id TEXT NOT NULL, roots TEXT NOT NULL);
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, path BLOB NOT NULL, kept BLOB NOT NULL, target BLOB, sha256 TEXT NOT NULL,
    kept_sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, device BLOB NOT NULL, inode BLOB NOT NULL, metadata TEXT NOT NULL,
    sidecars TEXT NOT NULL, state TEXT NOT NULL, message TEXT, began TEXT NOT NULL, ended TEXT
);
"""


class State(StrEnum):
    """Progress of an entry. STARTED or UNDOING remains if the process was killed in between."""

    STARTED = "started"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True)
class Sidecar:
    """A file with the metadata of a picture that was put away."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Entry:
    """One action on one file.

    Attributes:
        plan_id: id of the plan.
        number: number in the journal, from 1; 0 in a dry run without a journal.
        kind: kind of the action.
        path, sha256, size_bytes, device, inode, metadata: the file before the action.
        kept, kept_sha256: the file that stays instead.
        target: destination of the file for QUARANTINE and TRASH, else None.
        sidecars: files that are written before the action.
        state: progress of the action.
    """

    plan_id: str
    number: int
    kind: ActionKind
    path: Path
    sha256: str
    size_bytes: int
    device: int
    inode: int
    metadata: FileMetadata
    kept: Path
    kept_sha256: str
    target: Path | None
    sidecars: tuple[Sidecar, ...] = ()
    state: State = State.STARTED

    @property
    def aside(self) -> Path:
        """Temporary path of the file until the action is complete."""
        return self.path.with_name(f".genloss-{self.plan_id}-{self.number}.aside")

    @property
    def fresh(self) -> Path:
        """Temporary path of a clone or copy that will take the name of the file."""
        return self.path.with_name(f".genloss-{self.plan_id}-{self.number}.new")


class Journal:
    """An open journal, locked against other processes; a context manager that closes it.

    Args:
        path: path of the SQLite file.
        plan: the journal is created for this plan if missing; None to open an existing journal.

    Attributes:
        plan_id: id of the plan.
        roots: folders of the plan.

    Raises:
        JournalError: the file is no journal, has another layout or belongs to another plan. Every method raises it if
            the journal cannot be written.
        ArchiveLockedError: another process has the journal open.
    """

    def __init__(self, path: Path, plan: Plan | None = None) -> None:
        self.path = path
        if plan is None and not path.is_file():
            raise JournalError(f"{path}: no such journal")
        if plan is None and (beside := path.with_name(f"{path.name}.journal")).is_file() and not is_database(path):
            raise JournalError(f"{path}: no journal, but {beside} may be the one")
        if not path.exists() or path.stat().st_size == 0:
            check_output(path)
        restore_permissions(path)
        with self._guarded(), closed_if_refused(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as self._connection:
            self._prepare(plan)
            if plan is not None and plan.id != self.plan_id:
                raise JournalError(f"{path}: the journal of plan {self.plan_id}, not of {plan.id}; name another --journal")

    def next_number(self) -> int:
        """The number of the next entry."""
        with self._guarded():
            return self._connection.execute("SELECT coalesce(max(number), 0) + 1 FROM entries").fetchone()[0]

    def start(self, entry: Entry) -> None:
        """Records an action that is about to start; synced to disk on return."""
        sidecars = json.dumps([{**path_fields(one.path), "sha256": one.sha256} for one in entry.sidecars])
        with self._guarded():
            self._connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL)",
                (
                    entry.number, entry.kind, os.fsencode(entry.path), os.fsencode(entry.kept),
                    None if entry.target is None else os.fsencode(entry.target), entry.sha256, entry.kept_sha256,
                    entry.size_bytes, integer_bytes(entry.device), integer_bytes(entry.inode), entry.metadata.to_json(),
                    sidecars, entry.state, _now(),
                ),
            )  # fmt: skip

    def mark(self, entry: Entry, state: State, message: str | None = None) -> None:
        """Records the state of an entry; synced to disk on return."""
        with self._guarded():
            values = (state, None if message is None else storable(message), _now(), entry.number)
            self._connection.execute("UPDATE entries SET state = ?, message = ?, ended = ? WHERE number = ?", values)

    def entries(self, states: Sequence[State] = tuple(State), newest_first: bool = False) -> list[Entry]:
        """The entries in one of these states."""
        places, order = ", ".join("?" * len(states)), "DESC" if newest_first else "ASC"
        columns = "number, kind, path, sha256, size_bytes, device, inode, metadata, kept, kept_sha256, target, sidecars, state"
        with self._guarded():
            found = self._connection.execute(
                f"SELECT {columns} FROM entries WHERE state IN ({places}) ORDER BY number {order}", states
            )
            return [_entry(self.plan_id, row) for row in found]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def _prepare(self, plan: Plan | None) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")  # needs no shared memory, so network file systems work
        version, application = run("PRAGMA user_version").fetchone()[0], run("PRAGMA application_id").fetchone()[0]
        is_new = run("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if (is_new and plan is None) or (not is_new and application != APPLICATION_ID):
            raise JournalError(f"{self.path}: no journal of genloss")
        if not is_new and version != SCHEMA_VERSION:
            raise JournalError(f"{self.path}: a journal of layout {version}; this genloss reads {SCHEMA_VERSION}")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        if is_new and plan is not None:
            stamps = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
            run("BEGIN EXCLUSIVE")
            for statement in (_SCHEMA + stamps).split(";"):
                run(statement)
            roots = json.dumps([path_fields(root) for root in plan.roots])
            run("INSERT INTO plan VALUES (?, ?)", (plan.id, roots))
            run("COMMIT")
            sync_folders(self.path.parent)
        else:
            run("BEGIN EXCLUSIVE")  # takes the lock now
            run("COMMIT")
        self.plan_id, roots = run("SELECT id, roots FROM plan").fetchone()
        self.roots = [take_path(fields) for fields in json.loads(roots)]

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if is_in_use(error):
                raise ArchiveLockedError(f"{self.path}: another apply or undo works with this journal") from error
            raise JournalError(f"{self.path}: {describe_error(error, self.path)}; nothing more was done") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _entry(plan_id: str, row: tuple[Any, ...]) -> Entry:
    number, kind, path, sha256, size_bytes, device, inode, metadata, kept, kept_sha256, target, sidecars, state = row
    return Entry(
        plan_id, number, ActionKind(kind), _path(path), sha256, size_bytes, int.from_bytes(device), int.from_bytes(inode),
        FileMetadata.from_json(metadata), _path(kept), kept_sha256, None if target is None else _path(target),
        tuple(Sidecar(take_path(fields), fields["sha256"]) for fields in json.loads(sidecars)), State(state),
    )  # fmt: skip


def _path(data: bytes) -> Path:
    return Path(os.fsdecode(data))
