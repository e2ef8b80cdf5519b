"""The tables of a catalog, and lossless upgrades from earlier layouts."""

import sqlite3
from pathlib import Path

from genloss.model.errors import CatalogError, CatalogVersionError

SCHEMA_VERSION = 3
APPLICATION_ID = 0x474C4341  # "GLCA"
# Paths are bytes, because names need not be UTF-8. `settled` is 0 if the file was so new when it was read that it may
# have changed since without a new mtime.
_OF_LAYOUT_2 = """
CREATE TABLE files (
    path BLOB PRIMARY KEY, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, device BLOB NOT NULL,
    inode BLOB NOT NULL, n_links INTEGER NOT NULL, image_format TEXT, sha256 TEXT, error TEXT, message TEXT,
    settled INTEGER NOT NULL, first_run INTEGER NOT NULL, last_run INTEGER NOT NULL, moved_from BLOB
) WITHOUT ROWID;
CREATE INDEX files_by_content ON files (sha256);
CREATE INDEX files_by_inode ON files (inode, device);
CREATE TABLE left_out (
    path BLOB PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, is_folder INTEGER NOT NULL, last_run INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (number INTEGER PRIMARY KEY, began TEXT NOT NULL, ended TEXT);
CREATE TABLE looks (sha256 TEXT PRIMARY KEY, version INTEGER NOT NULL, error TEXT, message TEXT, look BLOB) WITHOUT ROWID;
CREATE TABLE relations (
    first TEXT NOT NULL, second TEXT NOT NULL, version INTEGER NOT NULL, relation TEXT NOT NULL, PRIMARY KEY (first, second)
) WITHOUT ROWID;
CREATE TABLE rankings (members TEXT NOT NULL, model TEXT NOT NULL, ranking TEXT NOT NULL, PRIMARY KEY (members, model))
    WITHOUT ROWID;
"""
# AUTOINCREMENT: the number of a revoked decision is never reused.
_NEW_IN_LAYOUT_3 = """
CREATE TABLE decisions (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, decided_at TEXT NOT NULL);
CREATE TABLE decided_contents (
    decision INTEGER NOT NULL, place INTEGER NOT NULL, sha256 TEXT NOT NULL, pixels_sha256 TEXT, PRIMARY KEY (decision, place)
) WITHOUT ROWID;
"""
# Layout -> statements that upgrade it to the next layout.
_UPGRADES = {2: _NEW_IN_LAYOUT_3}


def prepare_layout(connection: sqlite3.Connection, path: Path) -> None:
    """Creates the tables of a new catalog, or adds those that an earlier layout lacks; all or nothing.

    Raises:
        CatalogError: the database belongs to another program.
        CatalogVersionError: the layout is unknown.
        sqlite3.Error: the file is no database, is locked, or cannot be written.
    """
    if _layout(connection, path) != SCHEMA_VERSION:
        connection.execute("BEGIN IMMEDIATE")  # another process may be doing the same
        found = _layout(connection, path)
        statements = [_OF_LAYOUT_2, _NEW_IN_LAYOUT_3] if found == 0 else [_UPGRADES[number] for number in _steps(found)]
        for statement in ";".join(statements).split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")


def _steps(layout: int) -> range:
    return range(layout, SCHEMA_VERSION)


def _layout(connection: sqlite3.Connection, path: Path) -> int:
    """The layout of the tables; 0 if there are none."""
    run = connection.execute
    if run("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return 0
    if run("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise CatalogError(f"{path}: a database, but no catalog of genloss")
    layout: int = run("PRAGMA user_version").fetchone()[0]
    if layout not in (SCHEMA_VERSION, *_UPGRADES):
        raise CatalogVersionError(
            f"{path}: a catalog of layout {layout}; this genloss reads {min(_UPGRADES)} to {SCHEMA_VERSION}. "
            "Name another --catalog"
        )
    return layout
