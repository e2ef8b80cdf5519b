"""Plan files: what is written is read again, and what a hand or an enemy changed is refused with a code."""

import base64
import json
import os
from dataclasses import replace

import pytest

from genloss.archive.plan import Group
from genloss.archive.plan_file import read_plan, write_plan
from genloss.model.errors import OutputRefusedError, PlanActionError, PlanError
from genloss.model.pairs.placement import whole_frame
from tests.archive_tests.conftest import member


@pytest.fixture
def plan_file(collection):
    odd = collection.file(os.fsdecode(b"caf\xe9"), b"odd")
    collection.group(
        odd, collection.file("Ωmega\n.jpg", b"other"), reasons=("saved twice",), transform=whole_frame((8, 9), (16, 18))
    )
    path = collection.folder / "plan.jsonl"
    write_plan(collection.plan, path)
    return path


def test_a_plan_reads_as_it_was_written(collection, plan_file):
    assert read_plan(plan_file) == collection.plan
    lines = plan_file.read_text().splitlines()
    assert len(lines) == 1 + 3 + 3 + 2
    assert "Ωmega" in lines[-1]
    assert base64.b64decode(json.loads(lines[-2])["path_base64"]).endswith(b"caf\xe9")


def _edited(plan_file, line, **changes):
    """The plan file with some fields of a line changed, or taken away where the new value is ..."""
    lines = plan_file.read_text().splitlines()
    fields = json.loads(lines[line]) | changes
    lines[line] = json.dumps({name: value for name, value in fields.items() if value is not ...})
    plan_file.write_text("\n".join(lines) + "\n\n")
    return plan_file


# Lines 1 to 3 are the first group: kept, its copy, a worse version.
@pytest.mark.parametrize(
    ("line", "changes", "code", "words"),
    [
        (0, {"genloss_plan": 2}, "plan_version", "layout 2"),
        (0, {"genloss_plan": ...}, "plan_invalid", "lacks genloss_plan"),
        (0, {"id": "../../x"}, "plan_invalid", "id is '../../x'"),
        (0, {"created": "yesterday"}, "plan_invalid", "yesterday"),
        (0, {"roots": ["relative"]}, "plan_path_refused", "absolute"),
        (0, {"roots": ["/nowhere"]}, "plan_path_refused", "outside"),
        (0, {"roots": [7]}, "plan_invalid", "int"),
        (2, {"path": "cat/worse0"}, "plan_path_refused", "absolute"),
        (2, {"path": "ROOT/../pictures/cat/deep/copy0"}, "plan_path_refused", ".."),
        (2, {"path": "/etc/passwd"}, "plan_path_refused", "outside"),
        (2, {"path": "ROOT"}, "plan_path_refused", "outside"),
        (2, {"path": "ROOT/.genloss-quarantine/x"}, "plan_path_refused", "quarantine"),
        (2, {"path": "a\0b"}, "plan_invalid", "NUL"),
        (2, {"path": "/\ud800"}, "plan_invalid", "UTF-8"),
        (2, {"path_base64": "YQ=="}, "plan_invalid", "either"),
        (2, {"path": ..., "path_base64": "*"}, "plan_invalid", "not base64"),
        (2, {"kept": "ROOT/drawing/original1"}, "plan_action_refused", "would not keep"),
        (2, {"kept_sha256": "0" * 64}, "plan_action_refused", "kept_sha256"),
        (2, {"kept_sha256": ...}, "plan_invalid", "kept_sha256 is missing"),
        (2, {"sha256": "A" * 64}, "plan_invalid", "sha256"),
        (2, {"sha256": "0" * 64}, "plan_action_refused", "bytes"),
        (2, {"odds": 1.5}, "plan_invalid", "between 0 and 1"),
        (2, {"odds": True}, "plan_invalid", "odds"),
        (2, {"odds": None}, "plan_action_refused", "no odds"),
        (2, {"size_bytes": -1}, "plan_invalid", "size_bytes"),
        (2, {"size_bytes": 1.0}, "plan_invalid", "size_bytes"),
        (2, {"keep": 1}, "plan_invalid", "keep"),
        (2, {"keep": True}, "plan_action_refused", "to be kept"),
        (2, {"action": "erase"}, "plan_invalid", "it may be quarantine"),
        (2, {"action": "quarantin"}, "plan_invalid", "did you mean 'quarantine'"),
        (3, {"action": "hardlink"}, "plan_action_refused", "lose them"),
        (3, {"relation": "alternate"}, "plan_action_refused", "no version"),
        (3, {"relation": "same_bytes"}, "plan_action_refused", "bytes"),
        (3, {"relation": None}, "plan_action_refused", "no version"),
        (3, {"reson": "x"}, "plan_invalid", "did you mean 'reasons'"),
        (3, {"path": "ROOT/cat/deep/copy0"}, "plan_action_refused", "listed twice"),
        (3, {"group": 7}, "plan_action_refused", "would not keep"),
        (3, {"transform": {"turn": 9}}, "plan_invalid", "turn"),
        (1, {"keep": False}, "plan_action_refused", "would not keep"),
        (1, {"action": None, "kept": "/x"}, "plan_invalid", "unknown field 'kept' of a file without an action; remove it"),
        (2, {"action": None, "kept": ...}, "plan_invalid", "unknown field 'kept_sha256' of a file without an action"),
        (4, {"group": 1}, "plan_action_refused", "would not keep"),
    ],
)  # fmt: skip
def test_an_edited_plan_is_refused(collection, plan_file, line, changes, code, words):
    text = json.dumps({name: value for name, value in changes.items() if value is not ...})
    filled = json.loads(text.replace("ROOT", str(collection.root)))
    with pytest.raises(PlanError) as error:
        read_plan(_edited(plan_file, line, **{**changes, **filled}))
    assert error.value.code == code
    assert words in str(error.value)


