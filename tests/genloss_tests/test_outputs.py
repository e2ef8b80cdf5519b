"""Where results may go: never over anything that genloss did not write, and into devices as they are."""

import errno
import os
import shutil
import sys
from datetime import UTC, datetime

import pytest
import typer

from genloss.archive.plan import Plan
from genloss.archive.plan_file import write_plan
from genloss.cli import run
from genloss.model.errors import OutputError, OutputRefusedError
from genloss.model.files import open_atomically
from genloss.model.images.outputs import check_output, check_outputs
from genloss.parser import app
from genloss.resume import ScoreJournal
from tests.fixtures import ROOT
from tests.in_process import genloss_here

CAT = ROOT / "samples/cat"
CONTENTS = {
    "raw": b"FUJIFILMCCD-RAW 0201\0\0\0\0", "film.mp4": b"\0\0\0\x18ftypisom\0\0\2\0", "my.catalog": b"SQLite format 3\0\x10\0",
    "empty.cr3": b"", "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "sheet.ods": b"PK\3\4\n\0\0\0",
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENTS)
def test_what_genloss_does_not_write_is_not_replaced(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(CONTENTS[name])
    with pytest.raises(OutputRefusedError, match="results would replace it"):
        check_output(path)


def test_a_file_that_cannot_be_looked_at_is_not_replaced(monkeypatch, tmp_path):
    def refuse(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "results.csv").write_text("path,score\n")
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(OutputRefusedError, match="cannot be looked at"):
        check_output(tmp_path / "results.csv")


def test_earlier_results_may_be_replaced(tmp_path):
    for name, data in {"a.csv": b"path,score\n", "a.parquet": b"PAR1\0\0", "new": None, "empty.txt": b""}.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        check_output(tmp_path / name)
    check_output(None)


def test_a_missing_folder_is_said_before_anything_is_computed(tmp_path):
    with pytest.raises(OutputError, match="is not a folder"):
        check_output(tmp_path / "none/x.csv")


def test_two_outputs_and_inputs_that_do_not_exist_yet_are_told_apart(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    first, second = tmp_path / "a.jsonl", tmp_path / "link/a.jsonl"
    with pytest.raises(OutputRefusedError, match="named twice"):
        check_outputs([first, second])
    with pytest.raises(OutputRefusedError, match="also an input"):
        check_outputs([first, None], [None, second])
    check_outputs([first, tmp_path / "b.jsonl"], [tmp_path / "c"])


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_output(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with open_atomically(pipe) as stream:
        stream.write(b"results")
    assert os.read(reader, 100) == b"results"
    os.close(reader)
    assert pipe.is_fifo()
    assert sorted(tmp_path.iterdir()) == [pipe]


def test_a_journal_takes_the_place_of_a_journal_only(tmp_path):
    journal = tmp_path / "scores.csv.resume"
    journal.write_text("my own notes")
    with pytest.raises(OutputRefusedError, match="no journal"):
        ScoreJournal(tmp_path / "scores.csv", "model", False)
    shutil.copy(CAT / "original.jpg", journal)
    with pytest.raises(OutputRefusedError, match="is a picture"):
        ScoreJournal(tmp_path / "scores.csv", "model", False)
    journal.write_text('{"model": "older"}\n')
    with ScoreJournal(tmp_path / "scores.csv", "model", False):
        assert journal.read_text() == '{"model": "model"}\n'
    assert not journal.exists()


def test_files_that_failed_are_counted_where_only_the_output_names_them(tmp_path):
    result = genloss_here("score", "missing.jpg", CAT / "shrunk.png", "-o", tmp_path / "scores.csv")
    assert (result.returncode, result.stdout) == (3, b"")
    assert result.stderr.decode() == f"genloss: 1 file failed; {tmp_path / 'scores.csv'} says why\n"
    assert "missing.jpg" in (tmp_path / "scores.csv").read_text()


@pytest.mark.parametrize(
    "words",
    [
        ["train-pairs", "--groups", "pairs", "--bundle", "bundle", "--out", "bundle"],
        ["train-pairs", "--groups", "pairs", "--out", "pairs/new"],
        ["apply", "plan.jsonl", "--dry-run", "--quarantine", "photo.jpg"],
    ],
)
def test_folders_for_results_are_neither_inputs_nor_files(words, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["genloss", *words])
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "bundle").mkdir()
    assert run() == 2
    assert capsys.readouterr().err.startswith("genloss: output_refused: ")


def test_an_error_before_the_first_bar_is_one_line(capsys):
    from genloss.training_console import TrainingConsole

    with TrainingConsole():
        pass
    assert capsys.readouterr() == ("", "")


# What each command needs besides an option that names an output; OUTPUT_OPTIONS of every command are tried.
ARGUMENTS = {
    "score": ["in.jpg"],
    "rank": ["in.jpg", "in.jpg"],
    "explain": ["in.jpg", "in.jpg"],
    "audit": ["."],
    "scan": ["."],
    "find": ["in.jpg", "."],
    "leaks": ["."],
    "apply": ["plan.jsonl"],
    "undo": ["plan.jsonl.journal"],
    "train": ["--pairs", "pairs"],
    "train-damage": ["--pairs", "pairs"],
    "train-pairs": ["--groups", "pairs"],
    "sweep": ["pairs"],
    "palettes": ["pairs", "--bits", "2"],
}
OUTPUT_OPTIONS = {"--output", "--out", "--crops", "--plan", "--catalog", "--journal", "--quarantine"}
READ_ONLY = {("review", "--catalog")}
COMMANDS = typer.main.get_command(app)
OUTPUTS = [
    (name, option)
    for name in COMMANDS.list_commands(None)
    for option in sorted(
        OUTPUT_OPTIONS & {opt for parameter in COMMANDS.get_command(None, name).params for opt in parameter.opts}
    )
    if (name, option) not in READ_ONLY
]


@pytest.mark.parametrize(("command", "option"), OUTPUTS)
def test_no_option_of_any_command_replaces_a_photograph(command, option, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("in.jpg", "photo.jpg"):
        shutil.copy(CAT / "original.jpg", name)
    (tmp_path / "pairs").mkdir()
    write_plan(Plan("20261127T093000Z-1f2e3d4c", datetime(2026, 11, 27, tzinfo=UTC), (tmp_path,), ()), tmp_path / "plan.jsonl")
    before = {path: path.is_dir() or path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(sys, "argv", ["genloss", command, *ARGUMENTS[command], option, "photo.jpg"])
    assert run() == 2
    refused = ("output_refused", "catalog_invalid", "journal_invalid")  # a photograph is no catalog and no journal either
    assert capsys.readouterr().err.startswith(tuple(f"genloss: {code}: " for code in refused))
    assert {path: path.is_dir() or path.read_bytes() for path in tmp_path.iterdir()} == before
