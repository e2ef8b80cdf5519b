"""Every script says in one line which package is missing and how to install it, and its --help needs none."""

import subprocess
import sys

import pytest

from tests.fixtures import ROOT

SCRIPTS = {
    "datagen/make_pairs.py": ["--images", "samples", "--out", "{out}", "--chains", "1"],
    "datagen/make_families.py": ["--images", "samples", "--out", "{out}", "--families", "1"],
    "datagen/collection_profile.py": ["samples", "--out", "{out}"],
    "datagen/corpus.py": ["--out", "{out}"],
    "search/tune.py": ["--pairs", "samples", "--out", "{out}"],
}
EXTRAS = {script: "train,search" if script.startswith("search/") else "datagen" for script in SCRIPTS}
BASE = ("numpy", "onnxruntime", "cv2", "deflate", "pebble", "PIL", "rich", "simplejpeg", "typer")
DATAGEN = ("wand", "scipy", "pyarrow", "imagehash", "jinja2")
SEARCH = ("keras", "tensorflow", "onnx", "optuna", "matplotlib", "sqlalchemy", "jinja2")
# Python runs a file of this name on its path at its start.
BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        if name == "wand.api" and {without_library}:
            raise ImportError("MagickWand shared library not found.\\nTry to install:\\n  something")

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def run_without(tmp_path):
    """Runs a script as if these packages, or ImageMagick's library, were not installed."""

    def run(script, *names, without_library=False, words=None):
        (tmp_path / "sitecustomize.py").write_text(BLOCKER.format(names=set(names) or "()", without_library=without_library))
        words = [word.format(out=tmp_path / "out") for word in (SCRIPTS[script] if words is None else words)]
        return subprocess.run(
            [sys.executable, script, *words], cwd=ROOT, env={"PYTHONPATH": str(tmp_path), "PATH": ""}, capture_output=True,
            text=True, timeout=300,
        )  # fmt: skip

    return run


def _check(result, script, missing):
    assert result.returncode == 2, result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert f"No module named '{missing}" in result.stderr
    assert f"pip install 'genloss[{EXTRAS[script]}]'" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("installed", [(), BASE])
def test_a_bare_python_is_one_clear_line(run_without, tmp_path, script, installed):
    result = run_without(script, *{*BASE, *DATAGEN, *SEARCH} - {*installed})
    if script == "datagen/collection_profile.py" and installed == BASE:  # needs no more than these
        assert result.returncode == 0, result.stderr
        return
    _check(result, script, "")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("script", "name"),
    [("datagen/make_pairs.py", name) for name in ("numpy", "pebble", *DATAGEN)]
    + [("datagen/collection_profile.py", name) for name in ("deflate", "numpy", "PIL")]
    + [("datagen/corpus.py", name) for name in ("rich", "wand")]
    + [("search/tune.py", name) for name in ("numpy", "pebble", "onnxruntime", "rich", *SEARCH)],
)
def test_each_package_is_named_when_it_is_missing(run_without, script, name):
    _check(run_without(script, name), script, name)


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_site_packages_scripts_explain_themselves(script, tmp_path):
    bare = [sys.executable, "-S", script]
    shown = subprocess.run([*bare, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "usage:" in shown.stdout
    words = [word.format(out=tmp_path / "out") for word in SCRIPTS[script]]
    _check(subprocess.run([*bare, *words], cwd=ROOT, capture_output=True, text=True, timeout=120), script, "")


@pytest.mark.parametrize("script", ["datagen/make_pairs.py", "datagen/corpus.py"])
def test_a_missing_imagemagick_is_told_from_a_missing_wand(run_without, script):
    result = run_without(script, without_library=True)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "ImageMagick cannot be used (MagickWand shared library not found.)" in result.stderr
    assert "apt-get install libmagickwand" in result.stderr
    assert "pip install" not in result.stderr


def test_a_replay_without_wand_is_one_clear_line(run_without, tmp_path):
    words = ["--images", "samples", "--out", str(tmp_path), "--replay", "0"]
    _check(run_without("datagen/make_pairs.py", "wand", words=words), "datagen/make_pairs.py", "wand")
