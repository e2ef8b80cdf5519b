"""Nothing is said that is not true: traces that other histories leave as well, and losses that are none."""

import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from genloss.model.errors import ImageError
from genloss.model.explanations.detail import find_cut
from genloss.model.explanations.enlargement import find_enlargement
from genloss.model.explanations.reasons import find_reasons
from genloss.model.images.decode import decode
from genloss.model.images.facts import facts_vector, read_facts
from tests.fixtures import ROOT, saved

# 16x16 pixels of slopes, by libavif with the identity matrix and quantiser 0.
LOSSLESS_AVIF = base64.b64decode(
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAA"
    "AQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAsgAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAA"
    "FGlzcGUAAAAAAAAAEAAAABAAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBIAAAAAAAE2NvbHJuY2x4AAIAAgAAgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAA"
    "um1kYXQSAAoIOAz/+UCAgCQyowEQAADQl1Aup5Iy3A/difaJkKx5B7vWm5Y0j1C5qDhZzdTThWQ2CDEYK6jgef9CcsEgFKgkm+zGzkRfq+xmNBgxjsd0xDSf"
    "UPCcgNFIf92KedXnGMBINV/ajreYM4Fh5sZegnU2T1GFGZvVOvstbnhHF0sP61wfzyOGBjj3OtJLoY+GD/rTYZw9yxxxJzxno9h3aTQovLf/LVbvY4wiJTHS"
    "AhKA"
)


def _said(data: bytes) -> dict[str, tuple[str, bool]]:
    """Text and direction of every reason, by its code."""
    return {reason.code: (reason.text, reason.against) for reason in find_reasons(decode(data))}


