"""What was scaled in linear light is proved with that, and what was not is not taken for it."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from genloss.model.pairs.findings import find
from genloss.model.pairs.planes import VersionPlanes
from tests.fixtures import saved


def _halved_as_light(picture):
    """Means of 2x2 pixels of light, rounded to 16 bits where ImageMagick does it."""
    srgb = np.asarray(picture, float) / 255
    light = _rounded(65535 * np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4))
    light = _rounded((light[::2] + light[1::2]) / 2)
    light = _rounded((light[:, ::2] + light[:, 1::2]) / 2) / 65535
    found = _rounded(65535 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055))
    return Image.fromarray(np.rint(found / 257).astype(np.uint8))


def _rounded(levels):
    return np.floor(levels + 0.5)


def _even(picture):
    return picture.crop((0, 0, picture.width // 2 * 2, picture.height // 2 * 2))


def _planes(picture, image_format="PNG", **options):
    return VersionPlanes.read(saved(picture, image_format, **options))


@pytest.mark.parametrize("options", [{}, {"image_format": "JPEG", "quality": 85}])
def test_scaling_in_linear_light_is_proved_with_it(cat, options):
    even = _even(cat)
    finding = find(_planes(even), _planes(_halved_as_light(even), **options))
    assert finding.made is not None
    assert f"scaled to {even.width // 2} x {even.height // 2} pixels by box in linear light, " in finding.made.sentence
    assert finding.made_backwards is None


def test_scaling_of_stored_values_is_not_called_linear(cat):
    even = _even(cat)
    halved = even.resize((even.width // 2, even.height // 2), Image.Resampling.BOX)
    assert "linear" not in find(_planes(even), _planes(halved)).made.sentence


def test_an_enlargement_in_linear_light_gives_its_source_back_but_is_no_parent(cat):
    """Every third pixel of it is one of the source's."""
    small = ImageEnhance.Contrast(cat.resize((150, 100))).enhance(2)
    srgb = np.asarray(small, float) / 255
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)
    light = np.clip(cv2.resize(light, (450, 300), interpolation=cv2.INTER_LINEAR), 0, 1)
    enlarged = np.rint(255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)).astype(np.uint8)
    assert np.array_equal(enlarged[1::3, 1::3], np.asarray(small))
    for options in ({}, {"image_format": "JPEG", "quality": 60}):
        finding = find(_planes(Image.fromarray(enlarged)), _planes(small, **options))
        assert finding.made is None
