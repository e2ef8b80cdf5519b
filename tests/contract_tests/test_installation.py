"""What somebody installs: a wheel that holds genloss and nothing else, and works from any folder."""

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.fixtures import LIMIT_SECONDS, ROOT

ROOMS = ("archive", "dataset", "datagen", "model", "search", "serve")
CAT = sorted((ROOT / "samples/cat").iterdir())
RANK = "import json, sys; from genloss import rank; print(json.dumps([str(one.path) for one in rank(sys.argv[1:])]))"


def _run(*command: object, cwd: Path = ROOT, **environment: str) -> str:
    """What the command prints; it must succeed."""
    result = subprocess.run(
        [str(word) for word in command], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True,
        timeout=4 * LIMIT_SECONDS,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def _checkout(folder: Path) -> Path:
    """A copy of the files git knows of or would add, links as links: building leaves no trace in the real one."""
    names = _run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    for name in filter(None, names):
        if os.path.lexists(ROOT / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """Built from this checkout; optimised little, which is soon done and gives the same scores."""
    folder = tmp_path_factory.mktemp("wheel")
    source = _checkout(folder / "source")
    compiler = folder / "gcc"
    compiler.write_text('#!/bin/sh\nexec cc "$@" -O1\n')
    compiler.chmod(0o755)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source, cwd=folder, CC=str(compiler))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The programs of an environment that has the wheel, sees the dependencies of this one, and knows no checkout."""
    folder = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin/python"
    site = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # A path in a .pth file is only put on the path: the .pth of an editable install that lies there is not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", python)
    _run(*pip, "install", "--no-deps", "--no-index", "--ignore-installed", wheel, cwd=folder)
    return folder / "bin"


@pytest.fixture
def hostile_folder(tmp_path) -> Path:
    """A folder of somebody whose own files have the names of genloss's rooms, with the samples of the cat."""
    for name in (*ROOMS, "tests"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('this is not genloss')\n")
    for path in CAT:
        shutil.copy(path, tmp_path)
    return tmp_path


def test_a_wheel_holds_genloss_whole_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert len(names) == len(set(names))
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    names_of_modules = ["_kernels", "_kernels_avx2"] if platform.machine() in ("x86_64", "AMD64") else ["_kernels"]
    wanted = {f"genloss/model/kernels/{name}{suffix}" for name in names_of_modules}
    for name in _run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "genloss", *ROOMS).split("\0"):
        path = ROOT / name
        if name and path.is_file():
            wanted.add(name if name.startswith("genloss/") else f"genloss/{name}")
    found = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
    assert found - wanted == set()
    assert wanted - found == set()
    assert {name.split("/")[0] for name in names} - {"genloss"} == {f"{wheel.stem.rsplit('-', 3)[0]}.dist-info"}
    for part in (
        "model/weights/tower.onnx",
        "serve/web/index.html",
        "serve/models/golden/",
        "datagen/fonts/",
        "archive/web/review.js",
        "py.typed",
    ):
        assert any(name.startswith(f"genloss/{part}") for name in names), part


def test_an_installed_genloss_ranks_as_the_checkout_does_beside_files_of_any_name(installed, hostile_folder):
    names = [path.name for path in CAT]
    expected = json.loads(_run(sys.executable, "-c", RANK, *names, cwd=ROOT / "samples/cat"))
    assert expected[0] == "original.jpg"
    assert json.loads(_run(installed / "python", "-c", RANK, *names, cwd=hostile_folder)) == expected
    printed = json.loads(_run(installed / "genloss", "rank", "--format", "json", *names, cwd=hostile_folder))
    assert [record["path"] for record in printed] == expected
    where = _run(installed / "python", "-c", "import genloss.model; print(genloss.model.__file__)", cwd=hostile_folder)
    assert Path(where.strip()).is_relative_to(installed.parent)


@pytest.mark.parametrize("name", ROOMS)
def test_an_installed_genloss_takes_no_other_name(installed, tmp_path, name):
    code = f"import importlib.util; print(importlib.util.find_spec({name!r}))"
    assert _run(installed / "python", "-c", code, cwd=tmp_path).strip() == "None"


@pytest.mark.parametrize("flags", [(), ("-O",)], ids=["plain", "without assertions"])
def test_an_installed_genloss_scores_in_worker_processes(installed, hostile_folder, flags):
    code = """
from genloss.model.scoring.workers import ScoringWorkers
if __name__ == "__main__":
    with ScoringWorkers(n_workers=1) as workers:
        print(workers.submit_file("original.jpg").result().generation_loss)
"""
    assert 0 <= float(_run(installed / "python", *flags, "-c", code, cwd=hostile_folder)) <= 1


def test_a_clone_can_be_used_from_the_folder_it_lies_in(tmp_path):
    """There the folder genloss/ has no __init__.py, and must not pass for the package."""
    (tmp_path / "genloss").symlink_to(ROOT)
    names = [str(path) for path in CAT]
    ranked = json.loads(_run(sys.executable, "-c", RANK, *names, cwd=tmp_path))
    assert Path(ranked[0]).name == "original.jpg"
    assert set(ranked) == set(names)
