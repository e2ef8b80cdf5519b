"""Where two versions differ is found, also after a shift and across sizes."""

import numpy as np
import pytest
from PIL import Image

from genloss.crops import save_crops
from genloss.model.images.decode import decode
from genloss.model.pairs.difference import differing_windows
from tests.fixtures import saved


def _touched(pixels, left=200, top=100):
    """A copy with 40x30 pixels turned into their negative."""
    pixels = np.array(pixels)
    pixels[top : top + 30, left : left + 40] = 255 - pixels[top : top + 30, left : left + 40]
    return pixels


def _crop(pixels, window):
    side = len(window.left)
    return np.asarray(pixels)[window.top_px : window.top_px + side, window.left_px : window.left_px + side]


def _holds(window, left=200, top=100):
    """Whether all of the touched pixels are in the window."""
    side = len(window.left)
    return left - side + 40 <= window.left_px <= left and top - side + 30 <= window.top_px <= top


def test_the_touched_place_is_found_first_and_nothing_else_differs(cat):
    touched = _touched(cat)
    windows = differing_windows(np.asarray(cat), touched, 3, 64)
    assert _holds(windows[0])
    assert np.array_equal(windows[0].left, _crop(cat, windows[0]))
    assert np.array_equal(windows[0].right, _crop(touched, windows[0]))
    assert windows[0].difference > 10
    assert [window.difference for window in windows[1:]] == [0, 0]


@pytest.mark.parametrize(("left", "top"), [(3, 5), (0, 12), (9, 0)])
def test_a_shift_is_taken_back(clean_cat, left, top):
    whole = np.asarray(clean_cat)
    moved = np.roll(_touched(whole, 90, 60), (-top, -left), axis=(0, 1))
    first, second = differing_windows(whole, moved, 2, 48)
    assert _holds(first, 90, 60)
    assert np.array_equal(first.left, _crop(whole, first))
    assert first.difference > 10
    assert second.difference == 0


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turn_is_taken_back(cat, turns, mirrored):
    touched = _touched(cat)[:, ::-1] if mirrored else _touched(cat)
    first, second = differing_windows(np.asarray(cat), np.rot90(touched, turns), 2, 64)
    assert _holds(first)
    assert np.array_equal(first.left, _crop(cat, first))
    assert first.difference > 10
    assert second.difference == 0


def test_versions_of_different_sizes_are_compared_at_the_larger(cat):
    large = np.asarray(cat)[:300, :450]
    small = np.asarray(Image.fromarray(large).resize((225, 150), Image.Resampling.BOX))
    enlarged = small.repeat(2, axis=0).repeat(2, axis=1)
    (window,) = differing_windows(small, large, 1, 64)
    assert window.left.shape == window.right.shape == (64, 64, 3)
    assert np.array_equal(window.left, _crop(enlarged, window))
    assert np.array_equal(window.right, _crop(large, window))
    (turned,) = differing_windows(large, small, 1, 64)
    assert np.array_equal(turned.right, _crop(enlarged, turned))
    assert (turned.left_px, turned.top_px, turned.difference) == (window.left_px, window.top_px, window.difference)


def test_windows_do_not_overlap(cat, noise):
    windows = differing_windows(np.asarray(cat), np.asarray(noise.resize(cat.size)), 4, 64)
    assert len(windows) == 4
    assert all(window.difference > 10 for window in windows)
    for index, one in enumerate(windows):
        for other in windows[:index]:
            assert abs(one.left_px - other.left_px) >= 64 or abs(one.top_px - other.top_px) >= 64


@pytest.mark.parametrize("size", [(8, 8), (9, 300), (40, 40)])
def test_small_pictures_have_windows_too(cat, size):
    small = np.asarray(cat.resize(size))
    first = differing_windows(small, 255 - small, 2)[0]
    assert first.difference > 10
    assert first.left.shape == first.right.shape == (min(size), min(size), 3)


def test_crops_are_saved_as_one_picture(cat, tmp_path):
    one, other = decode(saved(cat, "PNG")), decode(saved(cat, "JPEG", quality=20))
    windows = save_crops(one, other, tmp_path / "crops.png")
    assert len(windows) == 3
    with Image.open(tmp_path / "crops.png") as picture:
        assert picture.size == (3 * 296 + 8, len(windows) * 316 + 20)
    assert [window.difference for window in windows] == sorted((w.difference for w in windows), reverse=True)
    assert save_crops(one, one, tmp_path / "crops.png") == []


@pytest.mark.parametrize("box", [(37, 21, 411, 290), (100, 60, 400, 260), (0, 0, 300, 300), (23, 15, 428, 284)])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_version_that_was_cut_out_is_laid_where_it_came_from(cat, box, swapped):
    """Not stretched over the whole: only what was touched differs, at its place in the larger version."""
    left, top, *_ = box
    cut = decode(saved(Image.fromarray(_touched(cat)).crop(box), "JPEG", quality=95)).rgb
    versions = [np.asarray(cat), cut]
    first, second = differing_windows(*(reversed(versions) if swapped else versions), 2, 64)
    assert _holds(first)
    assert second.difference < 3 < first.difference
    whole, part = (first.right, first.left) if swapped else (first.left, first.right)
    assert np.array_equal(whole, _crop(cat, first))
    assert np.array_equal(part, cut[first.top_px - top :, first.left_px - left :][:64, :64])
