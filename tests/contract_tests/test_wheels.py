"""What an index would hand out: README elsewhere, extras that exist, and an installation where there is no compiler."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.contract_tests.test_installation import wheel as wheel  # a fixture
from tests.fixtures import LIMIT_SECONDS, ROOT

FORGE = "https://forge.example/genloss"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FOLDERS = ("archive", "datagen", "dataset", "docs", "genloss", "model", "search", "serve")
NAMED = re.compile(r"genloss\[([a-z,]+)\]|\bextra `([a-z]+)`")


def _readme(repository: str) -> str:
    spec = importlib.util.spec_from_file_location("genloss_setup", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.readme((ROOT / "README.md").read_text(encoding="utf-8"), repository)


def test_readme_elsewhere_leads_into_the_repository():
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", _readme(FORGE))
    pictures = [target for is_picture, target in links if is_picture]
    assert pictures
    assert all(target.startswith(f"{FORGE}/raw/HEAD/docs/images/") for target in pictures)
    assert all(target.startswith(("https://", "#")) for _, target in links)
    for _, target in links:
        if target.startswith(FORGE):
            assert (ROOT / re.sub(r"^(raw|blob)/HEAD/|#.*$", "", target.removeprefix(f"{FORGE}/"))).exists(), target


def test_readme_without_a_repository_has_no_picture_that_nobody_could_see():
    found = _readme("")
    assert "![" not in found
    assert "](docs/" not in found
    assert "installation" in found


def test_extras_that_are_named_exist():
    extras = set(PROJECT["optional-dependencies"])
    files = [path for folder in FOLDERS for kind in ("*.py", "*.md") for path in (ROOT / folder).rglob(kind)]
    files = [path for path in files if "diary" not in path.parts] + [ROOT / "README.md"]
    named = {name for path in files for found in NAMED.findall(path.read_text("utf-8")) for name in ",".join(found).split(",")}
    assert {"serve", "train", "audit"} <= named
    assert named - {""} <= extras


def _without_compiler(environment: Path) -> dict[str, str]:
    """The variables of a machine that has Python, and no cc."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CC", "PYTHONPATH", "VIRTUAL_ENV")}
    return {**kept, "PATH": str(environment / "bin")}


def _run(*command: object, cwd: Path, variables: dict[str, str]) -> subprocess.CompletedProcess:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=variables, capture_output=True, text=True, timeout=20 * LIMIT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """An environment of genloss's locked dependencies alone, on a machine without a compiler."""
    folder = tmp_path_factory.mktemp("empty")
    _run(sys.executable, "-m", "venv", folder, cwd=folder, variables=dict(os.environ))
    locked = ("--quiet", "--disable-pip-version-check", "--require-hashes", "-r", ROOT / "requirements/base.txt")
    _run(folder / "bin/python", "-m", "pip", "install", *locked, cwd=folder, variables=_without_compiler(folder))
    assert shutil.which("cc", path=_without_compiler(folder)["PATH"]) is None
    return folder


@pytest.mark.slow
def test_a_wheel_ranks_the_samples_where_there_is_no_compiler(wheel, empty, tmp_path):
    alone = _without_compiler(empty)
    pip = (empty / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, "install", "--no-deps", "--no-index", "--force-reinstall", wheel, cwd=tmp_path, variables=alone)
    for name in ("cat", "drawing", "screenshot"):
        files = sorted((ROOT / "samples" / name).iterdir())
        done = _run(empty / "bin/genloss", "rank", "--format", "csv", "--output", "-", *files, cwd=tmp_path, variables=alone)
        assert f"samples/{name}/original." in done.stdout.splitlines()[1]
        assert "plain Python" not in done.stderr


@pytest.mark.slow
def test_a_source_archive_gives_the_same_scores_where_there_is_no_compiler(empty, tmp_path):
    alone = _without_compiler(empty)
    pip = (empty / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    source = tmp_path / "source"
    names = _run("git", "ls-files", "-z", cwd=ROOT, variables=dict(os.environ)).stdout.split("\0")
    for name in filter(None, names):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name, follow_symlinks=False)
    install = ("install", "--no-deps", "--no-index", "--no-build-isolation", "--force-reinstall", source)
    _run(*pip, *install, cwd=tmp_path, variables=alone)
    picture = ROOT / "samples/cat/shrunk.png"
    code = f"from genloss import score; print(score({str(picture)!r}).generation_loss)"
    done = _run(empty / "bin/python", "-c", code, cwd=tmp_path, variables=alone)
    compiled = _run(sys.executable, "-c", code, cwd=ROOT, variables=dict(os.environ))
    assert done.stdout == compiled.stdout
    assert done.stderr.count("run as plain Python, with the same results") == 1
