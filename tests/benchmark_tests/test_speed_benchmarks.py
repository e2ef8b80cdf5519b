"""What `make bench` runs prints its figures, on little to do."""

import shutil
import subprocess
import sys

import pytest

from tests.fixtures import ROOT


def _printed(script, *words):
    command = [sys.executable, f"benchmarks/speed/{script}.py", *words]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=600).stdout


def test_the_profile_has_a_row_for_every_stage():
    rows = [line.split("|") for line in _printed("scoring_profile", "--megapixels", "0.1", "--repeats", "1").splitlines()[2:]]
    assert len(rows) >= 15
    assert all(float(row[2]) > 0 for row in rows)  # a stage that is not called any more would take no time


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "words", "expected"),
    [
        ("scoring_speed", ["--repeats", "1"], "genloss score FILE"),
        ("batch_speed", ["--files", "24", "--distinct", "8"], "processor time of all its processes"),
        ("datagen_speed", ["--chains", "3", "--recipes", "4"], "versions/s"),
    ],
)
def test_figures_are_printed(script, words, expected):
    assert expected in _printed(script, *words)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("convert") is None, reason="ImageMagick's programs are not installed")
def test_the_generator_is_compared_with_convert():
    assert "times as long" in _printed("datagen_speed", "--chains", "2", "--recipes", "12")
