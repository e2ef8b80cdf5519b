"""A small folder scanned end to end: what is found, what is planned, and that nothing is lost."""

import json
import shutil

import pytest

import genloss
from genloss.archive.apply import ApplyOptions, apply_plan
from genloss.archive.catalog import Catalog
from genloss.archive.grouping import ScanOptions
from genloss.archive.plan import Relation
from genloss.archive.plan_file import read_plan, write_plan
from genloss.archive.rules import Rules, Treatment
from genloss.archive.scan import scan_known
from genloss.archive.scanned import ScannedFile, Status
from genloss.archive.undo import undo_journal
from genloss.model.errors import CatalogError
from tests.archive_tests.conftest import genloss_command
from tests.archive_tests.pictures import DRAWING, NOT_UTF8


@pytest.fixture
def found(scanned) -> dict[str, ScannedFile]:
    return {file.path.name: file for file in scanned[1].files}


def test_every_file_is_listed_with_what_it_is(found):
    assert len(found) == 13
    statuses = {name: file.status for name, file in found.items() if file.status is not Status.OK}
    assert statuses == {
        "cut off.jpg": Status.BROKEN, "empty.jpg": Status.BROKEN, "words.jpg": Status.NO_PICTURE, "link.jpg": Status.LEFT_OUT
    }  # fmt: skip
    assert found["cut off.jpg"].code == "image_truncated"
    assert found["sky.png"].is_plain
    assert found["sky.png"].group is None


def test_versions_stand_behind_the_bare_whole_picture(found):
    group = found["cat.jpg"].group
    for name in ("small.jpg", "mirrored.jpg", "crop.png", "frame.png"):
        assert (found[name].group, found[name].member.relation) == (group, Relation.VERSION), name
        assert found[name].kept.name in ("cat.jpg", NOT_UTF8)
    assert any("shows 8" in reason for reason in found["crop.png"].member.reasons)
    assert any("frame" in reason for reason in found["frame.png"].member.reasons)
    assert any("mirrored" in reason for reason in found["mirrored.jpg"].member.reasons)
    assert found["mirrored.jpg"].member.transform.turn == 4
    copies = {found["cat.jpg"].member.relation, found[NOT_UTF8].member.relation}
    assert copies == {None, Relation.SAME_BYTES}


def test_two_captions_are_related_and_both_stay(found):
    assert found["one.png"].group == found["two.png"].group != found["cat.jpg"].group
    assert {found["one.png"].member.relation, found["two.png"].member.relation} == {None, Relation.ALTERNATE}
    assert all(found[name].member.keep and found[name].member.action is None for name in ("one.png", "two.png"))


def test_a_second_scan_decodes_only_what_is_new(scanned):
    folder, first = scanned
    root = folder / "pictures"
    again = genloss.scan([root], folder / "catalog")
    assert (again.n_looked, again.n_compared) == (0, 0)
    assert again.plan.groups == first.plan.groups
    (root / "crop.png").rename(root / "old/renamed.png")
    shutil.copy(DRAWING, root / "clean.png")
    try:
        third = genloss.scan([root], folder / "catalog")
        assert third.n_looked == 1
        names = {file.path.name: file for file in third.files}
        assert names["renamed.png"].group == names["cat.jpg"].group
        assert names["one.png"].member.relation is names["two.png"].member.relation is Relation.VERSION
        assert names["one.png"].kept.name == names["two.png"].kept.name == "clean.png"
        assert names["one.png"].member.action is names["two.png"].member.action is None
    finally:
        (root / "clean.png").unlink()
        (root / "old/renamed.png").rename(root / "crop.png")


def test_a_plan_acts_and_undo_restores(scanned, tmp_path):
    folder, _ = scanned
    root = tmp_path.resolve() / "pictures"
    shutil.copytree(folder / "pictures", root, symlinks=True)
    before = {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    shutil.copy(folder / "catalog", tmp_path / "catalog")
    result = genloss.scan([root], tmp_path / "catalog", sure=0.6)
    assert (result.n_looked, result.n_compared) == (0, 0)
    write_plan(result.plan, tmp_path / "plan.jsonl")
    plan = read_plan(tmp_path / "plan.jsonl")
    outcomes = list(apply_plan(plan, tmp_path / "journal", ApplyOptions(sure=0.6)))
    gone = {outcome.path.name for outcome in outcomes if outcome.result.value == "done"}
    assert {"small.jpg", "mirrored.jpg"} <= gone
    assert gone.isdisjoint({"one.png", "two.png", "sky.png", "cut off.jpg"})
    assert len(gone & {"cat.jpg", NOT_UTF8}) == 1
    list(undo_journal(tmp_path / "journal"))
    after = {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob("*") if path.is_file() and ".genloss-quarantine" not in path.parts
    }  # fmt: skip
    assert after == before


def test_rules_are_kept(scanned):
    folder, _ = scanned
    rules = Rules(protected=(folder / "pictures/old",), turned=Treatment.KEEP)
    result = genloss.scan([folder / "pictures"], folder / "catalog", sure=0.5, rules=rules)
    found = {file.path.name: file.member for file in result.files}
    assert found[NOT_UTF8].keep
    assert found[NOT_UTF8].action is None
    assert (found["mirrored.jpg"].keep, found["mirrored.jpg"].action) == (True, None)


def test_the_command_prints_records_and_what_to_run_next(scanned, tmp_path):
    folder, _ = scanned
    arguments = "scan", folder / "pictures", "--catalog", folder / "catalog", "--in-process"
    plan = tmp_path / "plan.jsonl"
    table = genloss_command(*arguments, "--plan", plan)
    assert table.exit_code == 0
    assert "frame.png  (has a frame or bars around it" in table.stdout
    assert "2 broken, 1 no picture" in table.stderr
    assert f"next: genloss apply {plan} --dry-run" in table.stderr
    records = list(map(json.loads, genloss_command(*arguments, "--format", "jsonl").stdout.splitlines()))
    assert len(records) == 13
    (latin,) = (record for record in records if "path_base64" in record)
    assert latin["relation"] in (None, "same_bytes")
    csv = genloss_command(*arguments, "-o", tmp_path / "files.csv")
    assert csv.exit_code == 0
    assert len((tmp_path / "files.csv").read_text().splitlines()) == 14


def test_bad_input_gives_one_line(tmp_path):
    (tmp_path / "nothing").mkdir()
    catalog = tmp_path / "catalog"
    empty = genloss_command("scan", tmp_path / "nothing", "--catalog", catalog)
    assert (empty.exit_code, empty.stderr.splitlines()[0][:17]) == (0, "genloss: 0 files:")
    missing = genloss_command("scan", tmp_path / "missing", "--catalog", catalog)
    assert (missing.exit_code, missing.stderr.startswith("genloss: file_unreadable: ")) == (2, True)
    (tmp_path / "other").write_text("not a database, but longer than its header" * 9)
    other = genloss_command("scan", tmp_path / "nothing", "--catalog", tmp_path / "other")
    assert (other.exit_code, len(other.stderr.splitlines())) == (2, 1)


def test_what_a_catalog_knows_is_planned_without_its_folders_being_named(scanned, tmp_path):
    folder, first = scanned
    shutil.copy(folder / "catalog", tmp_path / "catalog")
    with Catalog(tmp_path / "catalog") as catalog:
        again = scan_known(catalog, ScanOptions(isolated=False))
    assert (again.n_looked, again.n_compared) == (0, 0)
    assert again.plan.groups == first.plan.groups
    with Catalog(tmp_path / "new") as catalog, pytest.raises(CatalogError, match="knows no file"):
        scan_known(catalog, ScanOptions())
