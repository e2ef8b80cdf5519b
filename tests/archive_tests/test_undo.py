"""What `undo_journal` refuses: it never replaces or invents a file."""

import shutil
from dataclasses import replace

import pytest

from genloss.archive.plan import ActionKind
from genloss.model.errors import JournalError
from tests.archive_tests.conftest import results


def test_a_name_that_was_taken_since_is_not_overwritten(collection):
    collection.apply()
    mine = collection.root / "cat/worse0"
    mine.write_text("a new file of mine")
    found = collection.undo()
    assert dict(results(found)) == {"worse1": "restored", "copy1": "restored", "worse0": "name_taken", "copy0": "restored"}
    assert mine.read_text() == "a new file of mine"
    (refused,) = (outcome for outcome in found if outcome.code)
    assert refused.target.is_file()
    mine.unlink()
    assert results(collection.undo()) == [("worse0", "restored")]


def test_what_was_changed_or_taken_from_the_quarantine_is_said(collection):
    for outcome in collection.apply():
        if outcome.path.name == "worse0":
            outcome.target.write_text("edited in the quarantine")
        if outcome.path.name == "worse1":
            outcome.target.unlink()
    found = dict(results(collection.undo()))
    assert found == {"worse1": "file_missing", "copy1": "restored", "worse0": "file_changed", "copy0": "restored"}
    assert dict(results(collection.undo())) == {"worse1": "file_missing", "worse0": "file_changed"}


def test_a_file_that_somebody_moved_back_counts_as_restored(collection):
    before = collection.look()
    for outcome in collection.apply():
        if outcome.path.name == "worse0":
            outcome.target.rename(outcome.path)
    assert dict(results(collection.undo()))["worse0"] == "restored"
    assert collection.look() == before


def test_a_folder_that_is_gone_is_made_again_and_one_that_became_a_link_is_not_used(collection):
    before = collection.look()
    collection.apply()
    (collection.root / "cat/deep").rmdir()
    (collection.root / "drawing/deep").rmdir()
    (collection.root / "drawing/deep").symlink_to(collection.folder)
    assert dict(results(collection.undo()))["copy1"] == "is_a_link"
    assert not (collection.folder / "copy1").exists()
    (collection.root / "drawing/deep").unlink()
    collection.undo()
    assert collection.look() == before


def test_a_hard_link_whose_bytes_changed_stays(collection):
    collection.apply(kind=ActionKind.HARDLINK)
    (collection.root / "cat/original0").write_bytes(b"edited, and so is the link")
    assert dict(results(collection.undo())) == {"copy1": "restored", "copy0": "file_changed"}


def test_no_journal_is_a_clear_error(empty):
    with pytest.raises(JournalError, match="no such journal"):
        empty.undo()


@pytest.mark.parametrize("kind", ["hardlink", "delete"])
def test_a_kept_file_that_changes_while_it_is_copied_gives_no_wrong_copy(collection, monkeypatch, kind):
    def copy_torn(source, target, size):
        target.write(source.read()[:3] + b"torn")

    collection.groups = [replace(group, members=group.members[:2]) for group in collection.groups]
    before = collection.look()
    collection.apply(kind=ActionKind(kind), confirmation="delete 2 files")
    applied = collection.look()
    monkeypatch.setattr(shutil, "copyfileobj", copy_torn)
    assert {found for _, found in results(collection.undo())} == {"file_changed"}
    assert collection.look() == applied
    monkeypatch.undo()
    assert {found for _, found in results(collection.undo())} == {"restored"}
    assert collection.look() == before
