"""A curve of tone and overwritten bytes are proved in one direction, and nothing else is taken for them."""

import io
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from genloss.model.errors import ImageError
from genloss.model.pairs.findings import Finding, find
from genloss.model.pairs.planes import VersionPlanes
from tests.fixtures import saved


def _planes(picture, image_format="PNG", **options):
    return VersionPlanes.read(saved(picture, image_format, **options))


def _proofs(first, second):
    finding = find(first, second)
    assert isinstance(finding, Finding)
    return finding.made, finding.made_backwards


def _with_gamma(picture, gamma=0.88):
    return picture.point([round(255 * (level / 255) ** gamma) for level in range(256)] * len(picture.getbands()))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("container", [{}, {"image_format": "JPEG", "quality": 90}])
def test_a_curve_of_tone_is_proved_one_way(cat, mode, container):
    source = _planes(cat.convert(mode), **container)
    toned = _planes(_with_gamma(Image.fromarray(source.image.rgb).convert(mode)))
    made, backwards = _proofs(source, toned)
    assert made is not None
    assert made.rule == "recoloured"
    assert f"are a function of its {len(np.unique(source.image.rgb.reshape(-1, 3), axis=0)):,}" in made.sentence
    assert backwards is None


@pytest.mark.parametrize("change", [ImageEnhance.Color, ImageEnhance.Brightness])
def test_clipped_colours_are_proved_one_way_where_no_others_met(cat, change):
    made, backwards = _proofs(_planes(cat), _planes(change(cat).enhance(1.25)))
    assert made is not None
    assert made.rule == "recoloured"
    assert backwards is None


def test_what_the_other_way_round_looks_like_a_function_of_colours_is_no_proof(cat):
    """A caption, another ground and noise are functions of the edited copy's colours; the copy was made from the source."""
    drawn = Image.new("RGB", (320, 240), "white")
    drawn.paste(cat.crop((60, 40, 240, 200)), (70, 40))
    captioned = drawn.copy()
    ImageDraw.Draw(captioned).text((20, 5), "one colour of its own", fill=(255, 0, 255))
    pixels = np.asarray(drawn)
    ground = pixels.copy()
    ground[(pixels == 255).all(axis=2)] = (1, 250, 3)
    few = Image.fromarray(np.asarray(cat) // 64 * 64 + 32)
    noisy = np.asarray(few) + np.random.default_rng(22).integers(-9, 10, (*few.size[::-1], 3))
    for source, copy in ((drawn, captioned), (drawn, Image.fromarray(ground)), (few, Image.fromarray(noisy.astype(np.uint8)))):
        finding = find(_planes(copy), _planes(source))
        assert not isinstance(finding, Finding) or finding.made is None


def test_a_reversible_change_of_colours_is_left_to_the_models(cat):
    channels = cat.split()
    assert _proofs(_planes(cat), _planes(Image.merge("RGB", channels[::-1]))) == (None, None)
    saturated = _planes(ImageEnhance.Color(cat).enhance(1.25), "JPEG", quality=95)
    assert _proofs(_planes(cat), saturated)[1] is None


def _overwritten(data: bytes, generator: np.random.Generator) -> VersionPlanes:
    """With 24 bytes overwritten in its middle, so that it still decodes, to other pixels."""
    at, whole = len(data) // 2, VersionPlanes.read(data)
    for _ in range(60):
        broken = data[:at] + generator.integers(0, 255, 24, np.uint8).tobytes() + data[at + 24 :]
        with suppress(ImageError):
            planes = VersionPlanes.read(broken)
            if np.mean(planes.stored_luma != whole.stored_luma) > 0.005:
                return planes
    raise AssertionError("no overwritten file decodes")


@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}])
def test_overwritten_bytes_are_proved_one_way(cat, options):
    data = saved(cat, "JPEG", quality=85, **options)
    whole, generator = VersionPlanes.read(data), np.random.default_rng(22)
    for _ in range(2):
        broken = _overwritten(data, generator)
        for finding in (find(whole, broken), find(broken, whole).swapped):
            assert finding.made is not None
            assert finding.made.rule == "overwritten"
            assert f"of its {len(data):,} bytes overwritten" in finding.made.sentence
            assert finding.made_backwards is None


def test_neither_saving_again_nor_another_comment_overwrites_bytes(cat):
    data = saved(cat, "JPEG", quality=85, comment=b"one")
    again = saved(Image.open(io.BytesIO(data)), "JPEG", quality=85, comment=b"one")
    for other in (again, data.replace(b"one", b"two")):
        found = _proofs(VersionPlanes.read(data), VersionPlanes.read(other))
        assert {None if proof is None else proof.rule for proof in found} <= {None, "quantised"}
