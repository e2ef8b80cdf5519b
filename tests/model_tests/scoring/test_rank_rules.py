"""What decides before any model is asked."""

import io
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from genloss.model.errors import ImageError
from genloss.model.images.decode import decode
from genloss.model.images.facts import read_facts
from genloss.model.pairs.findings import PlanesInMemory
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.ranked import may_be_discarded
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.rules import CERTAIN
from tests.fixtures import saved


@pytest.fixture(scope="module")
def ranker(scorer):
    return Ranker(scorer.bundle)


def _ranked(scorer, ranker, *files):
    """Places, by input position, laid on each other as `rank` does."""
    scores = [scorer.score(data, with_fingerprint=True) for data in files]
    ranked = ranker.rank(scores, PlanesInMemory(lambda position: VersionPlanes.read(files[position])))
    return {version.index: version for version in ranked}


def _rotten(data: bytes) -> bytes:
    """With 24 bytes overwritten in the middle, so that it is damaged and still decodes."""
    at, generator = len(data) // 2, np.random.default_rng(22)
    while True:
        rotten = data[:at] + generator.integers(0, 255, 24, np.uint8).tobytes() + data[at + 24 :]
        with suppress(ImageError):
            facts = read_facts(decode(rotten))
            if facts.damaged_from is not None:
                return rotten


def test_a_damaged_version_never_stands_before_an_intact_one(cat, scorer, ranker):
    whole = saved(cat, "JPEG", quality=95)
    rotten = _rotten(whole)
    poor = saved(Image.open(io.BytesIO(whole)), "JPEG", quality=12)
    for files in ((rotten, poor, whole), (poor, whole, rotten)):
        found = _ranked(scorer, ranker, *files)
        last = found[files.index(rotten)]
        assert last.place == 3
        assert last.rule.startswith("damaged from")
        assert {version.picture for version in found.values()} == {1}
        assert last.probability_worse_than_first > 0.999
        assert last.descent is None or last.descent.parent != last.index
        assert {found[files.index(one)].rule for one in (poor, whole)} == {None}
        assert found[files.index(whole)].place == 1
        assert may_be_discarded(last, 0.99)


def test_the_rule_holds_in_every_way_to_compare(cat, scorer, ranker):
    whole = saved(cat, "JPEG", quality=30)
    good, bad = (scorer.score(data, with_fingerprint=True) for data in (whole, _rotten(saved(cat, "JPEG", quality=98))))
    assert ranker.compare(bad, good, None) >= CERTAIN
    assert ranker.compare(good, bad, None) == -ranker.compare(bad, good, None)
    worse = [replace(bad, facts=replace(bad.facts, damaged_from=None, damaged_share=None)), good]
    assert [version.index for version in ranker.rank(worse)] == [1, 0]
    assert ranker.rank(worse)[1].rule == "damaged"


def test_damaged_versions_among_themselves_are_for_the_models(cat, scorer, ranker):
    files = [_rotten(saved(cat, "JPEG", quality=quality)) for quality in (95, 40)]
    assert {version.rule for version in _ranked(scorer, ranker, *files).values()} == {None}


def _deep(picture: Image.Image) -> np.ndarray:
    """(H, W) samples of 16 bits with something in the lower ones."""
    grey = np.asarray(picture.convert("L").resize((160, 120)), np.uint16)
    return grey * 256 + np.random.default_rng(22).integers(0, 256, grey.shape, np.uint16)


@pytest.mark.parametrize("container", ["PNG", "TIFF"])
def test_more_true_bits_stand_first_and_surplus_ones_share_a_place(cat, scorer, ranker, container):
    samples = _deep(cat)
    deep = saved(Image.fromarray(samples), container)
    cut, rounded = (Image.fromarray(one.astype(np.uint8)) for one in (samples >> 8, np.rint(samples / 257)))
    for copy in (cut, rounded):
        for files in ((saved(copy, "PNG"), deep), (deep, saved(copy, "PNG"))):
            found = _ranked(scorer, ranker, *files)
            assert found[files.index(deep)].place == 1
            last = found[1 - files.index(deep)]
            assert (last.place, last.rule) == (2, "the same picture in 8 bits per sample, of 16")
            assert last.probability_worse_than_first > 0.999
    stretched = saved(Image.fromarray(np.asarray(cut, np.uint16) * 257), container)
    found = _ranked(scorer, ranker, saved(cut, "PNG"), stretched)
    assert (found[1].same_as, found[1].same, found[1].rule) == (0, "pixels", None)


def test_several_samples_in_a_pixel_are_read_whole():
    cv2 = pytest.importorskip("cv2")
    samples = np.random.default_rng(22).integers(0, 65536, (40, 50, 4), np.uint16)
    for pixels in (samples, samples[..., :3]):
        for container in (".png", ".tiff"):
            image = decode(cv2.imencode(container, pixels)[1].tobytes())
            assert np.array_equal(image.deep[..., :3], pixels[..., 2::-1])
            assert (image.bits_per_sample, image.is_all_read) == (16, True)
            twelve = decode(cv2.imencode(container, pixels >> 4 << 4)[1].tobytes())
            assert twelve.bits_per_sample == 12
            assert read_facts(decode(cv2.imencode(container, pixels >> 8 << 8)[1].tobytes())).bits_per_sample == 8


def test_used_transparency_stands_before_its_copy_on_white(cat, scorer, ranker):
    layer = cat.convert("RGBA")
    layer.putalpha(Image.linear_gradient("L").resize(cat.size))
    flat = Image.alpha_composite(Image.new("RGBA", cat.size, "white"), layer).convert("RGB")
    found = _ranked(scorer, ranker, saved(flat, "PNG"), saved(layer, "PNG"))
    assert [found[index].place for index in (1, 0)] == [1, 2]
    assert found[0].rule == "the same picture without its transparency"
    assert found[0].probability_worse_than_first >= 0.949


def test_equal_pixels_share_a_place_and_what_differs_is_said(clean_cat, scorer, ranker):
    palette = clean_cat.quantize(64)
    plain = palette.convert("RGB")
    film = saved(plain, "WEBP", lossless=True, method=0, save_all=True, append_images=[clean_cat])
    files = (
        saved(plain, "PNG"), saved(palette, "PNG"), saved(plain.convert("RGBA"), "PNG"),
        saved(plain.transpose(Image.Transpose.ROTATE_90), "PNG"),
        saved(plain.transpose(Image.Transpose.TRANSVERSE), "BMP"), film,
    )  # fmt: skip
    found = _ranked(scorer, ranker, *files)
    assert {version.place for version in found.values()} == {1}
    assert {version.same for version in found.values()} == {None, "pixels"}
    assert "turned or mirrored" in found[3].differs
    assert "turned or mirrored" not in found[1].differs
    assert found[4].differs[:2] == ("turned or mirrored", "BMP instead of PNG")
    assert found[5].differs[0] == "1 frame more"
    other = saved(plain.transpose(Image.Transpose.ROTATE_90).crop((1, 0, 150, 225)), "PNG")
    assert _ranked(scorer, ranker, files[0], other)[1].same is None
