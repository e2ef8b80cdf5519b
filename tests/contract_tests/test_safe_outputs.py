"""No option that names an output ever replaces a picture or an input; nothing is read before that is refused."""

import shutil
import subprocess
import sys

import pytest
from PIL import Image

from tests.fixtures import LIMIT_SECONDS, ROOT
from tests.in_process import genloss_here

CAT = ROOT / "samples/cat"
# Every program of ours with every option that names an output; OUT and the inputs are filled in.
COMMANDS = {
    "score": ["genloss", "score", "IN", "-o", "OUT"],
    "rank": ["genloss", "rank", "IN", "IN", "-o", "OUT"],
    "explain": ["genloss", "explain", "IN", "IN", "--crops", "OUT"],
    "train": ["genloss", "train", "--pairs", "FOLDER", "--out", "OUT"],
    "make_pairs": [ROOT / "datagen/make_pairs.py", "--images", "FOLDER", "--out", "OUT"],
    "collection_profile": [ROOT / "datagen/collection_profile.py", "FOLDER", "--out", "OUT"],
    "tune": [ROOT / "search/tune.py", "--pairs", "FOLDER", "--out", "OUT"],
    "corpus": [ROOT / "datagen/corpus.py", "--out", "OUT"],
}


def _genloss(*words, cwd=ROOT):
    result = genloss_here(*words, cwd=cwd)
    return subprocess.CompletedProcess(words, result.returncode, result.stdout.decode(), result.stderr.decode())


def _run(name, folder, out):
    """Runs a command; its inputs must not even be opened, so they are missing where they may be."""
    filled = {"IN": folder / "in.jpg", "FOLDER": folder, "OUT": out}
    program, *words = [str(filled.get(word, word)) for word in COMMANDS[name]]
    if program == "genloss":
        return _genloss(*words)
    return subprocess.run(
        [sys.executable, program, *words], cwd=ROOT, capture_output=True, text=True, timeout=4 * LIMIT_SECONDS
    )


@pytest.fixture
def folder(tmp_path):
    shutil.copy(CAT / "original.jpg", tmp_path / "in.jpg")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "kind"),
    [*((name, "photograph") for name in COMMANDS), ("score", "empty picture"), ("score", "link to a photograph")],
)
def test_an_existing_picture_is_never_replaced(name, kind, folder):
    out = folder / "photo.jpg"
    if kind == "empty picture":
        out.touch()
    else:
        shutil.copy(CAT / "messenger.jpg", folder / "target.jpg" if "link" in kind else out)
    if "link" in kind:
        out.symlink_to("target.jpg")
    before = out.read_bytes()
    result = _run(name, folder, out)
    assert result.returncode == 2, result.stderr
    assert result.stderr.count("\n") == 1
    assert "photo.jpg" in result.stderr
    assert name in ("make_pairs", "collection_profile", "tune", "corpus") or "output_refused" in result.stderr
    assert out.read_bytes() == before
    assert out.is_symlink() == ("link" in kind)


@pytest.mark.parametrize("name", ["score", "rank", "explain"])
def test_an_input_is_never_replaced_even_where_it_is_no_picture(name, folder):
    for given in (folder / "in.jpg", folder / "list.txt"):
        (folder / "list.txt").write_text(f"{folder}/in.jpg\n")
        before = given.read_bytes()
        words = {
            "score": ["score", "--files-from", folder / "list.txt", folder / "in.jpg", "-o", given],
            "rank": ["rank", "--files-from", folder / "list.txt", folder / "in.jpg", "-o", given],
            "explain": ["explain", folder / "in.jpg", folder / "list.txt", "--crops", given],
        }[name]
        result = _genloss(*words)
        assert result.returncode == 2
        assert result.stderr.startswith("genloss: output_refused: ")
        assert given.read_bytes() == before


def test_a_shell_that_expands_the_output_harms_nothing(folder):
    """`genloss score -o *.jpg` names the first picture as output and the others as inputs."""
    shutil.copy(CAT / "messenger.jpg", folder / "a.jpg")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    result = subprocess.run(f"{sys.executable} -m genloss score -o {folder}/*.jpg", shell=True, cwd=ROOT, capture_output=True)
    assert result.returncode == 2
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_tables_and_pictures_of_an_earlier_run_may_be_replaced(folder):
    for words in (["score", "in.jpg", "-o", "out.csv"], ["explain", "in.jpg", CAT / "laundered.png", "--crops", "crops.png"]):
        for _ in range(2):
            result = _genloss(*words, cwd=folder)
            assert result.returncode == 0, result.stderr
    with Image.open(folder / "crops.png") as sheet:
        assert sheet.text["Software"] == "genloss"


def test_pairs_are_not_made_inside_the_folder_of_originals(folder):
    result = _run("make_pairs", folder, folder / "pairs")
    assert result.returncode == 2
    assert "would count as inputs the next time" in result.stderr
    assert not (folder / "pairs").exists()