def test_edits_a_person_may_make_are_taken(plan_file):
    _edited(plan_file, 2, action=None, kept=..., kept_sha256=...)
    _edited(plan_file, 3, action="trash")
    first = next(read_plan(plan_file).actions())
    assert (first.member.path.name, first.action.kind) == ("worse0", "trash")


def test_a_byte_order_mark_of_an_editor_is_no_error(plan_file):
    plan = read_plan(plan_file)
    plan_file.write_bytes(b"\xef\xbb\xbf" + plan_file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_plan(plan_file) == plan


def test_lines_of_other_things_are_refused_with_their_number(plan_file, tmp_path):
    good = plan_file.read_text()
    bad = {"[]": "no JSON object", "{": "Expecting", '{"a": NaN}': "NaN", '{"a": 1, "a": 2}': "twice", "[" * 99999: ""}
    for line, words in bad.items():
        plan_file.write_text(good + line + "\n")
        with pytest.raises(PlanError, match=f":10: .*{words}"):
            read_plan(plan_file)
    for content in (b"", b"\n\n", b"\xff\xfe", b"{}", b"\x89PNG\r\n\x1a\n"):
        plan_file.write_bytes(content)
        with pytest.raises(PlanError):
            read_plan(plan_file)
    with pytest.raises(PlanError, match="No such file"):
        read_plan(tmp_path / "nothing")


def test_a_plan_that_goes_through_a_link_is_refused(collection, plan_file):
    (collection.root / "cat").rename(collection.folder / "cat")
    (collection.root / "cat").symlink_to(collection.folder / "cat")
    with pytest.raises(PlanError, match="symbolic link") as error:
        read_plan(plan_file)
    assert error.value.code == "plan_path_refused"


def test_a_bad_plan_is_never_written_and_no_picture_is_replaced(collection):
    kept = collection.root / "cat/original0"
    alone = replace(collection.groups[0].members[2], keep=False)
    collection.groups = [Group(1, (alone,))]
    path = collection.folder / "plan.jsonl"
    with pytest.raises(PlanActionError):
        write_plan(collection.plan, path)
    assert not path.exists()
    collection.groups = [Group(1, (member(kept, 1, keep=True),))]
    with pytest.raises(OutputRefusedError):
        write_plan(collection.plan, kept)
