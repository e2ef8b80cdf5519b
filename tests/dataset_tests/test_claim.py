"""Folders of results: one run at a time, and what an earlier run stored is used only if it is whole."""

from pathlib import PurePath

import numpy as np
import pytest

from genloss.dataset.claim import Claim
from genloss.dataset.stored_arrays import read_stored
from genloss.model.errors import OutputRefusedError
from genloss.model.files import lock_folder


def test_a_folder_is_claimed_by_one_run_at_a_time(tmp_path):
    out = tmp_path / "out"
    claim = Claim(out, PurePath("run.json"), "mine", "a run")
    assert not out.exists()
    with claim.held(), pytest.raises(OutputRefusedError, match="another run works in"):
        Claim(out, PurePath("run.json"), "mine", "a run")
    late = Claim(out, PurePath("run.json"), "mine", "a run")
    with lock_folder(out), pytest.raises(OutputRefusedError, match="another run works in"), late.held():
        pass
    with late.held():
        assert (out / "run.json").read_text() == "mine"


def test_a_folder_taken_while_pictures_were_read_is_refused(tmp_path):
    late = Claim(tmp_path / "out", PurePath("run.json"), "mine", "a run")
    with Claim(tmp_path / "out", PurePath("run.json"), "another's", "a run").held():
        pass
    with pytest.raises(OutputRefusedError, match="with other options"), late.held():
        pass
    assert (tmp_path / "out" / "run.json").read_text() == "another's"


def test_a_damaged_identity_is_that_of_another_run(tmp_path):
    (tmp_path / "run.json").write_bytes(b"\xff\xfe\0")
    with pytest.raises(OutputRefusedError):
        Claim(tmp_path, PurePath("run.json"), "mine", "a run")


@pytest.mark.parametrize("damage", [lambda data: b"\xff" + data[1:], lambda data: data[:-40], lambda data: b""])
def test_damaged_arrays_count_as_missing(tmp_path, damage):
    path = tmp_path / "part.npz"
    assert read_stored(path) is None
    np.savez_compressed(path, colours=np.arange(6))
    assert read_stored(path, ["colours"])["colours"].tolist() == list(range(6))
    assert read_stored(path, ["colours", "features"]) is None
    path.write_bytes(damage(path.read_bytes()))
    assert read_stored(path) is None


def test_one_array_instead_of_several_counts_as_missing(tmp_path):
    with open(tmp_path / "part.npz", "wb") as stream:
        np.save(stream, np.arange(6))
    assert read_stored(tmp_path / "part.npz") is None
