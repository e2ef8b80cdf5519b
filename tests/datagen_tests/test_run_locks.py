"""Scripts: one run at a time in a folder, a killed run gives its lock back at once, and wrong arguments are one line."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genloss.datagen.collection_profile import main as profile
from genloss.datagen.corpus import main as corpus
from genloss.datagen.make_families import main as make_families
from genloss.datagen.make_pairs import main as make_pairs
from genloss.model.files import lock_folder
from genloss.search.tune import main as tune
from tests.fixtures import ROOT

HOLDER = """
import subprocess, sys
from pathlib import Path
from genloss.model.files import lock_folder
with lock_folder(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    child.wait()
"""


def test_a_second_run_of_families_is_one_clear_line(tmp_path, capsys):
    words = ["--images", str(ROOT / "samples"), "--out", str(tmp_path), "--families", "1", "--workers", "1"]
    with lock_folder(tmp_path) as is_alone:
        assert is_alone
        assert make_families(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("make_families: another run works in")
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_killed_run_gives_the_lock_back_though_its_children_live_on(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(holder.stdout.readline())
    try:
        with lock_folder(tmp_path) as is_alone:
            assert not is_alone
        holder.kill()
        holder.wait()
        assert Path(f"/proc/{child}").exists() or sys.platform != "linux"
        with lock_folder(tmp_path) as is_alone:
            assert is_alone
    finally:
        holder.stdout.close()
        os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize(
    ("main", "words", "option"),
    [
        (make_families, ["--images", "in", "--out", ""], "--out"),
        (make_families, ["--out", "out", "--images="], "--images"),
        (make_pairs, ["--images", "in", "--out", "out", "--profile", ""], "--profile"),
        (corpus, ["--out", ""], "--out"),
        (profile, ["in", "--out", ""], "--out"),
        (tune, ["--pairs", "", "--out", "out"], "--pairs"),
        (make_pairs, ["--images", "in", "--out", "out", "--chains", "1000000000"], "--chains"),
        (make_pairs, ["--images", "in", "--out", "out", "--timeout", "inf"], "--timeout"),
        (make_pairs, ["--images", "in", "--out", "out", "--workers", "many\n"], "--workers"),
        (tune, ["--pairs", "in", "--out", "out", "--budget-minutes", "nan"], "--budget-minutes"),
    ],
)
def test_a_wrong_argument_of_a_script_is_one_line(main, words, option, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert f": argument {option}: " in said
    assert said.count("\n") == 1
