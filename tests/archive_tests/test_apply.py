"""What `apply_plan` does with files, and what it refuses to do."""

import errno
import os
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import unquote

import pytest

from genloss.archive import acting
from genloss.archive.apply import apply_plan
from genloss.archive.journal import Journal
from genloss.archive.plan import ActionKind
from genloss.archive.rules import Rules
from genloss.model.errors import ArchiveLockedError, ConfirmationError, JournalError, PlanActionError, PlanPathError
from tests.archive_tests.conftest import results

KINDS = ("quarantine", "trash", "hardlink", "delete")


def test_files_are_put_into_quarantine_with_their_tree_and_undo_brings_everything_back(collection):
    before = collection.look()
    assert results(collection.apply()) == [(name, "done") for name in ("copy0", "worse0", "copy1", "worse1")]
    quarantine = collection.root / ".genloss-quarantine" / collection.plan.id
    assert (quarantine / "cat/deep/copy0").read_bytes() == (collection.root / "cat/original0").read_bytes()
    assert not (collection.root / "cat/worse0").exists()
    assert "undo" in (quarantine / "GENLOSS-QUARANTINE.txt").read_text()
    assert {name for name in collection.look() if "quarantine" not in name} == {"cat/original0", "drawing/original1"}
    assert {result for _, result in results(collection.undo())} == {"restored"}
    assert collection.look() == before
    assert not (collection.root / ".genloss-quarantine").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken_back_byte_for_byte_and_twice_is_once(collection, kind):
    collection.groups = collection.groups[:1]
    only_same_bytes = kind in ("hardlink", "delete")
    if only_same_bytes:
        group = collection.groups[0]
        collection.groups = [replace(group, members=group.members[:2])]
    before = collection.look()
    for _ in range(2):  # after undo, the same plan may be applied again
        options = {"kind": ActionKind(kind), "confirmation": "delete 1 file"}
        assert {result for _, result in results(collection.apply(**options))} == {"done"}
        assert {result for _, result in results(collection.apply(**options))} == {"already"}
        assert (collection.look() == before) is False
        assert {result for _, result in results(collection.undo(dry_run=True))} == {"would_restore"}
        assert {result for _, result in results(collection.undo())} == {"restored"}
        assert collection.look() == before
        assert collection.undo() == []


def test_hard_links_are_only_made_of_equal_bytes(collection):
    found = results(collection.apply(kind=ActionKind("hardlink")))
    assert found == [("copy0", "done"), ("worse0", "bytes_differ"), ("copy1", "done"), ("worse1", "bytes_differ")]
    assert os.path.samefile(collection.root / "cat/original0", collection.root / "cat/deep/copy0")
    collection.undo()
    assert not os.path.samefile(collection.root / "cat/original0", collection.root / "cat/deep/copy0")


def test_a_file_system_without_shared_blocks_says_so_and_nothing_changes(collection, monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.EOPNOTSUPP, "no")

    monkeypatch.setattr("fcntl.ioctl", refuse)
    before = collection.look()
    found = results(collection.apply(kind=ActionKind("reflink")))
    assert found == [
        ("copy0", "reflink_unsupported"),
        ("worse0", "bytes_differ"),
        ("copy1", "reflink_unsupported"),
        ("worse1", "bytes_differ"),
    ]
    assert collection.look() == before


def test_a_reflink_has_the_old_times_and_attributes(collection, monkeypatch):
    """The kernel's part is played by a copy: few file systems share blocks."""
    monkeypatch.setattr("fcntl.ioctl", lambda clone, request, source: os.write(clone, os.read(source, 1 << 24)))
    group = collection.groups[0]
    collection.groups = [replace(group, members=group.members[:2])]
    before = collection.look()
    inode = (collection.root / "cat/deep/copy0").stat().st_ino
    assert results(collection.apply(kind=ActionKind("reflink"))) == [("copy0", "done")]
    assert (collection.root / "cat/deep/copy0").stat().st_ino != inode
    assert collection.look() == before
    assert results(collection.undo()) == [("copy0", "restored")]
    assert collection.look() == before


