"""Saves at a similar quality on the same grid: the earlier quality is found, and a single save shows none."""

import io

import numpy as np
import pytest
from PIL import Image

from genloss.model.explanations.earlier_jpeg import find_earlier_quality
from genloss.model.explanations.reasons import find_reasons
from genloss.model.images.decode import decode
from genloss.model.measurements.blocks import sample_blocks
from genloss.model.measurements.double_compression import OFFSETS, earlier_saves
from tests.fixtures import saved


def _found(data):
    image = decode(data)
    return earlier_saves(sample_blocks(image.luma).blocks, image.luma_table)


def _saved_twice(picture, first, second):
    once = Image.open(io.BytesIO(saved(picture, "JPEG", quality=first))).convert("RGB")
    return saved(once, "JPEG", quality=second)


@pytest.mark.parametrize(("first", "second"), [(75, 85), (70, 82), (85, 90), (60, 70), (82, 78), (65, 75)])
def test_the_earlier_quality_stands_out(clean_cat, first, second):
    ratios = _found(_saved_twice(clean_cat, first, second))
    assert abs(OFFSETS[np.argmax(ratios)] - (first - second)) <= 1
    once = _found(saved(clean_cat, "JPEG", quality=second))
    assert ratios.max() > once.max()


def test_what_is_no_jpeg_or_has_nothing_to_count_tells_nothing(clean_cat):
    assert not _found(saved(clean_cat, "PNG")).any()
    assert not _found(saved(Image.new("RGB", (64, 48), "grey"), "JPEG", quality=80)).any()


@pytest.mark.parametrize("place", [0, 1])  # of the mean and of a low frequency
def test_a_damaged_table_with_a_zero_is_scored(clean_cat, scorer, place):
    data = bytearray(saved(clean_cat, "JPEG", quality=80))
    data[data.index(b"\xff\xdb") + 5 + place] = 0
    assert decode(bytes(data)).luma_table.min() == 0
    assert 0 <= scorer.score(bytes(data)).generation_loss <= 1


def test_qualities_that_do_not_exist_and_the_files_own_tell_nothing(clean_cat):
    ratios = _found(_saved_twice(clean_cat, 80, 95))
    assert not ratios[OFFSETS > 5].any()
    assert ratios[OFFSETS == 0] == 0.0
    assert np.isfinite(ratios).all()


@pytest.mark.parametrize(("first", "second"), [(75, 85), (85, 90), (60, 70)])
def test_an_earlier_save_is_named_and_a_single_one_is_not(clean_cat, first, second):
    twice, once = (decode(one) for one in (_saved_twice(clean_cat, first, second), saved(clean_cat, "JPEG", quality=second)))
    found = find_earlier_quality(sample_blocks(twice.luma).blocks, twice.luma_table)
    assert found is not None
    assert abs(found - first) <= 3
    assert find_earlier_quality(sample_blocks(once.luma).blocks, once.luma_table) is None
    said = [reason.text for reason in find_reasons(twice) if reason.code in ("saved_before", "earlier_jpeg")]
    assert len(said) == 1
    assert "earlier JPEG of quality about" in said[0]
