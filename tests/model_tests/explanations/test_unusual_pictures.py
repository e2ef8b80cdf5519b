"""Intact pictures that look as if something was done to them: meshes, scales of heat, noise, gradients, tiles."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from genloss.model.explanations.detail import find_cut
from genloss.model.explanations.dither import find_dither
from genloss.model.explanations.earlier_jpeg import find_earlier_jpeg, find_earlier_quality
from genloss.model.explanations.enlargement import find_enlargement
from genloss.model.explanations.palette import has_palette
from genloss.model.explanations.reasons import find_reasons
from genloss.model.images.decode import decode
from genloss.model.measurements.blocks import sample_blocks
from genloss.model.measurements.colours import count_colours
from tests.fixtures import saved


@pytest.mark.parametrize("period_px", [3.1, 4.4, 5.7])
def test_a_mesh_over_a_photograph_is_no_enlargement(clean_cat, period_px):
    photo = np.asarray(clean_cat).astype(float)
    down, across = (np.sin(2 * np.pi * places / period_px) for places in np.mgrid[: photo.shape[0], : photo.shape[1]])
    woven = np.clip(photo * (1 + 0.25 * down * across)[..., None], 0, 255).astype(np.uint8)
    for data in (saved(Image.fromarray(woven), "PNG"), saved(Image.fromarray(woven), "JPEG", quality=90)):
        assert find_enlargement(decode(data).luma, has_own_blocks=False) == ()


@pytest.mark.parametrize("scale", [cv2.COLORMAP_JET, cv2.COLORMAP_VIRIDIS, cv2.COLORMAP_HOT])
def test_a_scale_of_heat_is_no_reduction_to_a_palette(clean_cat, scale):
    heat = np.ascontiguousarray(cv2.applyColorMap(np.asarray(clean_cat.convert("L")), scale)[..., ::-1])
    n_colours = count_colours(heat)
    assert 64 < n_colours <= 256
    assert not has_palette(heat, n_colours)
    reduced = np.asarray(clean_cat.quantize(n_colours, dither=Image.Dither.NONE).convert("RGB"))
    assert has_palette(reduced, count_colours(reduced))


@pytest.mark.parametrize(("share", "n_colours"), [(0.05, 2), (0.2, 3), (0.4, 5)])
def test_single_pixels_of_noise_are_no_dither(share, n_colours):
    generator = np.random.default_rng(n_colours)
    plane = np.full((200, 240, 3), 127, np.uint8)
    places = generator.random(plane.shape[:2]) < share
    plane[places] = generator.integers(0, 256, (n_colours, 3))[generator.integers(0, n_colours, places.sum())]
    assert find_dither(plane) is None


@pytest.mark.parametrize("side_px", [3, 5, 8, 12])
def test_checks_have_no_detail_to_lose(side_px):
    rows, columns = np.mgrid[:256, :320] // side_px
    assert find_cut(((rows + columns) % 2 * 200 + 30).astype(np.uint8)) is None


def test_a_gradient_has_no_detail_to_lose():
    rows, columns = np.mgrid[:300, :400]
    for slope in (0.1, 0.24, 0.37):
        gradient = Image.fromarray((20 + slope * (rows + columns)).round().astype(np.uint8))
        for quality in (65, 80, 97):
            assert find_cut(decode(saved(gradient, "JPEG", quality=quality)).luma) is None


@pytest.mark.parametrize("quality", range(42, 98, 5))
def test_a_few_tiles_saved_once_have_no_earlier_jpeg(quality):
    generator = np.random.default_rng(quality)
    tiles = generator.integers(0, 256, (3, 16, 16, 3), dtype=np.uint8) // 64 * 64
    rows = [np.hstack(tiles[generator.integers(0, 3, 18)]) for _ in range(16)]
    data = saved(Image.fromarray(np.vstack(rows)), "JPEG", quality=quality)
    image = decode(data)
    assert find_earlier_jpeg(image) is None
    assert find_earlier_quality(sample_blocks(image.luma).blocks, image.luma_table) is None
    said = {reason.code: reason.text for reason in find_reasons(decode(saved(Image.open(io.BytesIO(data)), "PNG")))}
    assert quality > 90 or "earlier_jpeg" in said or "earlier JPEG" not in said.get("no_trace", "")
