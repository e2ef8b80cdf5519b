"""Databases of runs: a full disk or missing permissions are one clear error, whichever statement meets them."""

import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime

import pytest

from genloss.archive.catalog import Catalog
from genloss.archive.decisions import Decision, DecisionKind, record
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.ledger import Ledger as ChainLedger
from genloss.datagen.sources import Source
from genloss.dataset.ledger import Ledger as AuditLedger
from genloss.model.databases import RunDatabase, describe_error, open_to_read, restore_permissions
from genloss.model.errors import OutputError

FULL = "cannot be written: the disk is full"


def _fill(connection):
    """Makes SQLite answer as on a full disk."""
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")


def test_a_ledger_of_chains_on_a_full_disk_says_so(tmp_path):
    ledger = ChainLedger(tmp_path / "ledger.sqlite", {"seed": "1"}, ChainRecord)
    with closing(ledger):
        _fill(ledger._connection)
        with pytest.raises(OutputError, match=rf"ledger\.sqlite: {FULL}"):
            ledger.add_sources([Source(f"{number}.png", "0" * 64) for number in range(1000)])
        assert ledger.inspected() == {}


def test_a_ledger_of_an_audit_on_a_full_disk_says_so(tmp_path):
    ledger = AuditLedger(tmp_path / "audit.sqlite", {"folders": ["a"]})
    with closing(ledger):
        _fill(ledger._connection)
        with pytest.raises(OutputError, match=rf"audit\.sqlite: {FULL}"):
            ledger._begin({"folders": ["a"], "more": "x" * 100_000})


def test_a_ledger_that_cannot_be_opened_is_no_damaged_ledger(tmp_path):
    with pytest.raises(OutputError, match=r"audit\.sqlite: cannot be opened: no such folder, or not permitted"):
        AuditLedger(tmp_path / "none" / "audit.sqlite", {"folders": ["a"]})


def test_a_transaction_that_cannot_end_and_a_lock_of_another_program_are_told(tmp_path):
    path = tmp_path / "a.sqlite"
    with closing(RunDatabase(path)) as database, closing(sqlite3.connect(path)) as other:
        database.execute("CREATE TABLE a (b INTEGER)")
        database.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match=r"a\.sqlite: another program works with this database"), database:
            database.execute("INSERT INTO a VALUES (1)")
        other.execute("ROLLBACK")
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            database.execute("SELECT * FROM c")


def test_a_catalog_that_was_read_only_for_a_while_can_be_written_again(tmp_path):
    catalog, beside = tmp_path / "catalog", tmp_path / "catalog-shm"
    catalog.touch(mode=0o640)
    beside.touch(mode=0o440)  # as SQLite leaves it after reading a read-only database
    restore_permissions(catalog)
    assert stat.S_IMODE(beside.stat().st_mode) == 0o640
    with Catalog(catalog) as opened:
        record(opened, Decision(DecisionKind.KEEP_THIS, ("0" * 64,), datetime.now(UTC)))


def test_a_read_only_file_is_no_full_disk(tmp_path, monkeypatch):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_LOCK
    path = tmp_path / "journal"
    path.touch()
    assert describe_error(error, path).startswith("cannot be read or written: the disk is full")
    monkeypatch.setattr(os, "access", lambda name, mode: False)
    assert describe_error(error, path) == "cannot be written: the file or its folder is read-only"


def test_a_database_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    path = tmp_path / "ledger.sqlite"
    with closing(RunDatabase(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE a (b INTEGER)")
    connect = sqlite3.connect

    class ReadOnlyFolder(sqlite3.Connection):
        def execute(self, *arguments):
            error = sqlite3.OperationalError("attempt to write a readonly database")
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY
            raise error

    def open_in_read_only_folder(address, uri):
        return connect(address, uri=uri, **({} if "immutable" in address else {"factory": ReadOnlyFolder}))

    monkeypatch.setattr(sqlite3, "connect", open_in_read_only_folder)
    with closing(open_to_read(path)) as database:
        assert database.execute("SELECT count(*) FROM a").fetchone() == (0,)
    path.with_name("ledger.sqlite-wal").write_bytes(b"changes that only a log has")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        open_to_read(path)


def test_what_a_link_beside_a_database_names_keeps_its_permissions(tmp_path):
    catalog, elsewhere = tmp_path / "catalog", tmp_path / "elsewhere"
    catalog.touch(mode=0o644)
    elsewhere.touch(mode=0o400)
    (tmp_path / "catalog-wal").symlink_to(elsewhere)
    restore_permissions(catalog)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o400
