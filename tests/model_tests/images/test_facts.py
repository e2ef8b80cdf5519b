"""What a file claims to be, in words."""

import io

import pytest
from PIL import Image

from genloss.model.errors import ImageTruncatedError, UnsupportedFormatError
from genloss.model.images.decode import decode
from genloss.model.images.facts import describe_facts, read_facts
from tests.fixtures import saved
from tests.model_tests.explanations.test_reason_truth import LOSSLESS_AVIF


def _claims(data: bytes) -> str:
    return describe_facts(read_facts(decode(data)))


def test_lossless_avif_and_webp_are_called_so(clean_cat):
    assert _claims(LOSSLESS_AVIF).endswith("B, lossless")
    assert "loss" not in _claims(saved(clean_cat, "AVIF", quality=80))
    assert _claims(saved(clean_cat, "WEBP", lossless=True)).endswith("lossless")
    assert _claims(saved(clean_cat, "WEBP", quality=80)).endswith("lossy")


def _cut(data: bytes, share: float) -> bytes:
    """The first part of the coded pixels, closed as if there were no more."""
    start = data.index(b"\xff\xda") + 14
    return data[: start + int(share * (len(data) - start))] + b"\xff\xd9"


@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}, {"restart_marker_blocks": 5}])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.97])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_that_is_cut_and_closed_is_an_error_as_any_truncated_file(clean_cat, options, share, mode):
    data = _cut(saved(clean_cat.convert(mode), "JPEG", quality=85, **options), share)
    with pytest.raises(ImageTruncatedError, match="ends early"):
        decode(data)


def test_a_progressive_jpeg_without_its_last_scans_is_an_error_and_with_a_part_of_the_last_is_damaged(clean_cat):
    data = saved(clean_cat, "JPEG", quality=85, progressive=True)
    with pytest.raises(ImageTruncatedError, match="ends early"):
        decode(_cut(data, 0.3))
    assert "damaged" in _claims(_cut(data, 0.97))
    assert "damaged" not in _claims(data)


def test_a_jpeg_with_wrong_data_inside_is_called_damaged(clean_cat):
    data = bytearray(saved(clean_cat, "JPEG", quality=85, restart_marker_rows=1))
    data[data.index(b"\xff\xd3") + 1] = 0xD5  # two restart intervals are missing before it
    assert "damaged" in _claims(bytes(data))


def test_a_grey_end_of_a_whole_jpeg_is_no_damage():
    picture = Image.new("RGB", (64, 64), (128, 128, 128))
    picture.paste((200, 30, 30), (0, 0, 64, 20))
    assert "damaged" not in _claims(saved(picture, "JPEG", quality=85))


def test_a_big_tiff_is_called_what_it_is():
    stream = io.BytesIO()
    Image.new("RGB", (32, 32)).save(stream, "TIFF", big_tiff=True)
    assert stream.getvalue()[:4] == b"II+\0"
    with pytest.raises(UnsupportedFormatError, match="BigTIFF is not supported"):
        decode(stream.getvalue())
