"""Ordinary PNGs give the pixels they hold without Pillow's decoder; all others are left to it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from genloss.model.errors import ImageError
from genloss.model.images.decode import decode
from genloss.model.images.png_pixels import png_pixels
from genloss.model.kernels.compiled import IS_COMPILED

pytestmark = pytest.mark.skipif(not IS_COMPILED, reason="without compiled loops Pillow decodes every PNG")

PICTURE = np.random.default_rng(1683).integers(0, 256, (21, 17, 4), dtype=np.uint8)
PICTURE[5:15, 3:12] //= 32  # neighbours alike, as in pictures
MODES = {"L": (0, 1), "RGB": (2, 3), "RGBA": (6, 4)}
UPSIDE_DOWN = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(pixels, filters=(0, 1, 2, 3, 4), *, interlaced=False, before=(), after=(), piece=50):
    """A PNG whose lines have these filters by turns, by the definitions of the specification."""
    height, width, n_channels = pixels.shape
    padded = np.pad(pixels.astype(int), ((1, 0), (1, 0), (0, 0)))
    left, above, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    distances = np.abs([above - corner, left - corner, left + above - 2 * corner])
    paeth = np.choose(np.argmin(distances, axis=0), [left, above, corner])
    predicted = [0 * left, left, above, (left + above) // 2, paeth]
    kinds = [filters[y % len(filters)] for y in range(height)]
    coded = zlib.compress(b"".join(
        bytes([kind]) + (pixels[y] - predicted[min(kind, 4)][y]).astype(np.uint8).tobytes() for y, kind in enumerate(kinds)
    ))  # fmt: skip
    colour = {1: 0, 3: 2, 4: 6}[n_channels]
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlaced))
    pieces = [_chunk(b"IDAT", coded[start : start + piece]) for start in range(0, len(coded), piece)]
    chunks = [header, *(_chunk(*one) for one in before), *pieces, *(_chunk(*one) for one in after), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _read(data, mode="RGB"):
    return png_pixels(data, mode, PICTURE.shape[1::-1])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("filters", [(0,), (1,), (2,), (3,), (4,), (4, 3, 2, 1, 0)])
def test_every_filter_gives_the_pixels_that_were_filtered(mode, filters):
    pixels = PICTURE[..., : MODES[mode][1]]
    data = _png(pixels, filters)
    assert np.array_equal(_read(data, mode), pixels)
    with Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(np.asarray(opened).reshape(pixels.shape), pixels)  # the file is what it should be


def test_grey_and_transparent_pictures_are_decoded_over_white():
    grey, clear = decode(_png(PICTURE[..., :1])), decode(_png(PICTURE))
    assert np.array_equal(grey.whole, np.repeat(PICTURE[..., :1], 3, axis=2))
    assert not grey.has_alpha
    assert clear.has_alpha
    assert np.array_equal(clear.alpha, PICTURE[..., 3])
    share = PICTURE[..., 3:] / 255
    assert np.abs(clear.whole - (PICTURE[..., :3] * share + 255 * (1 - share))).max() <= 1


def test_texts_after_the_pixels_change_nothing():
    data = _png(PICTURE[..., :3], after=[(b"tEXt", b"date:create\x002026"), (b"tIME", bytes(7))])
    assert np.array_equal(_read(data), PICTURE[..., :3])


@pytest.mark.parametrize(
    "changes",
    [
        {"interlaced": True},
        {"before": [(b"tRNS", bytes(6))]},
        {"before": [(b"acTL", struct.pack(">II", 2, 0))]},
        {"after": [(b"eXIf", UPSIDE_DOWN)]},
        {"after": [(b"tEXt", b"long\0" + bytes(1 << 16))]},
        {"after": [(b"tIME", bytes(7)), (b"IDAT", b"more")]},
        {"filters": (0, 9)},
    ],
)
def test_unusual_files_are_left_to_pillow(changes):
    assert _read(_png(PICTURE[..., :3], **changes)) is None


def test_the_orientation_after_the_pixels_is_read():
    assert decode(_png(PICTURE[..., :3], after=[(b"eXIf", UPSIDE_DOWN)])).orientation == 3


def test_damaged_files_are_left_to_pillow_and_its_errors():
    data = _png(PICTURE[..., :3])
    place = data.rindex(b"IEND") - 12  # the last byte of the checksum of the pixels, before its chunk's own
    for damaged in (data[: len(data) // 2], data[:-12], data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]):
        assert _read(damaged) is None
    with pytest.raises(ImageError):
        decode(data[: len(data) // 2])


def test_a_file_that_holds_more_than_it_says_is_no_bomb():
    tall = _png(np.zeros((5000, 17, 3), np.uint8))
    assert png_pixels(tall, "RGB", (17, 21)) is None
