"""Copies of one picture are found, and stay on one side of the split."""

import errno
import os

import numpy as np
import pytest

from genloss.datagen.duplicates import SPLITS, sort_out, split_of
from genloss.datagen.palettes import PALETTE_SIZES, assign_palettes
from genloss.datagen.sources import inspect, list_sources
from genloss.model.errors import DatagenError
from genloss.model.images.shared_palettes import rgb_to_lab
from tests.fixtures import saved


def _sources(folder, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return {source.path: source for source in sort_out([inspect(folder, path) for path in list_sources(folder)])}


def test_a_folder_that_cannot_be_listed_is_no_empty_folder(tmp_path, monkeypatch):
    (tmp_path / "a" / "b.jpg").mkdir(parents=True)
    (tmp_path / "a" / "c.JPG").touch()
    (tmp_path / "again").symlink_to(tmp_path / "a")
    assert list_sources(tmp_path) == ["a/c.JPG"]
    scandir = os.scandir

    def refuse(place):
        if str(place).endswith("b.jpg"):
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DatagenError, match=r"b\.jpg cannot be listed: Permission denied"):
        list_sources(tmp_path)


def test_versions_of_a_picture_share_a_group_and_others_do_not(tmp_path, cat, drawing):
    small = cat.resize((cat.width * 2 // 3, cat.height * 2 // 3))
    found = _sources(
        tmp_path,
        {
            "a/cat.png": saved(cat, "PNG"), "b/again.jpg": saved(cat, "JPEG", quality=30), "c/small.jpg": saved(small, "JPEG"),
            "d/drawing.png": saved(drawing, "PNG"), "e/part.png": saved(cat.crop((0, 0, 150, 150)), "PNG"),
        },
    )  # fmt: skip
    assert found["a/cat.png"].group == found["b/again.jpg"].group == found["c/small.jpg"].group == "a/cat.png"
    assert len({found[name].group for name in ("a/cat.png", "d/drawing.png", "e/part.png")}) == 3
    assert found["a/cat.png"].split == found["b/again.jpg"].split == found["c/small.jpg"].split


def test_the_same_pixels_in_another_file_are_a_duplicate(tmp_path, cat):
    found = _sources(tmp_path, {"a.png": saved(cat, "PNG"), "b.webp": saved(cat, "WEBP", lossless=True)})
    assert (found["a.png"].skipped, found["b.webp"].skipped) == ("", "duplicate of a.png")


def test_tiles_of_one_picture_stay_together(tmp_path, cat):
    tiles = [cat.crop((x, y, x + 140, y + 140)) for x in (0, 150, 300) for y in (0, 150)]
    found = _sources(tmp_path, {f"wall__{index}.png": saved(tile, "PNG") for index, tile in enumerate(tiles)})
    assert len({source.group for source in found.values()}) == 1


def test_shares_of_the_split_are_as_promised():
    names = [split_of(f"picture{index}.png") for index in range(20_000)]
    below = 0.0
    for name, end in SPLITS:
        assert names.count(name) / len(names) == pytest.approx(end - below, abs=0.01)
        below = end


def test_dataset_palettes_suit_their_pictures_better_than_chance(tmp_path, cat, drawing):
    found = list(_sources(tmp_path, {"cat.png": saved(cat, "PNG"), "drawing.png": saved(drawing, "PNG")}).values())
    sources, palettes = assign_palettes(found, seed=1)
    again = assign_palettes(found, seed=1)
    assert (sources, palettes) == again
    (shared,) = palettes.values()
    sizes = [len(palette) // 6 for palette in shared]
    assert all(size <= limit for size, limit in zip(sizes, PALETTE_SIZES))
    assert sizes == sorted(sizes)
    generator = np.random.default_rng(0)
    pixels = rgb_to_lab(np.concatenate([np.asarray(cat).reshape(-1, 3), np.asarray(drawing).reshape(-1, 3)])[::97])

    def error(colours):
        return np.linalg.norm(pixels[:, None] - rgb_to_lab(colours)[None], axis=-1).min(axis=1).mean()

    ours = np.frombuffer(bytes.fromhex(shared[1]), np.uint8).reshape(-1, 3)
    assert error(ours) < 0.5 * error(generator.integers(0, 256, ours.shape).astype(np.uint8))
