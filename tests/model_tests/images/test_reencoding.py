"""Files that are made to see what a picture becomes."""

import numpy as np
import pytest

from genloss.model.images.decode import decode
from genloss.model.images.jpeg_tables import estimate_quality
from genloss.model.images.reencoding import encode, encode_palette_png, encode_png, has_encoder


@pytest.mark.parametrize(("subsampling", "sampling"), [("4:4:4", (1, 1)), ("4:2:2", (2, 1)), ("4:2:0", (2, 2))])
def test_a_jpeg_has_the_quality_and_subsampling_asked_for(cat, subsampling, sampling):
    decoded = decode(encode(np.asarray(cat), "jpeg", 35, subsampling))
    assert decoded.sampling == sampling
    assert estimate_quality(decoded.luma_table)[0] == 35


@pytest.mark.parametrize("image_format", ["webp", "avif"])
def test_fewer_bytes_at_a_lower_quality(cat, image_format):
    if not has_encoder(image_format):
        pytest.skip(f"this Pillow writes no {image_format}")
    small, large = (encode(np.asarray(cat), image_format, quality) for quality in (10, 90))
    assert len(small) < len(large)
    assert decode(small).rgb.shape == np.asarray(cat).shape


def test_a_png_keeps_every_pixel(cat):
    assert np.array_equal(decode(encode_png(np.asarray(cat))).rgb, np.asarray(cat))


@pytest.mark.parametrize("n_colours", [2, 3, 16, 200])
def test_a_palette_png_has_the_colours_of_its_palette(n_colours):
    generator = np.random.default_rng(0)
    palette = generator.integers(0, 256, (n_colours, 3)).astype(np.uint8)
    indices = generator.integers(0, n_colours, (20, 24)).astype(np.uint8)
    assert np.array_equal(decode(encode_palette_png(indices, palette)).rgb, palette[indices])
