"""Temporary folders: what a killed process left goes, and nothing else."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from genloss.model.temporary_folders import temporary_folder
from tests.fixtures import ROOT

CHILD = """
import sys
from genloss.model.temporary_folders import temporary_folder
with temporary_folder("review") as folder:
    (folder / "picture").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_goes_with_its_block(place):
    with temporary_folder("review") as folder:
        (folder / "picture").touch()
    assert list(place.iterdir()) == []


def test_the_folder_of_a_killed_process_goes_at_the_next_start_and_that_of_a_live_one_stays(place):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(place)}
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        abandoned = process.stdout.readline().strip()
        with temporary_folder("review"):
            assert os.listdir(abandoned) == ["picture"]
        process.send_signal(signal.SIGKILL)
    assert os.path.exists(abandoned)
    with temporary_folder("review") as folder:
        assert list(place.iterdir()) == [folder]


@pytest.mark.parametrize("name", ["genloss-review-x", "genloss-review-x-y", "genloss-catalog-999999999-y", "other"])
def test_what_is_no_abandoned_folder_of_that_purpose_stays(place, name):
    (place / name).mkdir()
    with temporary_folder("review"):
        pass
    assert (place / name).is_dir()


def test_a_link_is_not_followed(place):
    (place / "pictures").mkdir()
    (place / "genloss-review-999999999-y").symlink_to(place / "pictures")
    with temporary_folder("review"):
        pass
    assert (place / "pictures").is_dir()
    assert (place / "genloss-review-999999999-y").is_symlink()
