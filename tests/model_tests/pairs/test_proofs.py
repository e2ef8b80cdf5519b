"""What is proved of two versions is true, and says how the child was made; the other way round nothing is proved."""

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from genloss.model.images.facts import read_facts
from genloss.model.pairs.changes import describe_changes, is_edit
from genloss.model.pairs.findings import PlanesInMemory, find
from genloss.model.pairs.planes import VersionPlanes
from tests.fixtures import saved


def _planes(picture, image_format="PNG", **options):
    return VersionPlanes.read(saved(picture, image_format, **options))


def _changes(parent, child):
    return describe_changes(find(parent, child).comparison, read_facts(child.image))


@pytest.mark.parametrize("quality", [30, 60, 85])
@pytest.mark.parametrize("sampling", [0, 2])
def test_a_jpeg_is_proved_to_be_made_from_its_source(cat, quality, sampling):
    original = _planes(cat, "JPEG", quality=95, subsampling=0)
    child = VersionPlanes.read(saved(Image.fromarray(original.image.rgb), "JPEG", quality=quality, subsampling=sampling))
    for finding in (find(original, child), find(child, original).swapped):
        assert finding.made is not None
        assert finding.made.rule == "quantised"
        assert f"quality {quality}" in finding.made.sentence
        assert finding.made_backwards is None


def test_a_better_save_of_a_worse_one_does_not_turn_the_proof_round(cat):
    original = _planes(cat)
    worse = _planes(Image.fromarray(original.image.rgb), "JPEG", quality=40)
    better = _planes(Image.fromarray(worse.image.rgb), "JPEG", quality=92)
    assert find(better, worse).made is None


def test_a_sibling_of_the_highest_quality_is_no_parent(cat):
    """Its pixels hardly differ from the parent's, and its own quantisation noise gives it away."""
    for quality in (50, 75):
        child = _planes(cat, "JPEG", quality=quality)
        for sibling in (97, 99):
            assert find(_planes(cat, "JPEG", quality=sibling), child).made is None


def test_a_cut_is_proved_with_its_place(cat):
    finding = find(_planes(cat), _planes(cat.crop((40, 24, 392, 264))))
    assert finding.made.rule == "cut out"
    assert "cropped at (40, 24)-(392, 264), every pixel equal" in finding.made.sentence
    assert finding.made_backwards is None


@pytest.mark.parametrize("colour", ["white", "black", (90, 120, 60)])
def test_a_frame_around_a_picture_is_not_taken_for_what_was_cut_off(cat, colour):
    finding = find(_planes(ImageOps.expand(cat, 20, colour)), _planes(cat))
    assert finding.made is None


def test_a_picture_on_a_page_was_not_cut_out_of_it(cat, noise):
    page = noise.resize((cat.width + 120, cat.height + 90))
    page.paste(cat, (60, 40))
    assert find(_planes(page), _planes(cat)).made is None


