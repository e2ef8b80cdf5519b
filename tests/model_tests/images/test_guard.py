"""Files made to cost a reader dearly are refused by their headers, at once; files that only look odd are not."""

import struct
import time
import tracemalloc
import zlib

import pytest
from PIL import Image

from genloss.model.errors import ImageError
from genloss.model.images import guard
from genloss.model.images.containers.layout import MAX_STEPS
from genloss.model.images.containers.reader import read_layout
from genloss.model.images.decode import decode
from genloss.model.images.formats import check_kind
from tests.fixtures import saved
from tests.hostile import (
    directory_bomb,
    flat_webp,
    gif_of_frames,
    jpeg_with_segments,
    png_chunk,
    png_of,
    scan_bomb,
)

PLAIN = saved(Image.new("RGB", (64, 48), (90, 40, 10)), "JPEG")
GREY_PIXELS = zlib.compress(bytes(65 * 64))


def _avif_that_lies() -> bytes:
    """Its container says 64x64, its AV1 stream 10000x11000."""
    data = bytearray(saved(Image.new("L", (10000, 11000)), "AVIF", speed=10, quality=10))
    struct.pack_into(">II", data, data.find(b"ispe") + 8, 64, 64)
    return bytes(data)


def _avif_with_directory_bomb() -> bytes:
    bomb = directory_bomb(2000, 30_000)
    placeholder = b"II*\0\x08\0\0\0" + b"\0" * (len(bomb) - 8)  # Pillow writes no bombs
    return saved(Image.new("RGB", (64, 48)), "AVIF", exif=placeholder).replace(placeholder, bomb)


BOMBS = {
    "scans": (scan_bomb(300), "too_complex"),
    "many_scans": (scan_bomb(20_000), "too_complex"),
    "webp_of_34_bytes": (flat_webp(16384, 16384), "image_too_large"),
    "flat_webp": (flat_webp(9999, 9999), "too_complex"),
    "lying_avif": (_avif_that_lies(), "image_too_large"),
    "flat_avif": (saved(Image.new("L", (9000, 9000)), "AVIF", speed=10, quality=10), "too_complex"),
    "png_without_pixels": (png_of(9000, 9000, pixels=bytes(5000)), "image_truncated"),
    "gif_canvas": (b"GIF89a\xff\xff\xff\xff\0\0\0;", "image_too_large"),
    "bmp": (b"BM" + struct.pack("<IIIIiiHHI", 0, 0, 54, 40, 9000, -9000, 1, 24, 0) + bytes(5000), "image_truncated"),
    "bmp_negative": (b"BM" + struct.pack("<IIIIiiHHI", 0, 0, 54, 40, 40000, -40000, 1, 24, 0) + bytes(99), "image_too_large"),
    "tiff": (saved(Image.new("L", (8, 8)), "TIFF").replace(struct.pack("<HHIHH", 256, 4, 1, 8, 0),
             struct.pack("<HHIHH", 256, 4, 1, 0, 4000)), "image_too_large"),
    "text_chunks": (png_of(64, 64, *[png_chunk(b"tEXt", b"a\0b")] * 50_000, pixels=GREY_PIXELS), "too_complex"),
    "long_text": (png_of(64, 64, png_chunk(b"tEXt", b"a\0" + bytes(17 << 20)), pixels=GREY_PIXELS), "metadata_too_large"),
    "packed_text": (png_of(64, 64, png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(9 << 20))), pixels=GREY_PIXELS),
                    "metadata_too_large"),
    "packed_profile": (png_of(64, 64, png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(9 << 20))), pixels=GREY_PIXELS),
                       "metadata_too_large"),
    "segments": (jpeg_with_segments(PLAIN, *[b"http" + bytes(65_000)] * 300), "metadata_too_large"),
    "shared_exif": (jpeg_with_segments(PLAIN, b"Exif\0\0" + directory_bomb(2000, 30_000)), "metadata_too_large"),
    "joined_exif": (jpeg_with_segments(PLAIN, *[b"Exif\0\0" + directory_bomb(900, 50_000)] * 30), "metadata_too_large"),
    "exif_in_png": (png_of(64, 64, png_chunk(b"eXIf", directory_bomb(3000, 9999)), pixels=GREY_PIXELS), "metadata_too_large"),
    "padding": (PLAIN[:2] + b"\xff" * 3_000_000 + PLAIN[2:], "too_complex"),
    "exif_in_avif": (_avif_with_directory_bomb(), "metadata_too_large"),
    "directory": (directory_bomb(4000, 100_000), "metadata_too_large"),
    "long_directory": (directory_bomb(60_000, 100_000), "metadata_too_large"),
    "frames": (gif_of_frames(20_000), "too_complex"),
    "apng_frames": (png_of(64, 64, png_chunk(b"acTL", struct.pack(">II", 10**9, 0)), pixels=GREY_PIXELS), "too_complex"),
    "comments": (b"GIF89a\x40\0\x40\0\0\0\0!\xfe" + b"\1a" * 900_000 + b"\0;", "too_complex"),
}  # fmt: skip
BY_DECODER = {"packed_text", "packed_profile"}  # only inflating tells; Pillow inflates a megabyte and stops


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_with_the_right_code(name):
    data, code = BOMBS[name]
    with pytest.raises(ImageError) as caught:
        decode(data) if name in BY_DECODER else guard.check(data)
    assert caught.value.code == code


