"""Splits of a data set: what they share, labels that contradict each other, broken and unusual files."""

import json
import os
import shutil

import pytest

import genloss
from genloss.archive.leaks import FindingKind
from genloss.archive.plan import Relation
from genloss.archive.splits import find_splits
from genloss.model.errors import ArchiveError, FileUnreadableError
from tests.archive_tests.conftest import genloss_command
from tests.archive_tests.pictures import CAT, NOT_UTF8

# Where files of the scanned folder lie as a data set: what they are like is known by content, so nothing is decoded again.
PLACES = {
    "train/cats/cat.jpg": "cat.jpg", "train/cats/crop.png": "crop.png", "train/dogs/small.jpg": "small.jpg",
    "train/drawings/one.png": "one.png", "train/cats/cut off.jpg": "cut off.jpg", "test/cats/frame.png": "frame.png",
    "test/cats/copy.jpg": "cat.jpg", "test/drawings/two.png": "two.png", "test/cats/words.jpg": "words.jpg",
    "test/cats/sky.png": "sky.png",
}  # fmt: skip


@pytest.fixture(scope="module")
def data_set(scanned, tmp_path_factory):
    """A folder with train, test and a catalog that knows the pictures."""
    folder = tmp_path_factory.mktemp("leaks").resolve()
    for place, name in PLACES.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(scanned[0] / "pictures" / name, folder / place)
    shutil.copy(folder / "train/cats/cat.jpg", folder / "train/cats" / NOT_UTF8)
    shutil.copy(scanned[0] / "catalog", folder / "catalog")
    return folder


@pytest.fixture(scope="module")
def result(data_set):
    return genloss.leaks([data_set / "train", data_set / "test"], labels=True, catalog=data_set / "catalog", isolated=False)


def _of(result, kind):
    return {one.path.name: one for one in result.findings if one.kind is kind}


def test_versions_in_two_splits_are_leaks_on_both_sides(result):
    leaks = _of(result, FindingKind.LEAK)
    assert set(leaks) == {"cat.jpg", "crop.png", "small.jpg", NOT_UTF8, "frame.png", "copy.jpg"}
    assert (leaks["copy.jpg"].relation, leaks["copy.jpg"].n_others) == (Relation.SAME_BYTES, 4)
    assert (leaks["frame.png"].relation, leaks["frame.png"].split, leaks["frame.png"].other_split) == (
        "version",
        "test",
        "train",
    )
    assert "has a frame or bars around it" in leaks["frame.png"].reasons
    assert "has the label cats there, dogs here" in leaks["small.jpg"].reasons


def test_other_captions_in_two_splits_are_related_but_no_leak(result):
    related = _of(result, FindingKind.RELATED)
    assert {name: one.relation for name, one in related.items()} == {
        "one.png": Relation.ALTERNATE, "two.png": Relation.ALTERNATE
    }  # fmt: skip


def test_versions_with_other_labels_contradict_each_other(result):
    conflicts = _of(result, FindingKind.CONFLICT)
    assert (conflicts["small.jpg"].label, conflicts["small.jpg"].other_label) == ("dogs", "cats")
    assert set(conflicts) == {"small.jpg", "cat.jpg", "crop.png", NOT_UTF8}
    assert set(_of(result, FindingKind.DUPLICATE)) == {"cat.jpg", "crop.png", NOT_UTF8, "copy.jpg", "frame.png"}


def test_broken_files_and_those_that_are_no_pictures_have_reasons(result):
    assert _of(result, FindingKind.BROKEN)["cut off.jpg"].code == "image_truncated"
    assert _of(result, FindingKind.NO_PICTURE)["words.jpg"].code == "unsupported_format"
    assert _of(result, FindingKind.UNUSUAL)["sky.png"].reasons == ("of one colour",)
    assert [(one.n_files, one.n_pictures) for one in result.splits] == [(6, 5), (5, 4)]


def test_without_labels_there_are_no_conflicts_and_one_folder_has_no_leaks(data_set):
    alone = genloss.leaks([data_set / "train"], catalog=data_set / "catalog", isolated=False)
    assert {one.kind for one in alone.findings} == {FindingKind.DUPLICATE, FindingKind.BROKEN}


def test_splits_are_folders_apart_with_names_of_their_own(tmp_path):
    for name in ("a/train", "b/train", "c"):
        (tmp_path / name).mkdir(parents=True)
    assert [one.name for one in find_splits([tmp_path / "a/train", tmp_path / "b/train"])] == ["a/train", "b/train"]
    for folders in (["a", "a/train"], ["c", "c"]):
        with pytest.raises(ArchiveError, match="separate folders"):
            find_splits([tmp_path / folder for folder in folders])
    with pytest.raises(FileUnreadableError):
        find_splits([tmp_path / "c", tmp_path / "missing"])
    (tmp_path / "c/words.txt").write_text("no class folder")
    with pytest.raises(ArchiveError, match="no class folders"):
        genloss.leaks([tmp_path / "c"], labels=True)


def test_the_command_prints_a_table_of_the_splits_and_one_record_a_finding(data_set, tmp_path, result):
    arguments = "leaks", data_set / "train", data_set / "test", "--labels", "--catalog", data_set / "catalog", "--in-process"
    table = genloss_command(*arguments)
    assert table.exit_code == 0
    rows = {line.split("  ")[0]: line.split() for line in table.stdout.splitlines()}
    assert rows["leaks"] == ["leaks", "4", "(67", "%)", "2", "(40", "%)"]
    assert "4 (80 %) of train in test: 2 with the same bytes, 2 as versions" in table.stdout
    assert genloss_command(*arguments, "--fail-on-leaks").exit_code == 4
    alone = genloss_command(*arguments[:2], "--catalog", data_set / "catalog", "--fail-on-leaks", "--in-process")
    assert alone.exit_code == 0
    records = list(map(json.loads, genloss_command(*arguments, "--format", "jsonl").stdout.splitlines()))
    assert len(records) == len(result.findings)
    assert any("path_base64" in record for record in records)
    for suffix in ("csv", "parquet"):
        assert genloss_command(*arguments, "-o", tmp_path / f"findings.{suffix}").exit_code == 0
        assert (tmp_path / f"findings.{suffix}").stat().st_size > 500


def test_class_folders_with_names_that_are_not_utf8_give_records_for_any_program(tmp_path):
    for split, label in (("train", b"caf\xe9"), ("test", b"dogs")):
        folder = tmp_path / split / os.fsdecode(label)
        folder.mkdir(parents=True)
        shutil.copy(CAT, folder)
    found = genloss_command("leaks", tmp_path / "train", tmp_path / "test", "--labels", "--in-process", "--format", "jsonl")
    records = list(map(json.loads, found.stdout.splitlines()))
    assert [record["label"] for record in records] == ["caf\\xe9", "dogs"]
    assert "has the label dogs there, caf\\xe9 here" in records[0]["reasons"]
    json.dumps(records, ensure_ascii=False).encode("utf-8")
