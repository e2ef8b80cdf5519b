"""An ordinary JPEG is read without Pillow, and everything that is read is as Pillow reads it."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from genloss.model.errors import ImageError
from genloss.model.images import jpeg_reading
from genloss.model.images.decode import decode
from genloss.model.images.jpeg_damage import find_damage
from genloss.model.images.jpeg_header import read_header
from genloss.model.images.pillow_decoding import decode_with_pillow
from tests.fixtures import ROOT, saved

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def _exif(orientation):
    found = Image.Exif()
    found[0x0112] = orientation
    return found


@pytest.fixture(scope="module")
def small():
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        return opened.convert("RGB").resize((64, 48))


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {}), ("L", {}), ("RGB", {"progressive": True}), ("RGB", {"subsampling": "4:2:2"}),
        ("RGB", {"exif": _exif(6)}), ("L", {"exif": _exif(3), "dpi": (300, 300)}), ("RGB", {"icc_profile": PROFILE}),
        ("RGB", {"icc_profile": PROFILE * 200}), ("RGB", {"comment": b"\xff\xda"}), ("RGB", {"keep_rgb": True}),
        ("RGB", {"qtables": [list(range(1, 65)), [16] * 64]}), ("RGB", {"restart_marker_rows": 1}), ("CMYK", {}),
    ],
)  # fmt: skip
def test_what_a_jpeg_states_is_read_as_pillow_reads_it(small, mode, options):
    data = saved(small.convert(mode), "JPEG", **{"quality": 80, **options})
    assert (read_header(data) is None) == (mode == "CMYK")
    ours, pillows = decode(data), decode_with_pillow(data, "jpeg", 10**6)
    for name, value in vars(pillows).items():
        if name not in ("pixels", "whole"):
            assert np.array_equal(getattr(ours, name), value), name


def test_unusual_headers_are_left_to_pillow(small):
    data = saved(small, "JPEG")
    assert read_header(data) is not None
    start = data.index(b"\xff\xdb")
    assert read_header(data[:start] + b"\xff" + data[start:]) is None  # padding before a marker
    assert read_header(data[:start] + b"\x00\x00" + data[start:]) is None  # bytes that belong to no segment
    assert read_header(data[:start] + b"\xff\xe2\x00\x06MPF\x00" + data[start:]) is None  # several pictures
    assert read_header(data[: start + 40]) is None  # a segment that is cut off
    frame = data.index(b"\xff\xc0")
    twice = data[:frame] + data[frame : frame + 19] + data[frame:]
    assert read_header(twice) is None  # two frames
    assert read_header(data[:frame] + data[frame + 19 :]) is None  # none


def test_a_picture_larger_than_pillow_takes_without_being_told_is_left_to_pillow(small):
    data = bytearray(saved(small, "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = (10_000).to_bytes(2) * 2
    assert read_header(bytes(data)) is None


def test_a_damaged_jpeg_is_searched_for_damage_once(small, monkeypatch):
    data = bytearray(saved(small, "JPEG"))
    data[-400:-300] = bytes(range(100))
    searched = []
    monkeypatch.setattr(jpeg_reading, "find_damage", lambda data: searched.append(data) or find_damage(data))
    found = decode(bytes(data))
    assert searched == [data]
    assert found.damage is not None
    assert found.damage == decode_with_pillow(bytes(data), "jpeg", 10**6).damage


def test_sampling_factors_of_0_are_told_as_pillow_tells_them(small):
    data = bytearray(saved(small, "JPEG"))
    data[data.index(b"\xff\xc0") + 11] = 0
    with pytest.raises(ImageError) as caught:
        decode(bytes(data))
    assert "division" not in str(caught.value)