def _read_as_many_fields():
    for place in range(MAX_STEPS):
        struct.unpack_from(">HI", PLAIN, place % 32)


def _cost(function):
    """Processor time of the quickest of five calls."""
    seconds = []
    for _ in range(5):
        started = time.process_time()
        function()
        seconds.append(time.process_time() - started)
    return min(seconds)


@pytest.mark.parametrize("name", sorted(set(BOMBS) - BY_DECODER))
def test_refusing_costs_little_time_and_memory(name):
    data = BOMBS[name][0]
    assert read_layout(data, check_kind(data)).n_steps < MAX_STEPS + 10

    def refuse():
        with pytest.raises(ImageError):
            guard.check(data)

    # The dearest of these costs one and a half times as much as reading the fields.
    assert _cost(refuse) < 10 * _cost(_read_as_many_fields)
    tracemalloc.start()
    try:
        with pytest.raises(ImageError):
            guard.check(data)
        assert tracemalloc.get_traced_memory()[1] < 9 << 20
    finally:
        tracemalloc.stop()


def test_the_pixel_limit_is_an_option():
    data = saved(Image.new("L", (400, 300)), "PNG")
    assert guard.check(data, max_pixels=120_000) == "png"
    with pytest.raises(ImageError, match="400x300 px is more than the limit of 119999"):
        guard.check(data, max_pixels=119_999)


def test_a_higher_limit_than_pillows_own_is_possible(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50_000)
    assert decode(saved(Image.new("L", (400, 300)), "PNG"), max_pixels=200_000).rgb.shape == (300, 400, 3)


def _with_appended_film() -> bytes:
    """A motion photograph: a JPEG and after its end megabytes in which FF DA occurs by chance."""
    return PLAIN + b"\0\0\0\x18ftypmp42" + b"\xff\xda\0\x02" * 5000


def _with_large_profile() -> bytes:
    return saved(Image.new("RGB", (64, 48)), "JPEG", icc_profile=bytes(3_000_000))


def _with_careless_exif() -> bytes:
    """Some editors leave entries that point behind the end."""
    entry = struct.pack("<HHII", 0x927C, 7, 2**31, 60)
    return jpeg_with_segments(PLAIN, b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + bytes(8000))


def _with_nested_directory() -> bytes:
    """Notes of a camera maker hold a TIFF header of their own, which is nobody's directory."""
    entry = struct.pack("<HHII", 0x927C, 7, 6000, 26)
    notes = b"II*\0\x08\0\0\0" + b"\xff" * 5992
    return jpeg_with_segments(PLAIN, b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + bytes(4) + notes)


@pytest.mark.parametrize(
    "data",
    [
        scan_bomb(200), flat_webp(2000, 2000), gif_of_frames(500), _with_appended_film(), _with_large_profile(),
        _with_careless_exif(), _with_nested_directory(), saved(Image.new("L", (2000, 1500)), "PNG"),
        saved(Image.new("RGB", (64, 48)), "AVIF")[:8] + b"mif1" + saved(Image.new("RGB", (64, 48)), "AVIF")[12:],
    ],
    ids=["scans", "flat", "long_animation", "film", "profile", "careless_exif", "nested", "flat_png", "mif1"],
)  # fmt: skip
def test_odd_but_harmless_files_are_decoded(data):
    assert decode(data).rgb.size


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_orientation_is_read_from_every_container(image_format):
    exif = Image.Exif()
    exif[0x0112] = 8
    assert decode(saved(Image.new("RGB", (64, 48)), image_format, exif=exif)).orientation == 8


@pytest.mark.parametrize("start", [2**63, 2**64 - 1])
def test_an_avif_item_may_lie_anywhere(start):
    """Beyond what the machine counts with, too: the guard says nothing of it, and the codec that the file is damaged."""
    whole = saved(Image.new("RGB", (64, 48)), "AVIF")
    items = struct.pack(">IBBHHHQHQ", 0, 0x08, 0x80, 1, 1, 0, start, 1, 40)
    box = b"\0\0\0\x2cmeta" + bytes(4) + struct.pack(">I4s", 8 + len(items), b"iloc") + items
    box = struct.pack(">I", len(box)) + box[4:]
    assert guard.check(whole[: int.from_bytes(whole[:4])] + box) == "avif"
