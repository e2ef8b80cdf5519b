"""A command loads what it needs and nothing else: that is most of what a person waits for."""

import os
import shlex
import subprocess
import sys

import pytest

import genloss
from genloss import api, cli
from genloss.early_start import FEW_FILES, start_early
from genloss.model.images import turbojpeg
from genloss.parser import COMMANDS
from tests.fixtures import ROOT

CODE = """
import sys
from genloss.cli import run
sys.argv = ["genloss", *sys.argv[1:]]
code = run()
print(code, *sys.modules)
"""


def _loaded(*words: str) -> tuple[int, set[str]]:
    """Exit code and modules of the program after a command."""
    result = subprocess.run([sys.executable, "-c", CODE, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    code, *modules = result.stdout.splitlines()[-1].split()
    return int(code), set(modules)


def test_scoring_one_file_loads_no_parser_no_workers_and_no_other_room():
    code, modules = _loaded("score", "samples/cat/original.jpg")
    assert code == 0
    unneeded = {"typer", "pydantic", "rich", "cv2", "pebble", "asyncio", "numpy.ma", "genloss.parser"}
    unneeded |= {"concurrent.futures", "logging", "csv"}
    unneeded |= {"PIL"} if turbojpeg.installed() else {"PIL.PngImagePlugin"}
    assert not unneeded & modules
    assert not [name for name in modules if name.startswith(("genloss.archive", "genloss.model.pairs.", "genloss.commands"))]


def test_the_help_loads_every_command_but_nothing_that_scores():
    code, modules = _loaded("--help")
    assert code == 0
    assert {f"genloss.commands.{name.replace('-', '_')}" for name in COMMANDS} <= modules
    assert not {"numpy", "onnxruntime", "PIL", "rich", "pydantic"} & modules


def test_the_scorer_of_the_library_loads_no_opencv_and_is_that_of_the_api():
    code = "import sys; from genloss import Scorer; print('cv2' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
    assert all(getattr(genloss, name) is getattr(api, name) for name in api.__all__)


def test_a_bundle_is_read_as_far_as_a_score_needs_it(tmp_path):
    from shutil import copytree

    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.scorer import Scorer

    copy = copytree(BUNDLED, tmp_path / "bundle")
    (copy / "judge.onnx").unlink()
    assert 0 <= Scorer(copy).score_file(ROOT / "samples/cat/original.jpg").generation_loss <= 1


def test_a_bundle_that_a_thread_opens_is_the_same_bundle_and_gives_the_same_errors(tmp_path):
    from genloss.model.errors import BundleError
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.bundle_opening import BundleOpening
    from genloss.model.scoring.scorer import Scorer

    cat = ROOT / "samples/cat/original.jpg"
    early = Scorer(opening=BundleOpening(BUNDLED))
    assert early.bundle.folder == BUNDLED
    assert early.score_file(cat) == Scorer().score_file(cat)
    with pytest.raises(BundleError, match=f"{tmp_path} is not a genloss bundle"):
        Scorer(tmp_path, opening=BundleOpening(tmp_path))


def test_a_few_files_have_their_bundle_opened_early_and_folders_and_many_files_have_not(tmp_path, monkeypatch):
    monkeypatch.setattr("gc.set_threshold", lambda count: None)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    cat = str(ROOT / "samples/cat/original.jpg")
    assert start_early([cat]) is not None
    assert start_early([cat] * (FEW_FILES + 1)) is None  # these go to worker processes
    assert start_early([cat, str(tmp_path)]) is None
    assert start_early([]) is None


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_streams_that_were_closed_before_the_start_are_no_error():
    command = shlex.join([sys.executable, "-m", "genloss.cli", "score", "samples/cat/original.jpg"])
    assert subprocess.run(f"{command} <&- >&- 2>&-", shell=True, cwd=ROOT, check=False).returncode == 0


def test_after_ctrl_c_nothing_is_said_about_tasks_that_were_half_sent():
    code = """
import sys
from genloss import cli, parser
class Sent:
    def __del__(self):
        raise BufferError("Existing exports of data: object cannot be re-sized")
cli.run = lambda: 130
half_sent = Sent()
cli.main()
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (130, b"")


def test_ctrl_c_while_modules_are_loaded_is_an_exit_code_and_no_traceback(monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
