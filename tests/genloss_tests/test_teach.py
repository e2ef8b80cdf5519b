"""`genloss teach` and `genloss explain --memory` on the command line."""

import pytest
import typer

from genloss.commands.explain import explain
from genloss.commands.teach import teach
from genloss.model.errors import ImageError, NamesError
from genloss.model.files import lock_folder
from genloss.options import ExplainFormat
from tests.fixtures import ROOT

PICTURES = sorted(str(path) for path in (ROOT / "samples/cat").iterdir())


def test_a_kind_is_taught_listed_asked_about_and_forgotten(tmp_path, capsys):
    memory = tmp_path / "mine.json"
    assert teach("strange", PICTURES, memory=memory) == 0
    assert "learned from 8 pictures" in capsys.readouterr().out
    teach(list_kinds=True, memory=memory)
    assert "strange: taught from 8 pictures" in capsys.readouterr().out
    with pytest.raises(NamesError, match="already"):
        teach("strange", PICTURES, memory=memory)
    assert teach(PICTURES[0], PICTURES[1:2], ask=True, memory=memory) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert explain(PICTURES[:1], memory=memory, format=ExplainFormat.json) == 0
    teach(forget="strange", memory=memory)
    capsys.readouterr()
    teach(list_kinds=True, memory=memory)
    assert "strange" not in capsys.readouterr().out


def test_bad_input_is_one_error_and_leaves_nothing(tmp_path):
    memory = tmp_path / "mine.json"
    with pytest.raises(NamesError, match="at least 5 pictures"):
        teach("strange", PICTURES[:2], memory=memory)
    with pytest.raises(ImageError, match="absent"):
        teach("strange", [*PICTURES, str(tmp_path / "absent.png")], memory=memory)
    with pytest.raises(NamesError, match="not in the memory"):
        teach(forget="strange", memory=memory)
    with pytest.raises(typer.BadParameter):
        teach(forget="strange", list_kinds=True, memory=memory)
    with pytest.raises(typer.BadParameter):
        teach(memory=memory)
    with pytest.raises(NamesError, match="does not exist"):
        explain(PICTURES[:1], memory=memory)
    assert not memory.exists()


def test_of_two_that_change_a_file_at_once_the_second_waits(tmp_path):
    memory = tmp_path / "mine.json"
    with lock_folder(tmp_path):
        for change in ({"name": "strange", "files": PICTURES}, {"forget": "strange"}):
            with pytest.raises(NamesError, match="another command works in"):
                teach(**change, memory=memory)
        teach(list_kinds=True, memory=memory)
    assert not memory.exists()


def test_a_default_file_of_another_bundle_is_left_out_with_a_remark(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "genloss").mkdir()
    (tmp_path / "genloss/damage.json").write_text(
        '{"layout": 1, "damage_version": "0", "sure_from": {}, "recall": {}, "memory": {}}'
    )
    assert explain(PICTURES[:1], format=ExplainFormat.json) == 0
    assert "taught kinds of damage are left out" in capfd.readouterr().err