def test_the_trash_is_one_a_desktop_understands(collection):
    name = os.fsdecode(b"cat/caf\xe9 1.jpg")
    odd = collection.file(name, b"odd")
    collection.group(collection.file("kept", b"kept"), odd)
    collection.apply(kind=ActionKind("trash"))
    trash = collection.folder / "home/Trash"
    info = (trash / "info" / (odd.name + ".trashinfo")).read_text().splitlines()
    assert info[0] == "[Trash Info]"
    assert os.fsencode(unquote(info[1].removeprefix("Path="), "utf-8", "surrogateescape")) == os.fsencode(odd)
    assert info[2].startswith("DeletionDate=20")
    assert (trash / "files" / odd.name).read_bytes() == b"odd"
    collection.undo()
    assert odd.read_bytes() == b"odd"
    assert list((trash / "info").iterdir()) == []


def test_a_full_disk_leaves_nothing_in_the_trash(empty, monkeypatch):
    empty.group(empty.file("kept", b"1"), empty.file("copy", b"2"))
    before = empty.look()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        assert results(empty.apply(kind=ActionKind("trash"))) == [("copy", "disk_full")]
    assert empty.look() == before
    assert list((empty.folder / "home/Trash/info").iterdir()) == []


def test_names_that_are_taken_in_the_trash_are_left_alone(empty):
    files = empty.folder / "home/Trash/files"
    files.mkdir(parents=True)
    (files / "copy").write_text("somebody else's")
    empty.group(empty.file("kept", b"1"), empty.file("copy", b"2"))
    empty.apply(kind=ActionKind("trash"))
    assert (files / "copy").read_text() == "somebody else's"
    assert len(list(files.iterdir())) == 2


def test_a_dry_run_says_the_same_and_touches_nothing(collection):
    (collection.root / "cat/worse0").write_text("changed")
    before = collection.look()
    found = results(collection.apply(dry_run=True))
    assert found == [("copy0", "would_do"), ("worse0", "file_changed"), ("copy1", "would_do"), ("worse1", "would_do")]
    assert collection.look() == before
    assert not collection.journal.exists()
    wet = results(collection.apply())
    assert [(name, result.replace("would_do", "done")) for name, result in found] == wet


def test_odds_and_protected_folders_are_obeyed(collection):
    collection.group(collection.file("a", b"a"), collection.file("b", b"b"), odds=0.98)
    rules = Rules(protected=(collection.root / "cat",))
    assert results(collection.apply(rules=rules)) == [
        ("copy0", "protected"), ("worse0", "protected"), ("b", "not_sure_enough"), ("copy1", "done"), ("worse1", "done"),
    ]  # fmt: skip
    assert results(collection.apply(rules=rules, sure=0.9))[2:] == [("copy1", "already"), ("worse1", "already"), ("b", "done")]


def test_nothing_is_deleted_before_somebody_typed_so(collection):
    before = collection.look()
    for confirmation in (None, "", "yes", "delete 3 files", "delete 4 file"):
        with pytest.raises(ConfirmationError, match="delete 4 files"):
            collection.apply(kind=ActionKind("delete"), confirmation=confirmation)
    assert collection.look() == before
    assert len(collection.apply(kind=ActionKind("delete"), confirmation="delete 4 files")) == 4
    assert results(collection.undo()) == [
        ("worse1", "deleted"),
        ("copy1", "restored"),
        ("worse0", "deleted"),
        ("copy0", "restored"),
    ]


def _change_loser(collection):
    (collection.root / "cat/worse0").write_bytes(b"edited since")


def _change_kept(collection):
    (collection.root / "cat/original0").write_bytes(b"edited since")


def _remove_loser(collection):
    (collection.root / "cat/worse0").unlink()


def _remove_kept(collection):
    (collection.root / "cat/original0").unlink()


def _link_loser(collection):
    path = collection.root / "cat/worse0"
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _link_kept(collection):
    path = collection.root / "cat/original0"
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _replace_by_pipe(collection):
    (collection.root / "cat/worse0").unlink()
    os.mkfifo(collection.root / "cat/worse0")


