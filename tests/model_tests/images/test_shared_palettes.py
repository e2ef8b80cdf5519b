"""Colours in CIELAB, palettes found in it, and the nearest entry."""

import numpy as np
import pytest

from genloss.model.images.shared_palettes import find_palette, lab_to_rgb, nearest_entries, quantise, rgb_to_lab


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # CIE L*a*b* of sRGB's corners, as published by Lindbloom's calculator (D65)
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0.0, 0.0)),
    ],
)
def test_cielab_of_known_colours(rgb, lab):
    assert rgb_to_lab(np.array(rgb, np.uint8)) == pytest.approx(lab, abs=0.06)


def test_cielab_and_back_is_every_colour_again():
    rgb = np.random.default_rng(0).integers(0, 256, (5000, 3)).astype(np.uint8)
    assert (lab_to_rgb(rgb_to_lab(rgb)) == rgb).all()


def test_a_palette_of_few_colours_is_those_colours():
    colours = np.array([[10, 20, 30], [200, 30, 40], [90, 200, 90]], np.uint8)
    pixels = np.random.default_rng(1).choice(colours, 500)
    assert np.array_equal(find_palette(rgb_to_lab(pixels), 8, np.random.default_rng(0)), np.unique(colours, axis=0))


def test_every_pixel_gets_the_entry_nearest_in_cielab():
    generator = np.random.default_rng(2)
    lab, palette = rgb_to_lab(generator.integers(0, 256, (9, 7, 3)).astype(np.uint8)), generator.normal(50, 20, (16, 3))
    distances = np.linalg.norm(lab[..., None, :] - palette, axis=-1)
    assert np.array_equal(nearest_entries(lab, palette), distances.argmin(axis=-1))


def test_a_large_picture_is_quantised_strip_by_strip_as_it_is_at_once():
    generator = np.random.default_rng(4)
    rgb, palette = (
        generator.integers(0, 256, (300, 1000, 3)).astype(np.uint8),
        generator.integers(0, 256, (5, 3)).astype(np.uint8),
    )
    assert np.array_equal(quantise(rgb, palette), nearest_entries(rgb_to_lab(rgb), rgb_to_lab(palette)))
