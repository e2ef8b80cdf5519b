"""What is said about a picture is right on pictures whose truth is known, and nothing is said without a trace."""

import numpy as np
import pytest
from PIL import Image

from genloss.model.explanations.detail import find_cut
from genloss.model.explanations.dither import find_dither
from genloss.model.explanations.earlier_jpeg import find_earlier_jpeg, find_earlier_quality
from genloss.model.explanations.enlargement import find_enlargement
from genloss.model.explanations.reasons import find_reasons
from genloss.model.images.decode import decode
from genloss.model.measurements.blocks import sample_blocks
from genloss.model.measurements.colours import count_colours
from genloss.model.measurements.double_compression import OFFSETS
from tests.fixtures import ROOT, saved


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    """Nine pictures without a trace of compression: parts of the samples' originals, shrunk where they were JPEG."""
    cat = Image.open(ROOT / "samples/cat/original.jpg").convert("RGB")
    cat = cat.resize((cat.width * 2 // 3, cat.height * 2 // 3), Image.Resampling.BICUBIC)
    others = [Image.open(ROOT / f"samples/{name}/original.png").convert("RGB") for name in ("drawing", "screenshot")]
    parts = []
    for whole in (cat, *others):
        side = min(whole.size) * 9 // 10
        rooms = ((0, 0), (whole.width - side, whole.height - side), ((whole.width - side) // 2, 0))
        parts += [whole.crop((left, top, left + side, top + side)) for left, top in rooms]
    return parts


def _reopened(picture, image_format, **options):
    return decode(saved(picture, image_format, **options))


def _pixels(data):
    import io

    return Image.open(io.BytesIO(data)).convert("RGB")


def test_clean_pictures_have_no_earlier_jpeg(pictures):
    spoke = [find_earlier_jpeg(_reopened(one, "PNG")) for one in pictures]
    spoke += [find_earlier_jpeg(_reopened(one, "JPEG", quality=85)) for one in pictures]
    assert sum(one is not None for one in spoke) <= 1


def test_grid_and_quality_of_an_earlier_jpeg_are_found(pictures):
    generator = np.random.default_rng(5)
    spoke, grid, quality_right = 0, 0, 0
    for one in pictures:
        for _ in range(3):
            quality = int(generator.integers(30, 88))
            left, top = (int(value) for value in generator.integers(0, 8, size=2))
            cropped = _pixels(saved(one, "JPEG", quality=quality)).crop((left, top, *one.size))
            found = find_earlier_jpeg(_reopened(cropped, "PNG"))
            if found is not None:
                spoke += 1
                grid += (found.left_px, found.top_px) == (-left % 8, -top % 8)
                quality_right += abs(found.quality - quality) <= 5
    assert spoke >= 0.8 * 27
    assert grid >= 0.95 * spoke
    assert quality_right >= 0.9 * spoke


def test_an_earlier_jpeg_under_a_better_one_is_found_after_a_crop(pictures):
    spoke, right = 0, 0
    for one in pictures:
        cropped = _pixels(saved(one, "JPEG", quality=50)).crop((3, 6, *one.size))
        found = find_earlier_jpeg(_reopened(cropped, "JPEG", quality=95))
        spoke += found is not None
        right += found is not None and (found.left_px, found.top_px) == (5, 2)
    assert spoke >= 6
    assert right >= 0.9 * spoke


def test_an_earlier_jpeg_under_a_better_one_on_the_same_grid_is_found(pictures):
    found = [find_earlier_jpeg(_reopened(_pixels(saved(one, "JPEG", quality=50)), "JPEG", quality=96)) for one in pictures]
    spoke = [one for one in found if one is not None]
    assert len(spoke) >= 7
    assert sum((one.left_px, one.top_px) == (0, 0) and abs(one.quality - 50) <= 5 for one in spoke) >= 0.9 * len(spoke)


@pytest.mark.parametrize(
    ("offset", "others", "named"),
    [(-8, 0.0, 72), (-3, 0.0, 77), (-2, 0.0, None), (1, 0.0, None), (8, 0.0, None), (-8, 0.8, 72), (-8, 0.87, None)],
)
def test_an_earlier_save_is_named_only_at_a_lower_quality_that_stands_out(monkeypatch, cat, offset, others, named):
    once = decode(saved(cat, "JPEG", quality=80))
    ratios = np.where(np.equal(OFFSETS, offset), 1.0, others)
    monkeypatch.setattr("genloss.model.explanations.earlier_jpeg.earlier_saves", lambda blocks, own: ratios)
    assert find_earlier_quality(sample_blocks(once.luma).blocks, once.luma_table) == named


def test_enlarging_leaves_no_fine_detail_and_originals_have_it(cat, clean_cat):
    assert find_cut(_reopened(clean_cat, "PNG").luma) is None
    assert find_cut(_reopened(cat, "PNG").luma) is None
    enlarged = clean_cat.resize((clean_cat.width * 3, clean_cat.height * 3), Image.Resampling.LANCZOS)
    cut = find_cut(_reopened(enlarged, "PNG").luma)
    assert cut is not None
    assert 0.33 <= cut <= 0.6


@pytest.mark.parametrize("factor", [1.5, 1.8, 2.5, 3.0])
def test_the_factor_of_an_enlargement_is_found(pictures, cat, factor):
    found = []
    for one in (cat, *pictures[3:6]):
        larger = one.resize((round(one.width * factor), round(one.height * factor)), Image.Resampling.BICUBIC)
        found.append(find_enlargement(np.asarray(larger.convert("L")), has_own_blocks=False))
    spoke = [factors for factors in found if factors]
    assert len(spoke) >= 2
    assert all(any(abs(one / factor - 1) < 0.03 for one in factors) for factors in spoke)


def test_an_enlargement_is_a_reason(pictures):
    larger = pictures[3].resize((923, 923), Image.Resampling.BICUBIC)
    texts = [reason.text for reason in find_reasons(_reopened(larger, "PNG"))]
    assert "pixels repeat with the period of an enlargement, about 1.8 or 2.3 times" in texts


def test_a_factor_that_blocks_of_a_shrunk_file_have_as_well_is_not_named(cat):
    small = cat.resize((cat.width // 2, cat.height // 2), Image.Resampling.BOX)
    larger = small.resize((small.width * 7 // 2, small.height * 7 // 2), Image.Resampling.BICUBIC)
    assert find_enlargement(np.asarray(larger.convert("L")), has_own_blocks=False) == pytest.approx((1.4, 3.5), rel=0.02)
    texts = [reason.text for reason in find_reasons(_reopened(larger, "PNG")) if reason.code == "enlarged"]
    assert texts == ["pixels repeat with the period of an enlargement"]


@pytest.mark.parametrize("factor", [0.5, 0.62, 0.8, 1.0])
def test_shrinking_is_not_called_enlarging(pictures, factor):
    for one in pictures:
        smaller = one.resize((round(one.width * factor), round(one.height * factor)), Image.Resampling.BICUBIC)
        assert find_enlargement(np.asarray(smaller.convert("L")), has_own_blocks=False) == ()


@pytest.mark.parametrize("n_colours", [5, 61, 256])
def test_colours_are_counted(cat, n_colours):
    reduced = cat.quantize(n_colours, dither=Image.Dither.NONE).convert("RGB")
    expected = len(reduced.getcolors(1000))
    image = _reopened(reduced, "PNG")
    assert count_colours(image.rgb) == expected
    assert f"{expected} colours in all" in [reason.text for reason in find_reasons(image)]


def test_reasons_are_in_words_with_numbers(clean_cat):
    (only,) = find_reasons(_reopened(clean_cat, "PNG"))
    assert (only.code, only.against) == ("no_trace", False)
    laundered = _pixels(saved(clean_cat, "JPEG", quality=60)).crop((5, 3, *clean_cat.size))
    first = find_reasons(_reopened(laundered, "PNG"))[0]
    assert first.text.startswith("PNG, but carries an 8x8 grid shifted by (3, 5): an earlier JPEG of quality about ")
    assert first.text.endswith(", then cropped")
    assert first.against
    whole = _pixels(saved(clean_cat, "JPEG", quality=60))
    mirrored = find_reasons(_reopened(whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "PNG"))[0]
    assert mirrored.text.endswith(", then turned, mirrored or cropped")
    texts = [reason.text for reason in find_reasons(_reopened(clean_cat, "JPEG", quality=70, subsampling="4:2:0"))]
    assert texts == ["saved as JPEG of quality 70, 4:2:0"]
    texts = [reason.text for reason in find_reasons(_reopened(clean_cat, "WEBP", quality=70))]
    assert texts[-1] == "saved as WEBP with loss"


@pytest.mark.parametrize("size", [(8, 8), (9, 40), (200, 8), (15, 15)])
def test_small_and_flat_pictures_have_reasons_too(size):
    assert find_reasons(_reopened(Image.new("RGB", size, "red"), "PNG"))
    noise = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    assert find_reasons(_reopened(Image.fromarray(noise), "PNG"))


@pytest.mark.parametrize(("dither", "said"), [(Image.Dither.NONE, ""), (Image.Dither.FLOYDSTEINBERG, "error-diffusing")])
def test_the_dither_of_a_palette_is_named(dither, said):
    picture = Image.open(ROOT / "samples/cat/original.jpg").convert("RGB")
    few = picture.quantize(palette=picture.quantize(16), dither=dither).convert("RGB")
    texts = [reason.text for reason in find_reasons(decode(saved(few, "PNG"))) if reason.code == "few_colours"]
    assert texts
    assert ("dither" in texts[0]) == bool(said)
    assert said in texts[0]


def test_grain_in_a_picture_of_few_colours_is_no_dither(cat):
    grain = np.random.default_rng(1).normal(0, 8, (cat.height, cat.width, 1))
    grainy = Image.fromarray(np.clip(np.asarray(cat) + grain, 0, 255).astype(np.uint8))
    few = grainy.quantize(8)
    assert find_dither(np.asarray(few.convert("RGB"))) is None
    dithered = grainy.quantize(palette=few, dither=Image.Dither.FLOYDSTEINBERG)
    assert find_dither(np.asarray(dithered.convert("RGB"))) == "error diffusion"


def test_an_ordered_dither_is_told_from_error_diffusion():
    picture = np.asarray(Image.open(ROOT / "samples/cat/original.jpg").convert("L"))[:200, :320] / 255
    thresholds = np.tile(np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16 + 1 / 32, (50, 80))
    black_and_white = Image.fromarray(((picture > thresholds) * 255).astype(np.uint8))
    texts = [reason.text for reason in find_reasons(decode(saved(black_and_white, "PNG"))) if reason.code == "few_colours"]
    assert texts == ["2 colours in all, with the pattern of an ordered dither"]


def test_a_score_carries_its_reasons_where_asked(scorer):
    data = (ROOT / "samples/cat/laundered.png").read_bytes()
    plain, explained = scorer.score(data), scorer.score(data, with_reasons=True)
    assert plain.reasons is None
    assert [reason.code for reason in explained.reasons] == ["earlier_jpeg"]
    assert explained.generation_loss == plain.generation_loss
