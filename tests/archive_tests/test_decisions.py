"""Decisions are kept by content; a catalog of the layout before them is upgraded and keeps what it holds."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from genloss.archive.catalog import Catalog
from genloss.archive.decisions import Decision, DecisionKind, decisions, note_pixels, record, revoke
from genloss.archive.inventory import take_inventory
from genloss.model.errors import CatalogLockedError, DecisionError

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
WHEN = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
KEEP_BOTH = Decision(DecisionKind.KEEP_BOTH, (A, B), WHEN)


def test_decisions_are_kept_in_their_order_until_they_are_revoked(tmp_path):
    with Catalog(tmp_path / "catalog") as catalog:
        both = record(catalog, KEEP_BOTH)
        this = record(catalog, Decision(DecisionKind.KEEP_THIS, (C, A, B), WHEN + timedelta(days=1)))
        other = record(catalog, Decision(DecisionKind.NOT_SAME_PICTURE, (A, C), WHEN))
        revoke(catalog, this.id)
        note_pixels(catalog, {A: C})
    with Catalog(tmp_path / "catalog") as catalog:
        found = decisions(catalog)
        assert [one.id for one in found] == [both.id, other.id]
        assert found[0].contents == (A, B)
        assert found[0].pixels == (C, None)
        assert found[0].decided_at == WHEN
        assert found[0].sentence == "you decided on 27 November 2026: keep both"
        with pytest.raises(DecisionError, match="no decision"):
            revoke(catalog, this.id)
        assert record(catalog, KEEP_BOTH).id > other.id


@pytest.mark.parametrize(
    ("kind", "contents"),
    [
        ("not_same_picture", (A, B, C)), ("not_same_picture", (A, A)), ("keep_both", (A,)), ("keep_this", ()),
        ("keep_both", (A, "b" * 63)), ("keep_both", (A, "B" * 64)),
    ],
)  # fmt: skip
def test_what_is_no_decision_is_refused(tmp_path, kind, contents):
    with Catalog(tmp_path / "catalog") as catalog:
        with pytest.raises(DecisionError):
            record(catalog, Decision(DecisionKind(kind), contents, WHEN))
        assert decisions(catalog) == []


def test_a_decision_waits_for_no_writer_for_ever(tmp_path):
    with Catalog(tmp_path / "catalog") as first, Catalog(tmp_path / "catalog", busy_seconds=0.01) as second:
        first.connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(CatalogLockedError):
            record(second, KEEP_BOTH)
        first.connection.execute("ROLLBACK")
        record(second, KEEP_BOTH)
        assert len(decisions(first)) == 1


def test_a_catalog_without_decisions_gets_them_and_keeps_what_it_knows(tmp_path):
    path = tmp_path / "catalog"
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/words.txt").write_text("no picture")
    with Catalog(path) as catalog:
        take_inventory([tmp_path / "pictures"], catalog)
        catalog.connection.executescript("DROP TABLE decisions; DROP TABLE decided_contents; PRAGMA user_version = 2;")
        before = _tables(catalog.connection)
    with Catalog(path) as catalog:
        assert _tables(catalog.connection) == before | {"decisions": [], "decided_contents": []}
        record(catalog, KEEP_BOTH)
    with Catalog(path) as catalog:
        assert len(decisions(catalog)) == 1


def test_an_upgrade_that_was_killed_is_done_by_the_next_run(tmp_path):
    path = tmp_path / "catalog"
    with Catalog(path) as catalog:
        catalog.connection.executescript("DROP TABLE decisions; DROP TABLE decided_contents; PRAGMA user_version = 2;")
    half = sqlite3.connect(path, isolation_level=None)
    half.execute("BEGIN IMMEDIATE")
    half.execute("CREATE TABLE decisions (number INTEGER)")
    half.close()  # a transaction that never ended is what a kill leaves
    with Catalog(path) as catalog:
        assert record(catalog, KEEP_BOTH).id == 1


def _tables(connection: sqlite3.Connection) -> dict[str, list[tuple]]:
    names = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    ]
    return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
