"""The command: family trees that the files bear out, the same whatever the workers, replayed byte for byte, clear errors."""

import csv
import hashlib
import json
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from genloss.datagen import make_pairs
from genloss.datagen.make_families import main
from tests.fixtures import sample_crops

N_FAMILIES = 3


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    """Four small PNG, two of each of two samples."""
    folder = tmp_path_factory.mktemp("originals")
    for name, data in islice(sample_crops(), 0, 16, 4):
        (folder / name).write_bytes(data)
    return folder


def _run(originals: Path, out: Path, *words: str) -> int:
    return main(["--images", str(originals), "--out", str(out), "--seed", "5", *words])


def _families(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "families.jsonl").read_text().splitlines()]


def _contents(out: Path) -> dict[str, bytes]:
    """Every file of a run but for the ledger (its bytes hang on the order of writing) and the log of times."""
    files = (path for path in out.rglob("*") if path.is_file() and not path.name.startswith(("ledger.", "progress.jsonl")))
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def undisturbed(originals, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("families")
    assert _run(originals, out, "--families", str(N_FAMILIES), "--workers", "2") == 0
    return out


def test_a_shape_that_only_chains_have_cannot_be_left_out(originals, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        _run(originals, tmp_path / "out", "--without", "edits")
    assert caught.value.code == 2
    assert "argument --without: invalid choice: 'edits'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_files_bear_out_the_family_trees(undisturbed):
    families = _families(undisturbed)
    assert [family["family"] for family in families] == list(range(N_FAMILIES))
    splits = {row["path"]: row["split"] for row in csv.DictReader((undisturbed / "sources.csv").read_text().splitlines())}
    for family in families:
        versions = family["versions"]
        assert 5 <= len(versions) <= 8
        assert family["split"] == splits[family["source"]]
        assert versions[0]["kind"] == "original"
        pictures = set()
        for place, version in enumerate(versions):
            assert version["parent"] < place or place == 0
            data = (undisturbed / version["path"]).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (version["sha256"], version["n_bytes"])
            with Image.open(undisturbed / version["path"]) as picture:
                assert picture.size == (version["width_px"], version["height_px"])
                assert picture.format.lower() == version["image_format"]
                if picture.format == "PNG":  # other decoders of the lossy formats may differ from ImageMagick's in the last bit
                    pictures.add(hashlib.sha256(repr(picture.size).encode() + picture.convert("RGBA").tobytes()).digest())
        assert len(pictures) == sum(version["image_format"] == "png" for version in versions)


def test_neither_interruption_nor_workers_change_a_byte(undisturbed, originals, tmp_path, capsys):
    assert _run(originals, tmp_path, "--families", "1", "--workers", "1") == 0
    assert len(_families(tmp_path)) == 1
    assert _run(originals, tmp_path, "--families", str(N_FAMILIES), "--workers", "1") == 0
    assert f"{N_FAMILIES} families" in capsys.readouterr().err
    assert _contents(tmp_path) == _contents(undisturbed)


def test_replay_makes_every_version_from_its_parent_again(undisturbed, originals, capsys):
    family = _families(undisturbed)[2]
    lost = undisturbed / family["versions"][-1]["path"]
    before = lost.read_bytes()
    lost.unlink()
    assert _run(originals, undisturbed, "--replay", "2") == 0
    assert capsys.readouterr().out.splitlines() == [f"{version['path']}: the same bytes" for version in family["versions"]]
    assert lost.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--replay", "99"], "holds no family 99"),
        (["--versions", "3", "4"], "holds a run with versions = 5 to 8, not 3 to 4"),
        (["--images", "/nonexistent"], "--images /nonexistent is not a folder"),
    ],
)
def test_useless_arguments_are_one_clear_line(undisturbed, originals, words, message, capsys):
    assert _run(originals, undisturbed, *words) == 2
    said = capsys.readouterr().err
    assert said.startswith("make_families: ")
    assert message in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("versions", [("8", "5"), ("1", "5"), ("5", "51")])
def test_impossible_sizes_are_refused(originals, tmp_path, versions, capsys):
    with pytest.raises(SystemExit) as stopped:
        _run(originals, tmp_path, "--versions", *versions)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("make_families: argument --versions: ")
    assert len(said.splitlines()) == 1


def test_families_and_chains_do_not_share_a_folder(undisturbed, originals, capsys):
    assert make_pairs.main(["--images", str(originals), "--out", str(undisturbed), "--seed", "5"]) == 2
    assert "holds a run with generator = families" in capsys.readouterr().err
    assert not (undisturbed / "chains.jsonl").exists()
