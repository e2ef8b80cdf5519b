"""Where two versions differ is found, also after a shift and across sizes."""

import numpy as np
import pytest
from PIL import Image

from genloss.crops import save_crops
from genloss.model.explanations.difference import differing_windows
from genloss.model.images.decode import decode
from tests.conftest import saved


def _touched(cat):
    pixels = np.asarray(cat).copy()
    pixels[100:130, 200:240] = 255 - pixels[100:130, 200:240]
    return pixels


def test_the_touched_place_is_found_first(cat):
    first = differing_windows(np.asarray(cat), _touched(cat), 3, 64)[0]
    assert first.left_px <= 200
    assert first.left_px + 64 >= 240
    assert first.top_px <= 100
    assert first.top_px + 64 >= 130
    assert np.array_equal(first.left, np.asarray(cat)[first.top_px : first.top_px + 64, first.left_px : first.left_px + 64])


@pytest.mark.parametrize(("left", "top"), [(3, 5), (0, 12), (9, 0)])
def test_a_shift_is_taken_back(clean_cat, left, top):
    whole = np.asarray(clean_cat)
    moved = np.roll(whole, (-top, -left), axis=(0, 1))
    assert all(one.difference < 1e-3 for one in differing_windows(whole, moved, 2, 48))


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turn_is_taken_back(cat, turns, mirrored):
    touched = _touched(cat)[:, ::-1] if mirrored else _touched(cat)
    first, second = differing_windows(np.asarray(cat), np.rot90(touched, turns), 2, 64)
    assert np.array_equal(first.left, np.asarray(cat)[first.top_px : first.top_px + 64, first.left_px : first.left_px + 64])
    assert first.difference > 0 == second.difference


def test_versions_of_different_sizes_are_compared_at_the_larger(cat):
    small = np.asarray(cat.resize((cat.width // 2, cat.height // 2), Image.Resampling.BOX))
    (window,) = differing_windows(small, np.asarray(cat), 1, 64)
    assert window.left.shape == window.right.shape == (64, 64, 3)
    assert np.array_equal(window.left[0::2, 0::2], window.left[1::2, 1::2]) or window.left_px % 2 or window.top_px % 2


def test_windows_do_not_overlap(cat, noise):
    windows = differing_windows(np.asarray(cat), np.asarray(noise.resize(cat.size)), 4, 64)
    for index, one in enumerate(windows):
        for other in windows[:index]:
            assert abs(one.left_px - other.left_px) >= 64 or abs(one.top_px - other.top_px) >= 64


@pytest.mark.parametrize("size", [(8, 8), (9, 300), (40, 40)])
def test_small_pictures_have_windows_too(cat, size):
    small = np.asarray(cat.resize(size))
    assert differing_windows(small, 255 - small, 2)[0].difference > 0


def test_crops_are_saved_as_one_picture(cat, tmp_path):
    one, other = decode(saved(cat, "PNG")), decode(saved(cat, "JPEG", quality=20))
    windows = save_crops(one, other, tmp_path / "crops.png")
    with Image.open(tmp_path / "crops.png") as picture:
        assert picture.size == (3 * 296 + 8, len(windows) * 316 + 20)
    assert [window.difference for window in windows] == sorted((w.difference for w in windows), reverse=True)
    assert save_crops(one, one, tmp_path / "crops.png") == []
