"""Ordered dither is proved from the pixels that were dithered, and from nothing that only looks like them."""

import numpy as np
import pytest
from PIL import Image

from genloss.model.pairs.findings import find
from genloss.model.pairs.ordered_dither import find_matrix
from genloss.model.pairs.planes import VersionPlanes
from tests.fixtures import saved


def _planes(picture, image_format="PNG", **options):
    return VersionPlanes.read(saved(picture, image_format, **options))


def _dithered(picture, side, n_levels):
    """Thresholds in any order, which no rule knows beforehand."""
    pixels = np.asarray(picture, float)
    matrix = (np.random.default_rng(side).permutation(side * side).reshape(side, side) + 0.5) / side**2
    rows, columns = np.indices(pixels.shape[:2]) % side
    found = np.floor(pixels / 255 * (n_levels - 1) + matrix[rows, columns][..., None]).clip(0, n_levels - 1)
    return Image.fromarray(np.rint(found * 255 / (n_levels - 1)).astype(np.uint8))


@pytest.mark.parametrize(("side", "n_levels"), [(8, 2), (4, 4), (3, 6)])
def test_ordered_dither_is_proved_whatever_its_matrix(clean_cat, side, n_levels):
    child = _planes(_dithered(clean_cat, side, n_levels))
    finding = find(_planes(clean_cat), child)
    assert finding.made is not None
    assert "by an ordered dither" in finding.made.sentence
    assert finding.made_backwards is None
    assert find(_planes(clean_cat, "JPEG", quality=99, subsampling=0), child).made is None


def test_imagemagicks_ordered_dither_is_proved(clean_cat):
    wand = pytest.importorskip("wand.image")
    with wand.Image.from_array(np.asarray(clean_cat)) as image:
        image.ordered_dither("o8x8")
        child = VersionPlanes.read(image.make_blob("png"))
    assert "by an ordered dither" in find(_planes(clean_cat), child).made.sentence


@pytest.mark.parametrize("quality", [60, 80, 95])
def test_what_a_jpeg_made_of_few_levels_was_not_dithered_to_them(clean_cat, quality):
    few = _dithered(clean_cat, 4, 3)
    finding = find(_planes(few, "JPEG", quality=quality), _planes(few))
    assert finding.made is None


@pytest.mark.parametrize("side", [1, 8])
def test_noise_between_two_levels_is_no_dither(side):
    generator = np.random.default_rng(4)
    after = np.where(generator.random((200, 200, 3)) < 0.5, 40, 200).astype(np.uint8)
    before = np.clip(after + generator.normal(0, 30, after.shape), 0, 255).astype(np.uint8)
    assert find_matrix(before, after) is None
