"""Collections and catalogs that are not as they should be: one clear line, a stable code, nothing lost."""

import errno
import json
import os
import resource
import shutil
import socket
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from genloss.archive import listing, relating, report
from genloss.archive.catalog import Catalog
from genloss.archive.scan_store import ScanStore
from genloss.model.errors import CatalogError, FileUnreadableError
from tests.archive_tests.conftest import genloss_command
from tests.archive_tests.pictures import CAT


@pytest.fixture
def pictures(tmp_path):
    """A folder with a picture."""
    folder = tmp_path.resolve() / "pictures"
    folder.mkdir()
    shutil.copy(CAT, folder / "cat.jpg")
    return folder


def _database(path: Path, statements: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.executescript(statements)
    connection.close()


def _make_catalog(kind: str, path: Path) -> None:
    """Something that is no catalog, at that path."""
    match kind:
        case "words":
            path.write_text("no database, but longer than the header of one; " * 9)
        case "foreign":
            _database(path, "CREATE TABLE t (a)")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "loop":
            path.symlink_to(path)
        case _:
            Catalog(path).connection.close()
    if kind == "future":
        _database(path, "PRAGMA user_version = 99")
    if kind == "past":
        _database(path, "PRAGMA user_version = 1")
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:9000])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("words", "catalog_invalid"), ("foreign", "catalog_invalid"), ("folder", "catalog_invalid"),
        ("pipe", "catalog_invalid"), ("loop", "catalog_invalid"), ("cut", "catalog_invalid"),
        ("future", "catalog_version"), ("past", "catalog_version"),
    ],
)  # fmt: skip
def test_what_is_no_catalog_is_refused_and_left_as_it_is(pictures, tmp_path, kind, code):
    path = tmp_path / "catalog"
    _make_catalog(kind, path)
    before = path.read_bytes() if path.is_file() else None
    for words in (["scan", pictures], ["leaks", pictures], ["find", pictures / "cat.jpg", pictures]):
        done = genloss_command(*words, "--catalog", path)
        assert (done.exit_code, done.stderr.split(": ")[1], done.stderr.count("\n")) == (2, code, 1)
        assert done.stdout == ""
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_locked_catalog_is_said_after_a_while(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("genloss.archive.catalog.Catalog.__init__.__defaults__", (0.01,))
    with Catalog(tmp_path / "catalog") as catalog:
        catalog.connection.execute("BEGIN EXCLUSIVE")
        done = genloss_command("scan", pictures, "--catalog", tmp_path / "catalog")
    assert (done.exit_code, done.stderr.startswith("genloss: catalog_locked: "), done.stderr.count("\n")) == (2, True, 1)


@contextmanager
def _as_nobody():
    """As a user who may write nowhere; root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_catalog_that_may_not_be_written_is_said():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Catalog(folder / "catalog").connection.close()
        (folder / "catalog").chmod(0o444)
        folder.chmod(0o555)
        with _as_nobody(), pytest.raises(CatalogError, match=r"read-only|not permitted") as raised:
            _write_into(folder / "catalog")
        assert raised.value.code == "catalog_invalid"
        folder.chmod(0o755)


def _write_into(path: Path) -> None:
    with Catalog(path) as catalog, catalog.guarded():
        catalog.connection.execute("INSERT INTO runs (began) VALUES ('now')")


@contextmanager
def _small_files_only(n_bytes: int):
    """As on a full disk: no file grows beyond that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("n_bytes", [0, 8192, 120_000])
def test_a_full_disk_stops_a_scan_and_the_next_one_goes_on(pictures, tmp_path, n_bytes):
    arguments = "scan", pictures, "--catalog", tmp_path / "catalog", "--in-process", "-f", "jsonl"
    for number in range(3):
        shutil.copy(CAT, pictures / f"copy{number}.jpg")
    with _small_files_only(n_bytes):
        done = genloss_command(*arguments)
    if done.exit_code:  # 120,000 bytes may do
        assert (done.exit_code, done.stderr.count("\n"), done.stdout) == (2, 1, "")
        assert done.stderr.startswith("genloss: catalog_invalid: ")
        assert "the disk is full" in done.stderr
    again = genloss_command(*arguments)
    assert (again.exit_code, len(again.stdout.splitlines())) == (0, 4)


def test_folders_without_pictures_are_no_error(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "words").mkdir()
    (tmp_path / "words/a.txt").write_text("no picture")
    for name, said in (("empty", "0 files: 0 pictures"), ("words", "1 file: 0 pictures, 0 broken, 1 no picture")):
        for command in ("scan", "leaks"):
            done = genloss_command(command, tmp_path / name, "--catalog", tmp_path / "catalog")
            assert done.exit_code == 0
            assert said in done.stderr or command == "leaks"


def test_a_folder_that_cannot_be_listed_is_said(pictures, tmp_path, monkeypatch):
    def refuse(folder, below):
        if folder.name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied")
        return list_entries(folder, below)

    (pictures / "locked").mkdir()
    list_entries = listing._entries
    monkeypatch.setattr(listing, "_entries", refuse)
    arguments = pictures, "--catalog", tmp_path / "catalog", "--in-process"
    said = f"{pictures}/locked  (the folder cannot be listed: Permission denied)"
    assert said in genloss_command("scan", *arguments).stdout
    assert f"{pictures}/locked: the folder cannot be listed" in genloss_command("leaks", *arguments).stderr


def test_a_folder_to_scan_that_cannot_be_listed_is_an_error(pictures, monkeypatch):
    def refuse(folder):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(FileUnreadableError, match="Permission denied"):
        listing.find_roots([pictures])


def test_a_catalog_that_is_damaged_where_only_the_report_reads_is_said(pictures, tmp_path, monkeypatch):
    def read_damage(*arguments):
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(report, "write_report", read_damage)
    result = genloss_command(
        "scan", pictures, "--catalog", tmp_path / "catalog", "--in-process", "--report", tmp_path / "report"
    )
    assert (result.exit_code, result.stderr.startswith("genloss: catalog_invalid: ")) == (2, True)


def test_a_picture_above_the_limit_of_one_scan_is_read_by_a_scan_that_allows_more(pictures, tmp_path):
    arguments = "scan", pictures, "--catalog", tmp_path / "catalog", "--in-process", "--format", "jsonl"
    assert json.loads(genloss_command(*arguments, "--max-pixels", "64").stdout)["code"] == "image_too_large"
    assert json.loads(genloss_command(*arguments).stdout)["status"] == "ok"


def test_a_damaged_result_in_the_catalog_is_removed_and_made_again(tmp_path):
    sha256 = "a" * 64
    with Catalog(tmp_path / "catalog") as catalog:
        store = ScanStore(catalog)
        store.add_look(sha256, b"PK\3\4 and then rot")
        assert sha256 in store.known_looks()
        with pytest.raises(CatalogError, match="damaged, and is removed; run this again"):
            store.look(sha256)
    with Catalog(tmp_path / "catalog") as catalog:
        assert sha256 not in ScanStore(catalog).known_looks()


@pytest.mark.parametrize("gone", ["folder", "file"])
def test_what_vanishes_during_a_scan_is_said(pictures, tmp_path, monkeypatch, gone):
    take_inventory = relating.take_inventory

    def vanish(roots, catalog):
        found = take_inventory(roots, catalog)
        shutil.rmtree(pictures) if gone == "folder" else (pictures / "cat.jpg").unlink()
        return found

    monkeypatch.setattr(relating, "take_inventory", vanish)
    done = genloss_command("scan", pictures, "--catalog", tmp_path / "catalog", "--format", "jsonl", "--in-process")
    (record,) = map(json.loads, done.stdout.splitlines())
    assert (done.exit_code, record["status"], record["code"]) == (0, "broken", "file_unreadable")
    monkeypatch.undo()
    again = genloss_command("scan", pictures, "--catalog", tmp_path / "catalog", "--format", "jsonl")
    if gone == "folder":
        assert (again.exit_code, again.stderr.startswith("genloss: file_unreadable: ")) == (2, True)
    else:
        assert (again.exit_code, again.stdout) == (0, "")


def test_pipes_sockets_loops_links_and_any_name_are_listed(pictures, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(pictures) + b"/caf\xe9\n\x1b[31m"))
    odd.mkdir()
    shutil.copy(CAT, odd / os.fsdecode(b"\xff\xfe.jpg"))
    os.mkfifo(pictures / "pipe.jpg")
    (pictures / "loop").symlink_to("..")
    (pictures / "itself.jpg").symlink_to("itself.jpg")
    (pictures / "nowhere.jpg").symlink_to("missing.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(pictures / "socket.jpg"))
        arguments = "scan", pictures, "--catalog", tmp_path / "catalog", "--in-process"
        records = list(map(json.loads, genloss_command(*arguments, "--format", "jsonl").stdout.splitlines()))
        table = genloss_command(*arguments)
    assert sorted(str(record["code"]) for record in records) == [
        "None", "None", "no_regular_file", "no_regular_file", "symbolic_link", "symbolic_link", "symbolic_link",
    ]  # fmt: skip
    assert {record["group"] for record in records if record["status"] == "ok"} == {1}
    assert "\x1b" not in table.stdout
    assert len(table.stdout.splitlines()) == 3
