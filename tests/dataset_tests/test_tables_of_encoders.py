"""Qualities by exact tables, and by least squares where there is no exact one."""

import io

import numpy as np
import pytest
from PIL import Image

from genloss.dataset.jpeg_encoders import name_tables
from genloss.model.images.jpeg_tables import CHROMA_TABLE, ijg_table
from tests.dataset_tests.made_files import jpeg


def _stored(**options: object) -> list[bytes]:
    """The tables of a JPEG as its DQT segments hold them."""
    data, tables, at = jpeg(**options), [], 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] == 0xDB:
            body = data[at + 4 : at + 2 + length]
            tables += [body[start + 1 : start + 65] for start in range(0, len(body), 65)]
        at += 2 + length
    return tables


@pytest.mark.parametrize("quality", [10, 25, 50, 75, 90, 95, 99, 100])
def test_a_table_that_is_off_by_a_little_has_the_nearest_quality_but_is_not_standard(quality):
    luma, chroma = _stored(quality=quality)
    off = bytes([min(255, luma[0] + 1), *luma[1:]])
    named = name_tables(off, chroma)
    assert abs(named.luma_quality - quality) <= 1
    assert (named.chroma_quality, named.standard, named.family) == (quality, False, "")


def test_luma_and_chroma_of_different_qualities_are_both_exact():
    named = name_tables(_stored(quality=90)[0], _stored(quality=80)[1])
    assert (named.luma_quality, named.chroma_quality, named.standard) == (90, 80, True)
    assert named.family == "libjpeg, luma and chroma apart"


@pytest.mark.parametrize("quality", [5, 12, 24])
def test_tables_of_sixteen_bits_are_exact_too(quality):
    zigzag = [0] * 64
    reference = Image.open(io.BytesIO(jpeg(qtables=[list(range(1, 65)), list(range(1, 65))])))
    order = list(reference.quantization[0])
    assert sorted(order) == list(range(1, 65))
    luma = _stored(qtables=[list(range(1, 65))] * 2)[0]
    for place, natural in enumerate(luma):
        zigzag[place] = natural - 1
    tables = []
    for base in (None, CHROMA_TABLE):
        scale = 5000 // quality
        exact = ((ijg_table(50) if base is None else base) * scale + 50) // 100
        tables.append(np.maximum(1, exact).ravel()[zigzag].astype(">u2").tobytes())
    named = name_tables(*tables)
    assert (named.luma_quality, named.chroma_quality, named.standard) == (quality, quality, True)
