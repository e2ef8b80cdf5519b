"""Which files are called damaged, and where."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFile

from genloss.model.errors import ImageError
from genloss.model.images.decode import decode
from genloss.model.images.facts import Facts, read_facts
from genloss.model.images.jpeg_damage import find_damage
from tests.fixtures import saved


def _facts(data: bytes) -> Facts:
    return read_facts(decode(data))


@pytest.mark.parametrize(
    "options",
    [
        {}, {"quality": 100, "subsampling": 0}, {"quality": 2}, {"optimize": True}, {"progressive": True, "quality": 97},
        {"restart_marker_rows": 1}, {"restart_marker_blocks": 7, "progressive": True}, {"subsampling": 1},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_what_an_encoder_wrote_is_intact(cat, drawing, options, mode):
    for picture in (cat.crop((0, 0, 203, 149)), drawing.crop((0, 0, 99, 300))):
        data = saved(picture.convert(mode), "JPEG", **options)
        assert find_damage(data) is None
        assert find_damage(data + b"more") is None
        assert find_damage(data[:-2] + bytes(9) + data[-2:]) is None  # filled up before its end


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"progressive": True}], ids=str)
def test_overwritten_bytes_are_found_and_placed(cat, options):
    whole = saved(cat, "JPEG", quality=85, **options)
    expected = decode(whole).luma.astype(int)
    generator = np.random.default_rng(22)
    n_files = n_found = n_placed = 0
    for at in generator.integers(len(whole) // 3, 2 * len(whole) // 3, size=25):
        data = whole[:at] + generator.integers(0, 256, 24, np.uint8).tobytes() + whole[at + 24 :]
        try:
            image = decode(data)
        except ImageError:
            continue
        wrong = np.flatnonzero(np.abs(image.luma - expected).mean(axis=1) > 1)
        if len(wrong) < 8:
            continue
        n_files += 1
        facts = read_facts(image)
        n_found += facts.damaged
        n_placed += facts.damaged_from is not None and abs(facts.damaged_from - wrong[0] / image.luma.shape[0]) < 0.1
    assert n_files > 10
    assert n_found >= 0.6 * n_files
    assert n_placed >= 0.4 * n_files


@pytest.mark.parametrize("band", [(182, 240), (40, 64), (9, 5)])
def test_a_scan_of_coefficients_that_do_not_exist_is_not_walked_through(cat, band):
    data = bytearray(saved(cat, "JPEG", progressive=True))
    at = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)  # the first scan of a band
    assert data[at + 4] == 1
    data[at + 7 : at + 9] = bytes(band)
    assert find_damage(bytes(data)) is None
    with pytest.raises(ImageError):
        decode(bytes(data))


def test_one_wrong_interval_between_restart_markers_is_a_small_share(cat):
    data = bytearray(saved(cat, "JPEG", quality=85, restart_marker_rows=1))
    at = data.index(b"\xff\xd4") + 40  # in row 5 of 19
    data[at : at + 24] = bytes(range(100, 124))
    facts = _facts(bytes(data))
    assert facts.damaged
    assert facts.damaged_from == pytest.approx(5 / 19)
    assert facts.damaged_share < 1 / 18


@pytest.mark.parametrize("container", ["PNG", "WEBP"])
def test_the_grey_rest_of_a_damaged_jpeg_is_seen_in_a_copy_without_loss(cat, monkeypatch, container):
    whole = saved(cat, "JPEG", quality=85)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with Image.open(io.BytesIO(whole[: len(whole) * 6 // 10] + b"\xff\xd9")) as cut:
        shown = cut.convert("RGB")
    facts = _facts(saved(shown, container, lossless=True))
    assert facts.damaged
    assert 0.4 < facts.damaged_from < 0.8
    assert facts.damaged_share == pytest.approx(1 - facts.damaged_from, abs=0.06)
    assert not _facts(saved(cat, container, lossless=True)).damaged


def test_grey_margins_bars_and_steps_are_no_damage(cat, drawing):
    for top, left in ((96, 0), (96, 160), (100, 37)):
        framed = cat.copy()
        framed.paste((128, 128, 128), (0, top + 16, framed.width, framed.height))
        flat = Image.new("RGB", cat.size, (200, 30, 30))
        flat.paste((128, 128, 128), (left, top, flat.width, flat.height))
        flat.paste((128, 128, 128), (0, top + 16, flat.width, flat.height))
        for picture in (framed, flat):
            assert not _facts(saved(picture, "PNG")).damaged
