"""Blocks of JPEGs saved by a real-valued DCT are known from the pixels that were saved, and from no others."""

import numpy as np
import pytest

from genloss.model.images.decode import decode
from genloss.model.images.jpeg_encoding import encoder_luma, reencode_luma
from genloss.model.images.real_dct import gives_blocks
from genloss.model.pairs.findings import find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.sampling import cut_blocks
from tests.fixtures import saved


def _by_float_dct(picture, quality):
    wand = pytest.importorskip("wand.image")
    with wand.Image.from_array(np.asarray(picture)) as image:
        image.compression_quality = quality
        image.options["jpeg:dct-method"] = "float"
        return image.make_blob("jpeg")


@pytest.mark.parametrize("quality", [40, 97])
def test_a_jpeg_by_the_float_dct_is_proved_with_it(cat, quality):
    part = cat.crop((100, 50, 260, 210))
    child = VersionPlanes.read(_by_float_dct(part, quality))
    finding = find(VersionPlanes.read(saved(part, "PNG")), child)
    assert finding.made is not None
    assert f"quality {quality}: saving it again with these tables and a DCT in real numbers" in finding.made.sentence
    assert finding.made_backwards is None
    for sibling in (saved(part, "JPEG", quality=99, subsampling=0), saved(part, "WEBP", quality=95)):
        assert find(VersionPlanes.read(sibling), child).made is None


@pytest.mark.parametrize("quality", [30, 90])
def test_libjpegs_accurate_dct_is_not_taken_for_a_real_valued_one(clean_cat, quality):
    image = decode(saved(clean_cat, "JPEG", quality=quality))
    luma = encoder_luma(np.asarray(clean_cat))
    again = reencode_luma(luma, image.luma_table)
    gives, certain = gives_blocks(cut_blocks(luma), cut_blocks(again), image.luma_table)
    assert certain.mean() > 0.5
    assert gives[certain].mean() < 0.99