def _hard_link_loser(collection):
    os.link(collection.root / "cat/worse0", collection.folder / "another name")


def _same_file(collection):
    (collection.root / "cat/deep/copy0").unlink()
    os.link(collection.root / "cat/original0", collection.root / "cat/deep/copy0")


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        (_change_loser, "worse0", "file_changed"),
        (_change_kept, "worse0", "file_changed"),
        (_remove_loser, "worse0", "file_missing"),
        (_remove_kept, "worse0", "file_missing"),
        (_link_loser, "worse0", "is_a_link"),
        (_link_kept, "worse0", "is_a_link"),
        (_replace_by_pipe, "worse0", "file_unreadable"),
        (_hard_link_loser, "worse0", "hard_linked"),
        (_same_file, "copy0", "same_file"),
    ],
)
def test_what_changed_since_the_plan_is_skipped_and_said(collection, change, name, code):
    plan = collection.plan
    change(collection)
    before = {path: _bytes(path) for path in collection.root.rglob("*")}
    outcomes = list(apply_plan(plan, collection.journal, collection.options()))
    assert dict(results(outcomes))[name] == code
    assert dict(results(outcomes))["worse1"] == "done"
    (refused,) = (outcome for outcome in outcomes if outcome.path.name == name)
    assert refused.message
    assert {path: _bytes(path) for path in before if "cat" in path.parts and path.name in (name, "original0")} == {
        path: content for path, content in before.items() if "cat" in path.parts and path.name in (name, "original0")
    }


def _bytes(path: Path) -> object:
    return path.read_bytes() if path.is_file() else path.is_fifo()


def test_all_names_of_a_file_may_go_together(collection):
    kept, first = collection.file("k", b"kept"), collection.file("first", b"version")
    os.link(first, first.with_name("second"))
    collection.group(kept, first, first.with_name("second"))
    assert results(collection.apply())[-2:] == [("first", "done"), ("second", "done")]
    collection.undo()
    assert os.path.samefile(first, first.with_name("second"))


def test_a_file_that_is_open_for_writing_is_skipped(collection, monkeypatch):
    for path in ("cat/worse0", "drawing/original1"):
        with open(collection.root / path, "ab"):
            assert "open_for_writing" in dict(results(collection.apply(dry_run=True))).values()
            monkeypatch.setattr("genloss.archive.open_files._lease", lambda descriptor, path: False)  # as on other systems
            assert "open_for_writing" in dict(results(collection.apply(dry_run=True))).values()
            monkeypatch.undo()
    assert {result for _, result in results(collection.apply())} == {"done"}


def test_a_quarantine_on_another_device_is_refused(collection, other_device):
    before = collection.look()
    assert {code for _, code in results(collection.apply(quarantine=other_device))} == {"another_device"}
    assert collection.look() == before


def test_a_quarantine_elsewhere_keeps_whole_paths(collection):
    aside = collection.folder / "aside"
    before = collection.look()
    collection.apply(quarantine=aside)
    below = aside / collection.plan.id / (collection.root / "cat/worse0").relative_to("/")
    assert below.is_file()
    collection.undo()
    assert collection.look() == before
    assert list(aside.iterdir()) == []


def test_a_quarantine_that_is_a_link_is_refused(collection):
    (collection.folder / "elsewhere").mkdir()
    (collection.root / ".genloss-quarantine").symlink_to(collection.folder / "elsewhere")
    assert {code for _, code in results(collection.apply())} == {"is_a_link"}
    assert list((collection.folder / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EACCES, "not_permitted")]
)
def test_what_the_disk_refuses_leaves_the_file_as_it_was(collection, monkeypatch, number, code):
    def refuse(source, target):
        raise OSError(number, os.strerror(number))

    before = collection.look()
    monkeypatch.setattr(acting, "move", refuse)
    assert {found for _, found in results(collection.apply())} == {code}
    assert collection.look() == before
    monkeypatch.undo()
    assert {found for _, found in results(collection.apply())} == {"done"}


