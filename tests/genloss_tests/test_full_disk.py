"""What the system refuses is one line and exit code 2, whichever command it happens to."""

import errno
import os
import sys
from concurrent.futures.process import BrokenProcessPool
from unittest.mock import Mock

import cv2
import pytest
from typer.testing import CliRunner

from genloss.dataset.lists import FileLists
from genloss.exit_codes import exit_code_of
from genloss.model.errors import BundleError
from genloss.model.files import open_atomically, write_atomically
from genloss.model.progress_log import ProgressLog
from genloss.parser import app
from genloss.resume import ScoreJournal


def _fill(path):
    with open_atomically(path) as stream:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as a write to a full disk, without a name


def test_a_full_disk_is_one_line_with_the_file(tmp_path, capsys):
    path = tmp_path / "a\nb.json"
    assert exit_code_of(lambda: _fill(path)) == 2
    said = capsys.readouterr().err
    assert said.startswith("genloss: output_failed: ")
    assert "a\\nb.json: No space left on device" in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def _fill_lists(folder, full):
    lists = FileLists(folder)
    lists.want("format", "png", "PNG")
    full(folder / "lists" / "format-png.csv")
    lists.close()


def _fill_progress(folder, full):
    full(folder / "progress.jsonl")
    ProgressLog(folder / "progress.jsonl").write("end")


def _fill_journal(folder, full):
    full(folder / "scores.csv.resume")
    with ScoreJournal(folder / "scores.csv", "model", resume=False):
        pass


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
@pytest.mark.parametrize("fill", [_fill_lists, _fill_progress, _fill_journal])
def test_a_full_disk_is_named_by_files_that_grow(fill, tmp_path, capsys):
    def full(path):
        path.symlink_to("/dev/full")

    assert exit_code_of(lambda: fill(tmp_path, full)) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"genloss: output_failed: {tmp_path}/")
    assert said.endswith(": No space left on device\n")
    assert said.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys):
    assert exit_code_of(lambda: write_atomically(tmp_path / "none" / "a.json", b"")) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), BrokenProcessPool()])
def test_a_limit_of_processes_is_one_line(error, capsys):
    assert exit_code_of(Mock(side_effect=error)) == 2
    said = capsys.readouterr().err
    assert "no further thread or process" in said
    assert said.count("\n") == 1


def _caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("std::bad_alloc"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libavcodec.so: failed to map segment from shared object"),
        cv2.error("OpenCV(4.12) Failed to allocate 1000000 bytes in function 'OutOfMemoryError'"),
        _caused(BundleError("judge.onnx cannot be run"), MemoryError("std::bad_alloc")),
    ],
)
def test_too_little_memory_is_one_line(error, capsys):
    assert exit_code_of(Mock(side_effect=error)) == 2
    said = capsys.readouterr().err
    assert said.startswith("genloss: out_of_memory: ")
    assert said.count("\n") == 1


def test_a_fault_of_genloss_is_no_limit_of_the_system():
    with pytest.raises(RuntimeError, match="a fault"):
        exit_code_of(Mock(side_effect=RuntimeError("a fault")))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
def test_standard_output_on_a_full_disk_is_one_line(capsys, monkeypatch):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert exit_code_of(lambda: print("result") or 0) == 2
    assert capsys.readouterr().err == "genloss: output_failed: standard output: No space left on device\n"


@pytest.mark.parametrize(
    "command",
    [
        ["sweep"], ["palettes", "--bits", "2"], ["audit"], ["train", "--pairs"], ["train-pairs", "--groups"],
        ["train-damage", "--pairs"],
    ],
)  # fmt: skip
def test_a_seed_that_no_network_takes_is_refused(tmp_path, command):
    words = [*command, str(tmp_path), "--out", str(tmp_path / "out"), "--seed", str(2**32)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "--seed" in result.stderr
