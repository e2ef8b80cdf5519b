"""A new bundle never replaces anything but a bundle, and a wrong path is said in a plain sentence."""

import errno
import os
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from genloss.model.errors import BundleError, OutputRefusedError
from genloss.model.scoring.bundle import load_bundle, save_bundle
from genloss.parser import app


def test_a_new_bundle_never_replaces_a_folder_with_other_files(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "only.jpg").write_bytes(b"the only copy")
    with pytest.raises(OutputRefusedError, match=r"only\.jpg"):
        save_bundle(tmp_path / "photos", {"tower.onnx": b"tower", "judge.onnx": b"judge"}, {})
    assert (tmp_path / "photos" / "only.jpg").read_bytes() == b"the only copy"


def test_a_file_that_was_put_beside_a_bundle_is_not_lost(tmp_path):
    save_bundle(tmp_path / "mine", {"tower.onnx": b"tower"}, {})
    save_bundle(tmp_path / "mine", {"tower.onnx": b"newer"}, {})  # a bundle alone is replaced
    assert (tmp_path / "mine" / "tower.onnx").read_bytes() == b"newer"
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(OutputRefusedError, match=r"notes\.txt"):
        save_bundle(tmp_path / "mine", {"tower.onnx": b"newest"}, {})


def test_a_full_disk_leaves_the_bundle_as_it_was_and_nothing_beside_it(tmp_path, monkeypatch):
    save_bundle(tmp_path / "mine", {"tower.onnx": b"tower"}, {})
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            save_bundle(tmp_path / "mine", {"tower.onnx": b"newer"}, {})
    assert list(tmp_path.iterdir()) == [tmp_path / "mine"]
    assert (tmp_path / "mine" / "tower.onnx").read_bytes() == b"tower"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "no such folder"),
        (lambda path: path.write_text("text"), "it is a file"),
        (lambda path: path.mkdir(), "bundle.json: No such file or directory"),
    ],
)
def test_a_path_without_a_bundle_is_a_plain_sentence(tmp_path, make, said):
    make(tmp_path / "wrong")
    with pytest.raises(BundleError) as caught:
        load_bundle(tmp_path / "wrong")
    assert str(caught.value) == f"{tmp_path / 'wrong'} is not a genloss bundle: {said}"


@pytest.mark.parametrize("command", ["train-pairs --groups", "train-damage --pairs", "train --pairs"])
def test_training_checks_its_output_before_it_measures(tmp_path, command):
    out = tmp_path / "out"
    kept = (out / "bundle" if command.startswith("train ") else out) / "only.jpg"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"the only copy")
    (tmp_path / "data").mkdir()
    result = CliRunner().invoke(app, [*command.split(), str(tmp_path / "data"), "--out", str(out)])
    assert result.exit_code == 2
    assert result.stderr.startswith("genloss: output_refused: ")
    assert "only.jpg" in result.stderr