def test_shrinking_is_proved_with_its_kernel(cat):
    small = _planes(cat.resize((cat.width // 2, cat.height // 2), Image.Resampling.LANCZOS))
    finding = find(_planes(cat), small)
    assert finding.made.rule == "resampled"
    assert "Lanczos" in finding.made.sentence
    assert finding.made_backwards is None


@pytest.mark.parametrize("kernel", list(Image.Resampling))
@pytest.mark.parametrize("noisy", [False, True])
def test_what_an_enlargement_was_made_from_is_not_made_from_it(clean_cat, kernel, noisy):
    large = clean_cat.resize((clean_cat.width * 2 + 7, clean_cat.height * 2 + 5), kernel)
    options = {"image_format": "JPEG", "quality": 92} if noisy else {}
    assert find(_planes(large, **options), _planes(clean_cat)).made is None


def test_sharpening_and_saving_well_is_not_turned_round(cat):
    original = _planes(cat)
    sharpened = _planes(cat.filter(ImageFilter.UnsharpMask(1, 80, 0)), "JPEG", quality=95)
    assert find(sharpened, original).made is None


def test_edits_are_named(cat):
    original = _planes(cat)
    brighter = Image.fromarray(np.clip(np.asarray(cat).astype(int) + 20, 0, 255).astype(np.uint8))
    assert "brighter" in _changes(original, _planes(brighter, "JPEG", quality=92))
    grey = _planes(cat.convert("L").convert("RGB"))
    assert "black and white" in _changes(original, grey)
    assert "sharpened" in _changes(original, _planes(cat.filter(ImageFilter.UnsharpMask(1.5, 120, 0)), "JPEG", quality=92))
    assert "more saturated" in _changes(original, _planes(ImageEnhance.Color(cat).enhance(1.4), "JPEG", quality=92))
    plain = _changes(original, _planes(cat.crop((0, 0, 300, 300)), "JPEG", quality=50))
    assert not any(is_edit(change) for change in plain)
    assert plain[0].startswith("cropped to")
    assert plain[-1].startswith("saved as JPEG 50")


def test_planes_are_read_once_for_pairs_that_share_them(cat):
    reads = []

    def read(position):
        reads.append(position)
        return _planes(cat, "JPEG", quality=50 + 10 * position)

    findings = list(PlanesInMemory(read)([(0, 1), (0, 2), (1, 2)]))
    assert len(findings) == 3
    assert sorted(reads) == [0, 1, 2]


def _cv2_resized(picture, size, way):
    return Image.fromarray(cv2.resize(np.asarray(picture), size, interpolation=way))


@pytest.mark.parametrize("quality", [35, 90])
def test_a_jpeg_by_the_fast_dct_is_proved_with_it(clean_cat, quality):
    original = _planes(clean_cat)
    child = VersionPlanes.read(simplejpeg.encode_jpeg(np.asarray(clean_cat), quality, "RGB", "420", fastdct=True))
    finding = find(original, child)
    assert finding.made.rule == "quantised"
    assert "libjpeg's fast DCT gives 100.0 % of the blocks exactly" in finding.made.sentence
    assert finding.made_backwards is None


@pytest.mark.parametrize(("quality", "method"), [(50, 6), (80, 4), (93, 4), (93, 6)])
def test_a_webp_is_proved_with_its_quality(cat, quality, method):
    finding = find(_planes(cat), _planes(cat, "WEBP", quality=quality, method=method))
    assert finding.made.rule == "WebP"
    assert f"saved as WebP of quality {quality}: saving it again gives every byte" in finding.made.sentence
    assert finding.made_backwards is None


def test_a_webp_is_not_proved_from_a_near_miss(cat):
    child = _planes(cat, "WEBP", quality=80)
    for sibling in (_planes(cat, "JPEG", quality=99, subsampling=0), _planes(cat, "WEBP", quality=81)):
        assert find(sibling, child).made is None
    laundered = _planes(Image.fromarray(child.image.rgb))
    finding = find(laundered, child)
    assert finding.made is None
    assert finding.made_backwards is None


@pytest.mark.parametrize(
    ("size", "by", "kernel", "formats"),
    [
        ((224, 144), lambda picture, size: picture.resize(size, Image.Resampling.LANCZOS), "Lanczos", "PNG JPEG"),
        ((300, 200), lambda picture, size: _cv2_resized(picture, size, cv2.INTER_AREA), "area average", "PNG JPEG WEBP"),
        ((677, 450), lambda picture, size: _cv2_resized(picture, size, cv2.INTER_LINEAR), "bilinear", "PNG JPEG"),
    ],
)
def test_scaling_is_proved_alone_and_before_saving(cat, size, by, kernel, formats):
    for image_format in formats.split():
        options = {} if image_format == "PNG" else {"quality": 75}
        finding = find(_planes(cat), _planes(by(cat, size), image_format, **options))
        assert finding.made is not None, image_format
        assert f"scaled to {size[0]} x {size[1]} pixels by {kernel}" in finding.made.sentence
        assert finding.made_backwards is None


def test_one_enlargement_is_not_proved_from_another(cat):
    small = cat.resize((120, 80))
    twice, thrice = (_planes(small.resize((120 * n, 80 * n), Image.Resampling.NEAREST)) for n in (2, 3))
    finding = find(twice, thrice)
    assert finding.made is None
    assert finding.made_backwards is None


def test_a_turn_and_a_cut_before_saving_are_told(cat):
    child = cat.transpose(Image.Transpose.ROTATE_90).crop((16, 8, 272, 360))
    finding = find(_planes(cat), _planes(child, "WEBP", quality=70))
    assert finding.made.sentence.startswith("turned, cropped at (16, 8)-(272, 360), saved as WebP of quality 70")


def test_nearest_colours_dither_and_octree_are_told_apart(cat):
    original = _planes(cat)
    palette = cat.quantize(32)
    made = {
        "nearest": palette,
        "error diffusion": cat.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG),
        "octree": cat.quantize(40, Image.Quantize.FASTOCTREE),
    }
    for words, child in made.items():
        finding = find(original, _planes(child, "GIF" if words == "error diffusion" else "PNG"))
        assert finding.made is not None, words
        assert finding.made.rule == "palette"
        assert words in finding.made.sentence or "always became the same" in finding.made.sentence
        assert finding.made_backwards is None


def test_a_palette_is_not_proved_from_a_near_miss(cat):
    child = _planes(cat.quantize(64), "GIF")
    assert find(_planes(cat, "JPEG", quality=99, subsampling=0), child).made is None
    assert find(_planes(cat.quantize(200), "PNG"), child).made is None


@pytest.mark.parametrize("options", [{"image_format": "JPEG", "quality": 60}, {"image_format": "WEBP", "quality": 60}])
def test_a_framed_copy_is_not_taken_for_the_source_of_a_saved_one(cat, options):
    framed = ImageOps.expand(cat, 24, (240, 240, 240))
    assert find(_planes(framed), _planes(cat, **options)).made is None


def test_a_picture_of_few_levels_was_not_made_from_what_dither_made_of_it(clean_cat):
    levels = np.asarray(clean_cat.convert("L")).astype(float)
    few = np.rint(np.rint(levels / 255 * 13) / 13 * 255)
    up = np.indices(few.shape).sum(axis=0) % 2 / 2 - 0.25
    more = np.rint(np.rint(few / 255 * 25 + up) / 25 * 255)
    finding = find(*(_planes(Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8))) for plane in (more, few)))
    assert finding.made is None


