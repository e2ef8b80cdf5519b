"""A scan obeys what a person decided, by content: groups, the file that stays, actions, and what is said of it."""

import shutil
from datetime import UTC, datetime

import pytest

import genloss
from genloss.archive.catalog import Catalog
from genloss.archive.decisions import Decision, DecisionKind, record, revoke
from genloss.archive.plan import Relation
from genloss.archive.plan_check import check_plan
from tests.archive_tests.pictures import NOT_UTF8

DAY = "you decided on 27 November 2026"


@pytest.fixture
def scan_again(scanned, tmp_path):
    """Scans the folder with some decisions: kinds and names of files; gives what is said of each file, by name."""
    folder, first = scanned
    shutil.copy(folder / "catalog", tmp_path / "catalog")
    digests = {file.path.name: file.member.sha256 for file in first.files if file.member is not None}
    catalog = Catalog(tmp_path / "catalog")

    def scan(*decided, sure=0.5):
        for kind, *names in decided:
            contents = tuple(digests[name] for name in names)
            scan.last = record(catalog, Decision(DecisionKind(kind), contents, datetime(2026, 11, 27, tzinfo=UTC)))
        result = genloss.scan([folder / "pictures"], tmp_path / "catalog", sure, isolated=False)
        check_plan(result.plan)
        assert result.n_looked == 0
        return {file.path.name: file for file in result.files}

    scan.catalog = catalog
    with catalog:
        yield scan


def test_keep_both_leaves_both_and_says_why(scan_again):
    assert scan_again()["small.jpg"].member.action is not None
    found = scan_again(("keep_both", "cat.jpg", "small.jpg"))
    assert (found["small.jpg"].member.keep, found["small.jpg"].member.action) == (True, None)
    assert f"{DAY}: keep both" in found["small.jpg"].member.reasons
    assert found["mirrored.jpg"].member.action is not None
    revoke(scan_again.catalog, scan_again.last.id)
    assert scan_again()["small.jpg"].member.action is not None


def test_not_the_same_picture_is_in_no_group_with_it_nor_with_its_copies(scan_again):
    found = scan_again(("not_same_picture", "cat.jpg", "mirrored.jpg"))
    assert found["mirrored.jpg"].group != found["cat.jpg"].group == found[NOT_UTF8].group
    said = found["mirrored.jpg"].member.reasons if found["mirrored.jpg"].member else found["mirrored.jpg"].notes
    assert any(sentence.startswith(f"{DAY}: not the same picture as ") for sentence in said)
    assert found["small.jpg"].group == found["cat.jpg"].group


def test_two_captions_that_are_not_the_same_picture_are_not_even_related(scan_again):
    found = scan_again(("not_same_picture", "one.png", "two.png"))
    assert found["one.png"].group is None
    assert found["one.png"].notes == (f"{DAY}: not the same picture as two.png",)


def test_keep_this_comes_before_geometry_and_odds(scan_again):
    found = scan_again(("keep_this", "crop.png", "cat.jpg", "small.jpg"), sure=1.0)
    assert found["crop.png"].member.relation is None
    assert f"{DAY}: keep this" in found["crop.png"].member.reasons
    for name in ("cat.jpg", "small.jpg", NOT_UTF8):
        member = found[name].member
        assert (member.relation, member.odds, member.action.kept.name) == (Relation.VERSION, 1.0, "crop.png")
        assert f"{DAY}: keep crop.png" in member.reasons
    assert found["mirrored.jpg"].member.action is None, "nobody decided about it, and it shows more"


def test_the_later_decision_holds(scan_again):
    found = scan_again(
        ("not_same_picture", "crop.png", "small.jpg"), ("keep_this", "crop.png", "small.jpg"),
        ("keep_both", "cat.jpg", "small.jpg"),
    )  # fmt: skip
    assert found["crop.png"].group == found["small.jpg"].group
    assert found["small.jpg"].member.action is None