def test_a_path_too_long_for_the_quarantine_is_refused_and_the_next_file_is_done(empty):
    room = os.pathconf(empty.root, "PC_PATH_MAX") - len(os.fsencode(empty.root)) - 30
    far = empty.file("/".join(["d" * 200] * (room // 201) + ["d" * (room % 201), "far"]), b"far")
    empty.group(empty.file("kept", b"kept"), far, empty.file("near", b"near"))
    for options in ({"dry_run": True}, {"quarantine": empty.folder / "aside"}, {}):
        assert results(empty.apply(**options))[0] == ("far", "action_failed")
    assert far.read_bytes() == b"far"
    assert results(empty.apply()) == [("far", "action_failed"), ("near", "already")]


def test_a_folder_that_may_not_be_entered_is_not_called_missing(collection, monkeypatch):
    def lstat(path, **options):
        if os.fspath(path).endswith("worse0"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path, **options)

    real = os.lstat
    monkeypatch.setattr(os, "lstat", lstat)
    assert dict(results(collection.apply(dry_run=True)))["worse0"] == "not_permitted"


def test_a_name_that_is_not_utf8_may_be_refused_as_any_other(empty, monkeypatch):
    def refuse(source, target):
        raise OSError(errno.EROFS, "Read-only file system")

    odd = empty.file(os.fsdecode(b"caf\xe9/caf\xe9"), b"odd")
    empty.group(empty.file("kept", b"kept"), odd)
    monkeypatch.setattr(acting, "move", refuse)
    monkeypatch.setattr(acting, "_check_inode", refuse)
    assert results(empty.apply()) == [(odd.name, "read_only")]
    monkeypatch.undo()
    assert results(empty.apply()) == [(odd.name, "done")]
    assert results(empty.undo()) == [(odd.name, "restored")]


def test_a_journal_that_cannot_be_written_stops_before_anything_is_done(collection):
    before = collection.look()
    collection.journal.write_bytes(b"this is no database, it is a text of mine")
    with pytest.raises(JournalError):
        collection.apply()
    assert collection.look() == before
    assert collection.journal.read_bytes().startswith(b"this is no database")
    with pytest.raises(JournalError):
        collection.undo()


def test_a_journal_of_another_plan_is_refused(collection):
    collection.apply()
    collection.group(collection.file("a", b"a"), collection.file("b", b"b"))
    with pytest.raises(JournalError, match="name another --journal"):
        collection.apply()


def test_two_applies_at_once_are_one(collection):
    first = apply_plan(collection.plan, collection.journal, collection.options())
    next(first)
    for folder in (collection.root, collection.root / "cat", collection.folder):
        nested = replace(collection.plan, roots=(folder,), groups=())
        with pytest.raises(ArchiveLockedError, match="another apply or undo"):
            list(apply_plan(nested, collection.folder / "other.journal", collection.options()))
    with pytest.raises(ArchiveLockedError):
        collection.undo()
    assert len(list(first)) == 3
    beside = replace(collection.plan, roots=(collection.folder / "beside",), groups=())
    assert list(apply_plan(beside, collection.folder / "other.journal", collection.options())) == []
    with Journal(collection.journal), pytest.raises(ArchiveLockedError):
        Journal(collection.journal)


def test_a_plan_made_in_python_is_checked_as_one_from_a_file(collection):
    kept, group = collection.root / "cat/original0", collection.groups[0]
    outside = replace(group.members[1], path=collection.folder / "outside")
    with pytest.raises(PlanPathError):
        list(
            apply_plan(
                replace(collection.plan, groups=(replace(group, members=(group.members[0], outside)),)), collection.journal
            )
        )
    both = replace(group.members[0], action=group.members[1].action)
    with pytest.raises(PlanActionError, match="to be kept"):
        list(apply_plan(_only(collection.plan, both), collection.journal))
    assert kept.exists()
    assert not collection.journal.exists()


def _only(plan, *members):
    """The plan with one group of these members."""
    return replace(plan, groups=(replace(plan.groups[0], members=members),))
