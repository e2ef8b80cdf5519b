"""What encoders would have made of pixels is what they make of them, and a WebP's quality is found again from its file."""

import numpy as np
import pytest

from genloss.model.images.decode import decode
from genloss.model.images.jpeg_encoding import encoder_luma, has_fast_dct, reencode_luma
from genloss.model.images.palette_encoding import dither, listed_colours
from genloss.model.images.webp_encoding import (
    coded_frame,
    decode_frame,
    encode_frame,
    estimate_webp_quality,
    expected_quantisers,
    read_quantisers,
)
from tests.fixtures import saved


def test_luma_encoded_again_is_what_a_jpeg_stores(cat):
    image = decode(saved(cat, "JPEG", quality=80))
    assert np.array_equal(reencode_luma(encoder_luma(np.asarray(cat)), image.luma_table), image.luma)


def test_the_fast_dct_is_refused_where_its_tables_are_not_there(cat):
    flat = np.full((8, 8), 7, np.uint16)
    assert not has_fast_dct(flat)
    with pytest.raises(ValueError, match="fast DCT"):
        reencode_luma(encoder_luma(np.asarray(cat)), flat, fast_dct=True)


@pytest.mark.parametrize("quality", [10, 50, 80, 97, 100])
def test_the_quality_of_a_webp_is_found_from_its_quantisers(cat, quality):
    pixels = np.asarray(cat)
    wanted = read_quantisers(coded_frame(saved(cat, "WEBP", quality=quality)))
    first = estimate_webp_quality(wanted)
    found = read_quantisers(encode_frame(pixels, first))
    nearer = estimate_webp_quality(wanted, (first, found)) if len(found) == len(wanted) else first
    assert abs(nearer - quality) <= 1
    assert max(abs(one - other) for one, other in zip(expected_quantisers(quality, (nearer, wanted)), wanted)) <= 4


def test_a_frame_is_the_same_without_its_container(cat):
    data = saved(cat, "WEBP", quality=60, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    frame = coded_frame(data)
    assert frame == encode_frame(np.asarray(cat), 60)
    assert np.array_equal(decode_frame(frame), decode(data).rgb)


@pytest.mark.parametrize("data", [b"", b"RIFF\x04\0\0\0WEBP", b"RIFF\x10\0\0\0WEBPVP8 \xff\xff\xff\x7f", b"\xff\xd8\xff"])
def test_what_holds_no_lossy_webp_gives_none(data):
    frame = coded_frame(data)
    assert frame is None or read_quantisers(frame) is None


def test_lossless_and_damaged_frames_have_no_quantisers(cat):
    assert coded_frame(saved(cat, "WEBP", lossless=True)) is None
    assert read_quantisers(b"\0" * 40) is None


def test_a_file_gives_its_colours_in_the_order_of_its_palette(cat):
    reduced = cat.quantize(16)
    listed = listed_colours(saved(reduced, "PNG"))
    assert np.array_equal(listed, np.array(reduced.getpalette()).reshape(-1, 3))
    assert np.array_equal(dither(np.asarray(cat), listed), np.asarray(cat.quantize(palette=reduced).convert("RGB")))
    assert listed_colours(saved(cat, "PNG")) is None
