"""`genloss apply` and `genloss undo` as typed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from genloss.archive import acting
from genloss.archive.plan_file import write_plan
from tests.archive_tests.conftest import genloss_command
from tests.fixtures import ROOT


@pytest.fixture
def plan_file(collection):
    path = collection.folder / "plan.jsonl"
    write_plan(collection.plan, path)
    return path


def test_a_stranger_applies_and_takes_it_back(collection, plan_file):
    before = collection.look()
    dry = genloss_command("apply", plan_file, "--dry-run")
    assert (dry.exit_code, collection.look() == before) == (0, True)
    assert "4 would do" in dry.stderr
    done = genloss_command("apply", plan_file)
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 5
    assert f"undo with: genloss undo {plan_file}.journal" in done.stderr
    assert collection.look() != before
    undone = genloss_command("undo", f"{plan_file}.journal", "--format", "json")
    assert [record["result"] for record in json.loads(undone.stdout)] == ["restored"] * 4
    assert collection.look() == before


def test_records_say_what_was_refused_and_the_exit_code_too(collection, plan_file, tmp_path):
    (collection.root / "cat/worse0").unlink()
    rules = tmp_path / "rules.toml"
    rules.write_text(f"protected = ['{collection.root}/drawing']")
    result = genloss_command("apply", plan_file, "--rules", rules, "--format", "jsonl")
    assert result.exit_code == 3
    records = {record["path"].rsplit("/", 1)[1]: record for record in map(json.loads, result.stdout.splitlines())}
    assert records["worse0"]["error"] == "file_missing"
    assert records["copy0"]["target"].endswith("/cat/deep/copy0")
    assert (records["copy1"]["why"], records["copy1"]["result"]) == ("protected", "left")
    csv = genloss_command("apply", plan_file, "--format", "csv", "--dry-run", "-o", tmp_path / "out.csv")
    assert csv.exit_code == 3
    assert (tmp_path / "out.csv").read_text().startswith("path,result,action,kept,target")


def test_deleting_needs_the_words(collection, plan_file):
    before = collection.look()
    result = genloss_command("apply", plan_file, "--delete")
    assert result.exit_code == 2
    assert "not_confirmed" in result.stderr
    assert collection.look() == before
    deleted = genloss_command("apply", plan_file, "--delete", "--confirm", "delete 4 files")
    assert deleted.exit_code == 0
    assert "undo brings back only those whose bytes the kept file has" in deleted.stderr
    assert genloss_command("undo", f"{plan_file}.journal").exit_code == 3


def test_a_protected_folder_that_is_not_there_is_said(collection, plan_file, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(f"protected = ['{collection.root}/darwing', '{collection.root}/drawing']")
    result = genloss_command("apply", plan_file, "--rules", rules, "--dry-run")
    assert f"protects {collection.root}/darwing, which does not exist" in result.stderr
    assert f"protects {collection.root}/drawing," not in result.stderr


def test_a_user_without_a_home_folder_can_apply(collection, plan_file, monkeypatch):
    monkeypatch.setattr("pathlib.Path.home", _no_home)
    assert genloss_command("apply", plan_file).exit_code == 0


def _no_home():
    raise RuntimeError("Could not determine home directory.")


def test_ctrl_c_waits_for_the_end_of_an_action_and_the_count_is_right(collection, plan_file, monkeypatch):
    def act_and_interrupt(*arguments):
        act(*arguments)
        signal.raise_signal(signal.SIGINT)

    act = acting.act
    monkeypatch.setattr("genloss.archive.apply.act", act_and_interrupt)
    result = genloss_command("apply", plan_file)
    assert result.exit_code == 130
    assert "genloss: 1 done" in result.stderr
    monkeypatch.undo()
    assert genloss_command("undo", f"{plan_file}.journal").stderr.startswith("genloss: 1 restored")


def test_output_that_nobody_reads_is_an_error_when_files_are_left(plan_file):
    command = [sys.executable, "-m", "genloss.cli", "apply", str(plan_file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 2
    assert "standard output was closed before everything was done" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--trash", "--delete"], "choose one of"),
        (["--sure", "0.2"], "--sure"),
        (["--rules", "nothing.toml"], "rules_invalid"),
        (["-o", "PLAN"], "output_refused"),
    ],
)
def test_wrong_arguments_change_nothing(collection, plan_file, words, message):
    before = collection.look()
    result = genloss_command("apply", plan_file, *(str(plan_file) if word == "PLAN" else word for word in words))
    assert result.exit_code == 2
    assert message in result.stderr
    assert collection.look() == before


def test_no_plan_and_no_journal_are_one_line_each(tmp_path):
    for words, code in ((["apply", tmp_path / "no.jsonl"], "plan_invalid"), (["undo", tmp_path / "no.db"], "journal_invalid")):
        result = genloss_command(*words)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"genloss: {code}: ")
        assert result.stderr.count("\n") == 1


def test_another_file_in_place_of_a_plan_or_a_journal_is_said(collection, plan_file):
    assert genloss_command("apply", plan_file).exit_code == 0
    said = genloss_command("undo", plan_file).stderr
    assert said == f"genloss: journal_invalid: {plan_file}: no journal, but {plan_file}.journal may be the one\n"
    table = collection.folder / "scores.csv"
    table.write_text("path,generation_loss\n")
    assert "another kind of file" in genloss_command("undo", table).stderr
    assert "no plan: its first line is not JSON" in genloss_command("apply", table).stderr


def test_words_of_a_person_without_anything_to_delete_are_refused(collection, plan_file):
    before = collection.look()
    result = genloss_command("apply", plan_file, "--confirm", "delete 4 files")
    assert result.exit_code == 2
    assert "--confirm" in result.stderr
    assert collection.look() == before


@pytest.mark.parametrize("command", ["apply", "undo"])
def test_help_has_examples(command):
    text = genloss_command(command, "--help").stdout
    assert f"genloss {command}" in text.partition("Examples:")[2]
    assert "Exit codes:" in text


def test_acting_loads_neither_tensorflow_nor_opencv():
    code = "import sys, genloss.archive.apply, genloss.archive.undo; print({'cv2', 'keras', 'PIL'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


def test_totals_of_one_file_are_in_the_singular(tmp_path):
    (tmp_path / "set").mkdir()
    shutil.copy(ROOT / "samples/cat/original.jpg", tmp_path / "set" / "1.jpg")
    os.symlink("1.jpg", tmp_path / "set" / "link.jpg")
    result = genloss_command("scan", tmp_path / "set", "--catalog", tmp_path / "catalog")
    assert result.exit_code == 0, result.output
    assert "1 file: 1 picture, 0 broken, 0 no pictures; 1 left out, such as links" in result.output
    assert not re.search(r"\b1 [a-z]+s\b", result.output.replace(str(tmp_path), ""))
