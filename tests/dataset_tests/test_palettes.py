"""Shared palettes: bits, colours that are looked at, edges that are kept, and the set on disk; no training."""

import json
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from genloss.dataset.labelled import list_labelled, read_rgb
from genloss.dataset.palettes.bits import pack, packed_size, unpack
from genloss.dataset.palettes.find import PaletteConfig, cluster, own_colours, shared_palettes
from genloss.dataset.palettes.loader import PaletteSet
from genloss.dataset.palettes.texture import match_texture, texture_loss
from genloss.dataset.palettes.work import WorkFolder
from genloss.dataset.palettes.write import write_indices, write_png_files
from genloss.model.errors import DatasetError, DatasetUnreadableError, OutputRefusedError
from genloss.model.images.decode import decode
from genloss.model.images.reencoding import encode_png
from genloss.model.images.shared_palettes import nearest_entries, rgb_to_lab
from genloss.parser import app
from tests.dataset_tests.labelled_set import make_set
from tests.fixtures import ROOT


def _generator():
    return np.random.default_rng(0)


@pytest.mark.parametrize("bits", range(1, 9))
def test_packed_indices_take_n_bits_and_come_back(bits):
    indices = _generator().integers(0, 2**bits, (7, 5)).astype(np.uint8)
    data = pack(indices, bits)
    assert len(data) == packed_size(bits, (7, 5)) == -(-35 * bits // 8)
    assert np.array_equal(unpack(np.frombuffer(data, np.uint8), bits, (7, 5)), indices)


@pytest.mark.parametrize("wrong", [{"bits": 0}, {"bits": 9}, {"bits": 2, "kept": 0}, {"bits": 2, "n_clusters": 0}])
def test_numbers_out_of_bounds_are_refused(wrong):
    with pytest.raises(DatasetError):
        PaletteConfig(**wrong)


def test_colours_that_are_looked_at_count_and_others_do_not():
    rgb = np.full((20, 20, 3), (250, 250, 250), np.uint8)
    rgb[5:10, 5:10], rgb[5:8, 5:8] = (200, 30, 30), (20, 20, 160)
    rgb[:, 15:] = (30, 200, 60)
    looked = np.zeros((20, 20), np.float32)
    looked[5:10, 5:10] = 1
    own = own_colours(rgb, looked, PaletteConfig(1, kept=25 / 400), _generator())
    assert sorted(map(tuple, own.tolist())) == [(20, 20, 160), (200, 30, 30)]
    everything = own_colours(rgb, None, PaletteConfig(1), _generator())
    assert sorted(map(tuple, everything.tolist())) != sorted(map(tuple, own.tolist()))


def test_alike_pictures_share_a_cluster_and_its_palette():
    generator = _generator()
    red, blue = (
        generator.normal(mean, 12, (10, 16, 16, 3)).clip(0, 255).astype(np.uint8) for mean in ((190, 60, 60), (40, 70, 180))
    )
    pictures = np.concatenate([red, blue])
    clusters = cluster(pictures.reshape(20, -1).astype(float), 2, generator)
    assert len(set(clusters[:10])) == len(set(clusters[10:])) == 1
    config = PaletteConfig(2, 2)
    colours = [own_colours(rgb, None, config, generator) for rgb in pictures]
    palettes = shared_palettes(clusters, colours, lambda places: (pictures[place] for place in places), config)
    assert [len(palette) for palette in palettes] == [4, 4]
    assert (palettes[clusters[0]][:, 0] > palettes[clusters[0]][:, 2]).all()
    assert (palettes[clusters[10]][:, 2] > palettes[clusters[10]][:, 0]).all()


def test_the_texture_step_keeps_edges_better():
    pictures = [decode((ROOT / "samples" / "cat" / "original.jpg").read_bytes()).rgb]
    pictures = [rgb[100:164, 100:164] for rgb in pictures]
    labs = [rgb_to_lab(rgb).astype(np.float32) for rgb in pictures]
    begun = own_colours(pictures[0], None, PaletteConfig(2), _generator())

    def loss(palette):
        return texture_loss(pictures[0], palette[nearest_entries(labs[0], rgb_to_lab(palette))])

    assert np.array_equal(match_texture(pictures, labs, begun, 0), begun)
    moved = match_texture(pictures, labs, begun, 40)
    assert moved.shape == begun.shape
    assert loss(moved) < 0.97 * loss(begun)


@pytest.fixture
def quantised(tmp_path):
    """A labelled set, two palettes, and the indices of each picture."""
    root = make_set(tmp_path / "set", 4)
    (root / "down" / "000.bmp").write_bytes((root / "down" / "000.png").read_bytes())  # the same name but for its suffix
    files = list_labelled(root, 100, _generator())
    palettes = [np.array([(0, 0, 0), (90, 90, 90), (255, 255, 255)], np.uint8), np.array([(10, 0, 0), (0, 0, 200)], np.uint8)]
    found = []
    for number, rgb in enumerate(read_rgb(files.paths)):
        found.append((nearest_entries(rgb_to_lab(rgb), rgb_to_lab(palettes[number % 2])), number % 2))
    return files, palettes, found


def test_index_pictures_are_rebuilt_and_count_every_byte(tmp_path, quantised):
    files, palettes, found = quantised
    (tmp_path / "out").mkdir()
    sizes = write_indices(tmp_path / "out", files, 2, palettes, iter(found))
    pictures = PaletteSet(tmp_path / "out")
    assert len(pictures) == len(files.paths) == 13
    assert pictures.classes == files.classes
    assert np.array_equal(pictures.labels, files.labels)
    for place, (indices, palette) in enumerate(found):
        assert np.array_equal(pictures[place], palettes[palette][indices])
    assert pictures.batch([0, 5, 7]).shape == (3, 32, 32, 3)
    on_disk = sum(path.stat().st_size for path in (tmp_path / "out").iterdir() if path.name != "palettes.json")
    assert sizes.indices + sizes.rest == on_disk
    assert sizes.indices == 13 * 32 * 32 * 2 // 8
    assert sizes.saved < 1 - 2 / 24


def test_a_set_that_is_unfinished_or_damaged_is_refused(tmp_path, quantised):
    files, palettes, found = quantised
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(DatasetUnreadableError, match="no finished set"):
        PaletteSet(out)
    write_indices(out, files, 2, palettes, iter(found))
    (out / "indices.bin").write_bytes((out / "indices.bin").read_bytes()[:-9])
    with pytest.raises(DatasetUnreadableError, match=r"indices\.bin has"):
        PaletteSet(out)
    (out / "pictures.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetUnreadableError, match="no set with shared palettes"):
        PaletteSet(out)


def test_png_files_have_the_colours_of_their_palettes_and_names_of_their_own(tmp_path, quantised):
    files, palettes, found = quantised
    (tmp_path / "out").mkdir()
    write_png_files(tmp_path / "out", files, 2, palettes, iter(found))
    written = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png"))
    assert len(written) == 13
    assert {"down/000.png", "down/000.png.png"} & set(written) == {"down/000.png", "down/000.png.png"}
    first = decode((tmp_path / "out" / "across" / "000.png").read_bytes()).rgb
    assert np.array_equal(first, palettes[found[0][1]][found[0][0]])


def test_work_is_taken_up_again_and_never_in_a_folder_of_something_else(tmp_path):
    work = WorkFolder(tmp_path / "out", "mine")
    assert not (tmp_path / "out").exists()
    with work.held():
        work.save("part", {"colours": np.arange(6)})
    assert WorkFolder(tmp_path / "out", "mine").load("part")["colours"].tolist() == list(range(6))
    assert work.load("other") is None
    with pytest.raises(OutputRefusedError, match="with other options"):
        WorkFolder(tmp_path / "out", "another's")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(encode_png(np.zeros((8, 8, 3), np.uint8)))
    with pytest.raises(OutputRefusedError, match="holds files"):
        WorkFolder(tmp_path / "photos", "mine")
    work.remove()
    assert list((tmp_path / "out").iterdir()) == []


def test_auditing_and_loading_need_no_tensorflow():
    modules = "genloss.dataset.audit, genloss.dataset.palettes.loader, genloss.dataset.sweep.findings"
    code = f"import sys, {modules}; print(sorted({{'keras', 'tensorflow'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def _run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_bits_out_of_bounds_and_a_missing_tensorflow_are_one_line(tmp_path, monkeypatch):
    for bits in (0, 9):
        result = _run("palettes", tmp_path, "--bits", bits, "--out", tmp_path / "out")
        assert (result.exit_code, result.stderr) == (2, f"genloss: dataset_failed: --bits is 1 to 8, not {bits}\n")
    for name in [name for name in sys.modules if name.startswith(("keras", "genloss.dataset.networks"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keras", None)
    result = _run("palettes", tmp_path / "set", "--bits", 2, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.startswith("genloss: extra_missing: finding palettes needs packages")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_set_from_folder_to_batches_resumed_after_an_interruption(tmp_path, monkeypatch):
    from genloss.dataset.networks.palette_batches import PaletteBatches
    from genloss.dataset.palettes import build

    root, out, again = make_set(tmp_path / "set", 20), tmp_path / "out", tmp_path / "again"
    (root / "down" / "broken.png").write_bytes(b"")
    words = ("palettes", root, "--bits", 2, "--palettes", 4, "--epochs", 2, "--out")

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "shared_palettes", interrupt)
    assert _run(*words, out).exit_code == 130
    assert not (out / "palettes.json").exists()
    monkeypatch.undo()
    assert _run(*words, out).exit_code == 3  # the broken file
    assert _run(*words, again).exit_code == 3
    assert (out / "indices.bin").read_bytes() == (again / "indices.bin").read_bytes()
    assert sorted(path.name for path in out.iterdir()) == [
        "indices.bin",
        "palettes.json",
        "palettes.parquet",
        "pictures.parquet",
    ]
    assert json.loads((out / "palettes.json").read_text())["bytes"]["indices"] == 60 * 32 * 32 * 2 // 8
    assert "holds a finished set" in _run(*words, out).stderr

    pictures = PaletteSet(out)
    batches = PaletteBatches(pictures, 16, np.random.default_rng(0), side_px=32)
    assert len(batches) == 4
    first = np.concatenate([batches[number][1] for number in range(4)])
    batches.on_epoch_end()
    second = np.concatenate([batches[number][1] for number in range(4)])
    assert sorted(first) == sorted(second) == sorted(pictures.labels)
    assert not np.array_equal(first, second)
    assert batches[0][0].shape == (16, 32, 32, 3)
