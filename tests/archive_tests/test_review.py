"""Decisions of a review: what they make of a plan, that they can be taken back, and that no plan is lost."""

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from genloss.archive.catalog import Catalog
from genloss.archive.decisions import Decision, DecisionKind, decisions, record
from genloss.archive.plan import Relation
from genloss.archive.plan_check import check_plan
from genloss.archive.plan_file import read_plan, write_plan
from genloss.archive.review import Review, check_catalog, save_plan
from genloss.archive.rules import Rules
from genloss.model.errors import CatalogError, DecisionError, OutputError
from genloss.model.pairs.placement import whole_frame

THIS, BOTH, APART = DecisionKind.KEEP_THIS, DecisionKind.KEEP_BOTH, DecisionKind.NOT_SAME_PICTURE


@pytest.fixture
def review(empty):
    """One group: the kept file, a copy of it, two versions and an alternate; and a second group of two."""
    kept, copy = empty.file("kept.png", b"kept"), empty.file("copy.png", b"kept")
    better, worse, other = (empty.file(f"{name}.jpg", name.encode()) for name in ("better", "worse", "other"))
    lying = whole_frame((100, 200), (50, 100))
    empty.group(kept, copy, better, worse)
    (group,) = empty.groups
    members = list(group.members)
    members[2] = replace(members[2], action=None, odds=0.6, transform=lying)
    empty.group(other, empty.file("copy of other.jpg", b"copy of other"))
    second = empty.groups.pop()
    alternate = replace(second.members[0], keep=True, relation=Relation.ALTERNATE, place=5)
    empty.groups[:] = [replace(group, members=(*members, alternate))]
    empty.group(empty.file("a.png", b"a"), empty.file("b.png", b"b"))
    times = (datetime(2026, 11, 27, 12, 0, tzinfo=UTC) + timedelta(minutes=number) for number in range(99))
    with Catalog(empty.folder / "catalog") as catalog:
        yield Review(empty.plan, catalog, Rules(), lambda: next(times))


def _fates(review, number=1):
    return dict(zip([one.path.name for one in review.groups[number].members], review.standing(number).fates, strict=True))


def _updated(review):
    plan = review.updated_plan()
    check_plan(plan)
    return plan


def test_keep_this_puts_the_other_versions_away_whatever_the_odds(review):
    assert _fates(review)["better.jpg"] == "review"
    standing = review.decide(1, THIS, 0)
    assert standing.decided == ("you decided on 27 November 2026: keep this",)
    assert _fates(review) == {
        "kept.png": "kept", "copy.png": "goes", "better.jpg": "goes", "worse.jpg": "goes", "other.jpg": "stays"
    }  # fmt: skip
    better = _updated(review).groups[0].members[2]
    assert (better.odds, better.reasons) == (1.0, ("you decided on 27 November 2026: keep kept.png",))


def test_another_file_may_stay_instead(review):
    review.decide(1, THIS, 2)
    first, *others = _updated(review).groups[0].members
    assert (first.path.name, first.keep, first.action, first.relation) == ("better.jpg", True, None, None)
    found = {one.path.name: one for one in others}
    assert found["kept.png"].transform == whole_frame((50, 100), (100, 200))
    assert {name: one.relation for name, one in found.items()} == {
        "kept.png": "version", "copy.png": "version", "worse.jpg": "version", "other.jpg": "alternate"
    }  # fmt: skip
    assert {one.action.kept.name for one in others if one.action} == {"better.jpg"}
    assert [name for name, one in found.items() if one.action is None] == ["other.jpg"]


def test_decisions_on_the_plan_they_made_change_nothing_more(review):
    for kind, place in ((THIS, 2), (BOTH, 3), (APART, 4)):
        review.decide(1, kind, place)
    once = _updated(review)
    again = Review(once, review._catalog, Rules())
    assert again.updated_plan().groups == once.groups


def test_protected_files_stay_whatever_is_decided(review):
    review._rules = Rules(protected=(review.plan.roots[0],))
    review.decide(1, THIS, 2)
    assert "goes" not in _fates(review).values()


def test_keep_both_and_not_the_same_picture(review):
    review.decide(1, BOTH, 3)
    assert _fates(review)["worse.jpg"] == "stays"
    review.decide(1, APART, 2)
    review.decide(2, APART, 1)
    plan = _updated(review)
    assert [group.number for group in plan.groups] == [1]
    assert "better.jpg" not in [one.path.name for one in plan.groups[0].members]
    review.decide(1, THIS, 0)  # the later decision holds
    assert _fates(review)["worse.jpg"] == _fates(review)["better.jpg"] == "goes"


def test_what_was_taken_out_stays_out_where_another_file_leads(review):
    review.decide(1, APART, 3)
    contents = review.groups[1].members[2].sha256, review.groups[1].members[0].sha256
    record(review._catalog, Decision(THIS, contents, datetime(2026, 11, 28, tzinfo=UTC)))
    assert [one.path.name for one in _updated(review).groups[0].members][:3] == ["better.jpg", "kept.png", "copy.png"]
    assert _fates(review)["worse.jpg"] == "apart"


def test_undo_takes_back_the_last_decision_and_says_of_which_group(review):
    before = review.updated_plan().groups
    review.decide(2, THIS, 1)
    review.decide(1, BOTH, 2)
    assert [review.undo(), review.undo(), review.undo()] == [1, 2, None]
    assert review.updated_plan().groups == before
    assert decisions(review._catalog) == []


@pytest.mark.parametrize(("kind", "place"), [(THIS, 4), (THIS, 5), (APART, 1), (APART, 0), (BOTH, -1)])
def test_what_makes_no_sense_is_refused(review, kind, place):
    with pytest.raises(DecisionError):
        review.decide(1, kind, place)
    with pytest.raises(DecisionError):
        review.standing(3)


def test_groups_that_need_a_person_come_first(review):
    needs = {standing.group.number: uncertain for standing, uncertain in review.queue()}
    assert needs[1] < 1 < needs[2]


def test_the_plan_before_is_kept(review, tmp_path):
    path = tmp_path / "plan.jsonl"
    write_plan(review.plan, path)
    assert save_plan(review, path) == (path, None)
    original = path.read_bytes()
    for number, name in enumerate(("plan.jsonl.before", "plan.jsonl.before-2")):
        review.decide(1, BOTH, 2 + number)
        assert save_plan(review, path) == (path, tmp_path / name)
    assert (tmp_path / "plan.jsonl.before").read_bytes() == original
    assert read_plan(path).groups == review.updated_plan().groups


def test_a_full_disk_leaves_no_half_of_the_plan_before(review, tmp_path, monkeypatch):
    path = tmp_path / "plan.jsonl"
    write_plan(review.plan, path)
    original = path.read_bytes()
    review.decide(1, BOTH, 2)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(OutputError, match=r"plan\.jsonl: No space left"):
            save_plan(review, path)
    assert not list(tmp_path.glob("plan.jsonl.*"))
    assert path.read_bytes() == original


def test_a_plan_that_was_applied_is_left_to_its_journal(review, tmp_path):
    path = tmp_path / "plan.jsonl"
    write_plan(review.plan, path)
    original = path.read_bytes()
    (tmp_path / "plan.jsonl.journal").touch()
    review.decide(1, THIS, 2)
    assert save_plan(review, path) == (tmp_path / "plan-2.jsonl", None)
    assert path.read_bytes() == original


def test_a_missing_catalog_is_not_made(tmp_path):
    with pytest.raises(CatalogError, match="no catalog"):
        check_catalog(tmp_path / "other.catalog")
    assert list(tmp_path.iterdir()) == []
