"""What an inventory finds, and what it does not read twice."""

import os
import shutil
import socket
import sqlite3
from pathlib import Path

import pytest

from genloss.archive import inventory as inventories
from genloss.archive.catalog import Catalog
from genloss.archive.inventory import take_inventory
from genloss.archive.listing import find_roots, list_files
from genloss.model.errors import (
    CatalogError,
    CatalogLockedError,
    CatalogVersionError,
    FileUnreadableError,
    OutputRefusedError,
)
from tests.fixtures import ROOT

CAT = (ROOT / "samples/cat/original.jpg").read_bytes()
OTHER = (ROOT / "samples/cat/messenger.jpg").read_bytes()


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path.resolve() / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def catalog(tmp_path):
    with Catalog(tmp_path / "catalog.db") as opened:
        yield opened


def _write(path: Path, data: bytes, age: int = 1) -> Path:
    """A file that is old enough for its time to be trusted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (age, age))
    return path


def _scan(root, catalog, **options):
    return take_inventory(find_roots([root]), catalog, **options)


def test_everything_is_listed_or_said_to_be_left_out(root, catalog):
    odd = Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9\n.jpg"))
    for path, data in ((odd, CAT), (root / "a/same.png", CAT), (root / "text.jpg", b"no picture"), (root / "empty.jpg", b"")):
        _write(path, data)
    os.link(odd, root / "hard link")
    (root / "link").symlink_to("a/same.png")
    (root / "a/loop").symlink_to("..")
    os.mkfifo(root / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "socket"))
        found = _scan(root, catalog)
    assert found.left_out == {"symbolic_link": 2, "no_regular_file": 2}
    assert {left.path.name for left in catalog.left_out()} == {"link", "loop", "pipe.jpg", "socket"}
    assert (found.n_files, found.n_new, found.n_read) == (5, 5, 3)
    kinds = {file.path.name: file.image_format or file.error for file in catalog.files()}
    errors = {"text.jpg": "unsupported_format", "empty.jpg": "file_empty"}
    assert kinds == {odd.name: "jpeg", "hard link": "jpeg", "same.png": "jpeg", **errors}
    ((first, *others),) = catalog.exact_duplicates()
    assert {file.path for file in (first, *others)} == {odd, root / "hard link", root / "a/same.png"}
    assert catalog.find(odd).sha256 == catalog.find(root / "a/same.png").sha256
    assert catalog.find(odd).n_links == 2


def test_two_names_of_one_file_are_no_duplicates(root, catalog):
    os.link(_write(root / "a.jpg", CAT), root / "b.jpg")
    _scan(root, catalog)
    assert list(catalog.exact_duplicates()) == []


def test_only_new_and_changed_files_are_read(root, catalog):
    for name in ("a", "b", "c"):
        _write(root / name, CAT + name.encode())
    assert _scan(root, catalog).n_read == 3
    again = _scan(root, catalog)
    assert (again.n_read, again.n_unchanged) == (0, 3)
    _write(root / "b", OTHER, age=2)
    (root / "c").unlink()
    _write(root / "d", OTHER, age=2)
    found = _scan(root, catalog)
    assert (found.n_read, found.n_unchanged, found.n_changed, found.n_new, found.n_gone) == (2, 1, 1, 1, 1)
    assert catalog.find(root / "c") is None
    assert catalog.find(root / "b").sha256 == catalog.find(root / "d").sha256


def test_a_file_that_was_just_written_is_read_once_more(root, catalog):
    (root / "a").write_bytes(CAT)
    assert [_scan(root, catalog).n_read for _ in range(2)] == [1, 1]


def test_moved_files_are_recognised_whatever_happened_to_their_folder(root, catalog):
    _write(root / "old/a.jpg", CAT)
    _write(root / "old/b.jpg", OTHER)
    _scan(root, catalog)
    (root / "old").rename(root / "new")
    found = _scan(root, catalog)
    assert (found.n_moved, found.n_new, found.n_gone, found.n_read) == (2, 0, 2, 0)
    assert catalog.find(root / "new/a.jpg").moved_from == root / "old/a.jpg"
    shutil.copyfile(root / "new/b.jpg", root / "copied.jpg")  # another inode and time: recognised by content
    (root / "new/b.jpg").unlink()
    found = _scan(root, catalog)
    assert (found.n_moved, found.n_read) == (1, 1)
    assert catalog.find(root / "copied.jpg").moved_from == root / "new/b.jpg"
    _write(root / "copied.jpg", CAT + b"another")  # which was nowhere else
    _scan(root, catalog)
    assert catalog.find(root / "copied.jpg").moved_from is None


def test_a_run_that_was_stopped_goes_on_where_it_was(root, catalog, monkeypatch):
    monkeypatch.setattr("genloss.archive.catalog_run._COMMIT_FILES", 1)
    for number in range(30):
        _write(root / f"{number:02}.jpg", CAT + bytes([number]))

    def stop(found):
        if found.n_files == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _scan(root, catalog, report=stop)
    found = _scan(root, catalog)
    assert (found.n_files, found.n_read, found.n_unchanged) == (30, 20, 10)


def test_what_lies_in_a_folder_that_cannot_be_listed_is_not_forgotten(root, catalog, monkeypatch):
    _write(root / "closed/a.jpg", CAT)
    _write(root / "open/b.jpg", OTHER)
    _scan(root, catalog)
    scandir = os.scandir

    def refuse(folder):
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)  # root may list everything
    found = _scan(root, catalog)
    assert (found.left_out, found.n_gone) == ({"file_unreadable": 1}, 0)
    assert catalog.find(root / "closed/a.jpg") is not None
    (left,) = catalog.left_out()
    assert "Permission denied" in left.message


def test_a_file_that_vanishes_between_listing_and_reading_is_said(root, catalog, monkeypatch):
    odd = _write(root / os.fsdecode(b"caf\xe9.jpg"), CAT)

    def vanish(listed):
        listed.path.unlink()
        return read(listed)

    read = inventories.read_content
    monkeypatch.setattr(inventories, "read_content", vanish)
    _scan(root, catalog)
    assert catalog.find(odd).error == "file_unreadable"


def test_a_quarantine_is_no_folder_to_scan(root):
    for below in (".genloss-quarantine/x/deep", "elsewhere/x/deep"):
        _write(root / below / "a.jpg", CAT)
    (root / "elsewhere/x/GENLOSS-QUARANTINE.txt").touch()
    for folder in (".genloss-quarantine", ".genloss-quarantine/x/deep", "elsewhere/x", "elsewhere/x/deep"):
        with pytest.raises(FileUnreadableError, match="lies in a quarantine"):
            find_roots([root / folder])
    assert find_roots([root / "elsewhere"]) == [root / "elsewhere"]


def test_a_quarantine_is_passed_by(root, catalog):
    _write(root / ".genloss-quarantine/x/a.jpg", CAT)
    _write(root / "elsewhere/x/a.jpg", CAT)
    _write(root / "elsewhere/x/GENLOSS-QUARANTINE.txt", b"")
    assert _scan(root, catalog).n_files == 0


def test_folders_in_folders_are_listed_once_and_deep_trees_do_not_end_it(root):
    _write(root / "a/b.jpg", CAT)
    assert find_roots([root / "a", root, root]) == [root]
    deep = root
    for _ in range(60):
        deep = deep / "folder"
    _write(deep / "c.jpg", CAT)
    assert len(list(list_files([root]))) == 2


def test_a_missing_folder_is_one_clear_error(root):
    with pytest.raises(FileUnreadableError, match="No such file"):
        find_roots([root / "nothing"])
    _write(root / "file", b"x")
    with pytest.raises(FileUnreadableError, match="not a folder"):
        find_roots([root / "file"])


def test_a_locked_a_foreign_and_a_future_catalog_have_codes_of_their_own(tmp_path, root):
    path = tmp_path / "c.db"
    with Catalog(path, busy_seconds=0) as catalog:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogLockedError) as locked:
            _scan(root, catalog)
        other.execute("ROLLBACK")
        other.execute("PRAGMA user_version = 99")
        other.close()
    with pytest.raises(CatalogVersionError, match="layout 99") as version:
        Catalog(path)
    (tmp_path / "text").write_text("no database, but words of mine")
    with pytest.raises(CatalogError) as text:
        Catalog(tmp_path / "text")
    sqlite3.connect(tmp_path / "mine.db").execute("CREATE TABLE mine (a)").connection.close()
    with pytest.raises(CatalogError, match="no catalog of genloss") as foreign:
        Catalog(tmp_path / "mine.db")
    codes = [error.value.code for error in (locked, version, text, foreign)]
    assert codes == ["catalog_locked", "catalog_version", "catalog_invalid", "catalog_invalid"]
    assert (tmp_path / "text").read_text() == "no database, but words of mine"
    with pytest.raises(OutputRefusedError):
        Catalog(_write(tmp_path / "empty.jpg", b""))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("files", "device", "NULL"), ("files", "size_bytes", "'text'"), ("files", "mtime_ns", "NULL"),
     ("files", "sha256", "x'00'"), ("left_out", "message", "NULL")],
)  # fmt: skip
def test_a_damaged_row_is_a_plain_error(root, tmp_path, table, column, value):
    (root / "1.jpg").write_bytes(CAT)
    os.symlink("1.jpg", root / "link.jpg")
    with Catalog(tmp_path / "catalog") as catalog:
        take_inventory([root], catalog)
        catalog.connection.execute("PRAGMA writable_schema = ON")
        catalog.connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')")
    connection = sqlite3.connect(tmp_path / "catalog")  # reads the weaker tables
    with connection:
        connection.execute(f"UPDATE {table} SET {column} = {value}")
    connection.close()
    with Catalog(tmp_path / "catalog") as catalog, pytest.raises(CatalogError, match="a row about a file is damaged"):
        _ = [*catalog.files(), *catalog.left_out()]