def _as_light(picture, size):
    levels = np.asarray(picture, np.float32) / 255
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)
    scaled = np.clip(cv2.resize(light, size, interpolation=cv2.INTER_AREA), 0, 1)
    back = np.where(scaled <= 0.0031308, 12.92 * scaled, 1.055 * scaled ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(255 * back).astype(np.uint8))


@pytest.mark.parametrize(("image_format", "options"), [("PNG", {}), ("JPEG", {"quality": 70}), ("WEBP", {"quality": 75})])
def test_scaling_as_light_is_proved_whatever_it_was_saved_as(clean_cat, image_format, options):
    original, small = _planes(clean_cat), _as_light(clean_cat, (170, 110))
    finding = find(original, _planes(small, image_format, **options))
    assert finding.made is not None
    assert "scaled to 170 x 110 pixels by " in finding.made.sentence
    assert "in linear light" in finding.made.sentence
    assert finding.made_backwards is None


def test_enlargements_are_proved_before_a_webp_and_a_palette(clean_cat):
    part = clean_cat.crop((60, 40, 220, 160))
    large = part.resize((240, 180), Image.Resampling.BICUBIC)
    for child, rule in ((_planes(large, "WEBP", quality=75), "WebP"), (_planes(large.quantize(64)), "palette")):
        finding = find(_planes(part), child)
        assert finding.made.rule == rule
        assert "scaled to 240 x 180 pixels by bicubic" in finding.made.sentence
        assert finding.made_backwards is None
