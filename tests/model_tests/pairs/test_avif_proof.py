"""An AVIF is proved from the pixels that give its bytes again, at the speeds of usual programs, and from no others."""

import numpy as np
import pytest
from PIL import Image

from genloss.model.images.avif_encoding import has_encoder, qualities_of, read_still
from genloss.model.pairs.findings import find
from genloss.model.pairs.planes import VersionPlanes
from tests.fixtures import saved


def _planes(picture, image_format="PNG", **options):
    return VersionPlanes.read(saved(picture, image_format, **options))


@pytest.fixture
def part(clean_cat):
    return clean_cat.crop((0, 0, 160, 120))


@pytest.mark.parametrize(
    ("quality", "speed", "options"),
    [(45, 6, {}), (80, 8, {"max_threads": 3}), (70, 9, {"subsampling": "4:4:4"}), (63, 9, {"max_threads": 1})],
)
def test_an_avif_is_proved_with_its_quality_and_speed(part, quality, speed, options):
    finding = find(_planes(part), _planes(part, "AVIF", quality=quality, speed=speed, **options))
    assert finding.made is not None
    assert finding.made.rule == "AVIF"
    assert f"with speed {speed} gives every byte" in finding.made.sentence
    assert str(quality) in finding.made.sentence
    assert finding.made_backwards is None


def test_an_avif_is_not_proved_from_a_near_miss(part):
    child = _planes(part, "AVIF", quality=75)
    laundered = _planes(Image.fromarray(child.image.rgb))
    for sibling in (_planes(part, "JPEG", quality=99, subsampling=0), _planes(part, "AVIF", quality=90), laundered):
        finding = find(sibling, child)
        assert finding.made is None
        assert finding.made_backwards is None


def test_a_shrunk_avif_is_proved_with_its_size(clean_cat):
    size = clean_cat.width * 3 // 5, clean_cat.height * 3 // 5
    small = clean_cat.resize(size, Image.Resampling.LANCZOS)
    finding = find(_planes(clean_cat), _planes(small, "AVIF", quality=80, speed=9))
    assert finding.made.sentence.startswith(f"scaled to {small.width} x {small.height} pixels by Lanczos, saved as AVIF")


def test_qualities_that_share_a_quantiser_are_all_named(part):
    frames, coding = read_still(saved(part, "AVIF", quality=60))
    qualities = qualities_of(coding.quantiser, "4:2:0")
    assert 60 in qualities
    assert {read_still(saved(part, "AVIF", quality=quality))[0] for quality in qualities} == {frames}
    assert np.diff(qualities).tolist() == [1] * (len(qualities) - 1)
    assert qualities_of(coding.quantiser + 1, "4:2:0") == ()


def test_where_pillow_only_decodes_avif_nothing_is_proved_of_it(part, monkeypatch):
    def refuse(*_, **__):
        raise OSError("encoder not available")

    parent, child = _planes(part), _planes(part, "AVIF", quality=70, speed=9)
    monkeypatch.setattr(Image.Image, "save", refuse)
    has_encoder.cache_clear()
    try:
        assert find(parent, child).made is None
    finally:
        has_encoder.cache_clear()