def _reopened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.fixture(scope="module")
def parts() -> list[Image.Image]:
    """Six pictures of 288 to 513 pixels without a trace of compression or of enlarging."""
    cat = Image.open(ROOT / "samples/cat/original.jpg").convert("RGB")
    whole = [cat.resize((cat.width * 2 // 3, cat.height * 2 // 3), Image.Resampling.BICUBIC)]
    whole += [Image.open(ROOT / f"samples/{name}/original.png").convert("RGB") for name in ("drawing", "screenshot")]
    return [
        one.crop((left, top, left + one.width * 9 // 10, top + one.height * 9 // 10))
        for one in whole
        for left, top in ((0, 0), (9, 7))
    ]


@pytest.mark.parametrize("quality", [30, 50, 80])
@pytest.mark.parametrize("image_format", ["WEBP", "AVIF"])
def test_blocks_of_a_codec_are_no_enlargement(parts, image_format, quality):
    for part in parts:
        data = saved(part, image_format, quality=quality)
        for file in (data, saved(_reopened(data), "PNG"), saved(_reopened(data), "JPEG", quality=90)):
            assert "enlarged" not in _said(file)


@pytest.mark.parametrize("sample", ["cat", "drawing", "screenshot"])
def test_the_samples_that_were_never_enlarged_are_not_said_to_be(sample):
    for name in ("reposted.webp", "laundered.png", "palette.gif", "shrunk.png", "resaved_larger.jpg", "messenger.jpg"):
        assert "enlarged" not in _said((ROOT / "samples" / sample / name).read_bytes()), name


@pytest.mark.parametrize("resampling", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
def test_doubling_is_found_and_no_trace_does_not_speak_of_enlarging(parts, resampling):
    found = []
    for part in parts:
        said = _said(saved(part.resize((part.width * 2, part.height * 2), resampling), "PNG"))
        assert "enlarging" not in said.get("no_trace", ("",))[0]
        found.append("enlarged" in said)
        if "enlarged" in said:
            assert said["enlarged"] == ("pixels repeat with the period of an enlargement, about 2 times", True)
    assert sum(found) >= 3


def test_no_trace_names_only_what_would_have_been_found(clean_cat):
    text, against = _said(saved(clean_cat, "PNG"))["no_trace"]
    assert text.startswith("lossless PNG, and no trace of an earlier JPEG or of a palette (")
    assert "of 100 JPEGs" in text
    assert not against
    flat = Image.new("RGB", (300, 300), "white")
    flat.paste(clean_cat.crop((0, 0, 40, 40)), (80, 80))  # too little in it for a JPEG to leave a trace
    assert "JPEG" not in _said(saved(flat, "PNG"))["no_trace"][0]


def test_two_factors_that_read_the_same_are_said_once(parts):
    texts = []
    for factor in (1.96, 2.04):
        for part in parts:
            larger = part.resize((round(part.width * factor), round(part.height * factor)), Image.Resampling.BICUBIC)
            texts.append(_said(saved(larger, "PNG")).get("enlarged", ("",))[0])
    assert any(texts)
    assert not any("2 or 2 " in text for text in texts)


def test_avif_without_loss_is_told_apart(clean_cat):
    image = decode(LOSSLESS_AVIF)
    assert np.array_equal(image.rgb[:, :, 0], np.add.outer(np.arange(16) * 8, np.arange(16) * 4))
    assert read_facts(image).lossless
    assert not {"saved_with_loss", "enlarged"} & _said(LOSSLESS_AVIF).keys()
    lossy = saved(clean_cat, "AVIF", quality=80)
    assert not read_facts(decode(lossy)).lossless
    assert _said(lossy)["saved_with_loss"] == ("saved as AVIF with loss", True)
    # Lossless coding of Y, Cb and Cr still rounds colours: neither is said.
    assert "saved_with_loss" not in _said(saved(clean_cat, "AVIF", quality=100, subsampling="4:4:4"))


def test_what_the_header_says_of_an_avif_moves_no_feature():
    vector = facts_vector(decode(LOSSLESS_AVIF))
    assert vector[18:].tolist()[-5:-2] == [0.0, 0.0, 0.0]  # progressive, lossless WebP, palette


@pytest.mark.parametrize("at", range(0, len(LOSSLESS_AVIF), 7))
def test_a_damaged_avif_header_raises_nothing_of_its_own(at):
    data = bytearray(LOSSLESS_AVIF)
    data[at] ^= 0xFF
    try:
        image = decode(bytes(data))
    except ImageError:
        return
    assert image.lossless in (True, False, None)


def test_a_tiff_that_holds_a_jpeg_is_not_lossless(clean_cat):
    assert _said(saved(clean_cat, "TIFF", compression="jpeg"))["saved_with_loss"] == ("saved as TIFF with loss", True)
    assert "saved_with_loss" not in _said(saved(clean_cat, "TIFF", compression="tiff_lzw"))


def test_a_lossless_webp_behind_a_large_profile_is_lossless(clean_cat):
    data = saved(clean_cat, "WEBP", lossless=True, icc_profile=bytes(5000))
    assert "saved_with_loss" not in _said(data)


def test_a_grey_picture_has_no_palette(parts):
    for part in parts[:2]:
        for picture in (part.convert("L"), part.convert("L").convert("RGB")):
            assert "few_colours" not in _said(saved(picture, "PNG"))
        assert "few_colours" not in _said(saved(part.convert("L"), "JPEG", quality=90))


def test_few_colours_of_a_drawing_are_no_loss():
    screen = Image.new("RGB", (400, 300), "white")
    canvas = ImageDraw.Draw(screen)
    canvas.fontmode = "1"  # no smooth edges
    for step, colour in enumerate(("navy", "red", "teal", "gold", "black")):
        canvas.rectangle((20 + 60 * step, 30, 60 + 60 * step, 250), outline=colour, width=3)
        canvas.text((20, 40 + 30 * step), "The quick brown fox jumps over the lazy dog", fill=colour)
    for image_format in ("PNG", "GIF"):
        text, against = _said(saved(screen, image_format))["few_colours"]
        assert text.endswith("colours in all")
        assert not against


@pytest.mark.parametrize("n_colours", [64, 256])
def test_few_colours_of_a_photograph_are_a_loss(cat, n_colours):
    smaller = cat.resize((300, 200), Image.Resampling.BICUBIC)
    for image_format in ("PNG", "GIF"):
        assert _said(saved(smaller.quantize(n_colours).convert("RGB").quantize(256), image_format))["few_colours"][1]


@pytest.mark.parametrize("quality", [75, 88, 92, 95])
def test_a_smooth_jpeg_that_was_saved_once_has_no_earlier_one(parts, quality):
    for part in parts:
        small = part.resize((part.width // 6, part.height // 6), Image.Resampling.BICUBIC)
        enlarged = small.resize((small.width * 8, small.height * 8), Image.Resampling.BICUBIC)
        for smooth in (enlarged, part.filter(ImageFilter.GaussianBlur(5))):
            for sampling in ("4:4:4", "4:2:0"):
                data = saved(smooth, "JPEG", quality=quality, subsampling=sampling)
                assert not {"earlier_jpeg", "saved_before"} & _said(data).keys()


@pytest.mark.parametrize("quality", [30, 40, 50, 60])
def test_a_coarse_jpeg_that_was_saved_once_has_no_earlier_one(parts, quality):
    for part in parts:
        assert not {"earlier_jpeg", "saved_before"} & _said(saved(part, "JPEG", quality=quality)).keys()


def test_missing_detail_is_not_blamed_on_enlarging_where_a_codec_removed_it(parts):
    for part in parts:
        for image_format in ("WEBP", "AVIF", "JPEG"):
            data = saved(part, image_format, quality=20)
            assert not {"no_fine_detail", "enlarged"} & _said(data).keys()
            assert not {"no_fine_detail", "enlarged"} & _said(saved(_reopened(data), "PNG")).keys()


def test_a_soft_picture_in_a_lossy_file_is_not_said_to_be_enlarged():
    """Noise whose power falls with frequency as in a photograph that is slightly out of focus."""
    side = 384
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    frequency[0, 0] = 1.0
    noise = np.fft.fft2(np.random.default_rng(1).normal(size=(side, side)))
    values = np.real(np.fft.ifft2(noise * frequency**-1.8))
    values = 128 + 50 * (values - values.mean()) / values.std()
    picture = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).convert("RGB")
    assert "no_fine_detail" not in _said(saved(picture, "PNG"))
    for quality in (30, 50, 70):
        data = saved(picture, "AVIF", quality=quality)
        assert "no_fine_detail" not in _said(data)
        again = _said(saved(_reopened(data), "PNG")).get("no_fine_detail")
        assert again is None or "saved with loss before" in again[0]


def test_noise_and_flat_planes_have_no_traces():
    for plane in (np.zeros((120, 120), np.uint8), np.random.default_rng(2).integers(0, 256, (128, 160), dtype=np.uint8)):
        assert find_enlargement(plane, has_own_blocks=False) == ()
        assert find_cut(plane) is None


def test_a_jpeg_whose_last_scan_ends_early_is_said_to_be_damaged(cat):
    whole = saved(cat, "JPEG", quality=85, progressive=True)
    cut = whole[: len(whole) * 96 // 100] + b"\xff\xd9"
    text, against = _said(cut)["image_damaged"]
    assert text.startswith("the JPEG data is damaged from")
    assert text.endswith("of its height on: the decoder had to make up pixels")
    assert against
    assert next(iter(_said(cut))) == "image_damaged"
    for harmless in (
        whole,
        whole + b"appended",
        saved(cat, "JPEG", quality=85),
        whole[:-2] + b"\0\0\0\xff\xd9",
    ):
        assert "image_damaged" not in _said(harmless)


def test_overwritten_jpeg_data_is_said_to_be_damaged_where_it_shows(cat):
    found = 0
    for options in ({}, {"progressive": True}):
        whole = saved(cat, "JPEG", quality=85, **options)
        generator = np.random.default_rng(4)
        for at in generator.integers(len(whole) // 3, len(whole) - 40, size=20):
            data = whole[:at] + generator.integers(0, 255, 24, dtype=np.uint8).tobytes() + whole[at + 24 :]
            try:
                said = _said(data)
            except ImageError:
                continue
            found += "image_damaged" in said
            assert not {"image_damaged", "saved_before"} <= said.keys()  # wrong values are uneven as after two saves
    assert found >= 16
