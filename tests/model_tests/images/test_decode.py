"""Any supported file becomes the right pixels; anything else one typed error."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from genloss.model import errors
from genloss.model.images import turbojpeg
from genloss.model.images.decode import decode
from genloss.model.images.pixels import StoredPixels, StoredPlanes
from tests.fixtures import saved

needs_turbojpeg = pytest.mark.skipif(
    not turbojpeg.installed(), reason="the system has no libturbojpeg; then JPEGs are decoded in another way"
)


@pytest.mark.parametrize("image_format", ["PNG", "BMP", "TIFF"])
def test_lossless_containers_give_the_same_pixels(noise, image_format):
    assert np.array_equal(decode(saved(noise, image_format)).rgb, np.asarray(noise))


def test_lossless_webp_and_its_flag(noise):
    image = decode(saved(noise, "WEBP", lossless=True))
    assert np.array_equal(image.rgb, np.asarray(noise))
    assert image.lossless_webp
    assert not decode(saved(noise, "WEBP", quality=80)).lossless_webp


@pytest.mark.parametrize("image_format", ["JPEG", "GIF", "WEBP", "AVIF"])
def test_lossy_containers_stay_close(cat, image_format):
    image = decode(saved(cat, image_format, quality=90))
    assert image.image_format == image_format.lower()
    assert np.abs(image.rgb.astype(int) - np.asarray(cat)).mean() < 12


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {}), ("RGB", {"progressive": True, "subsampling": 0}), ("RGB", {"subsampling": "4:2:2"}), ("L", {}),
        ("RGB", {"subsampling": "4:1:1"}), ("RGB", {"keep_rgb": True}), ("RGB", {"comment": b"\xff\xe0", "dpi": (72, 72)}),
    ],
)  # fmt: skip
def test_jpegs_have_pillows_pixels_and_luma_as_stored(cat, mode, options):
    data = saved(cat.convert(mode), "JPEG", quality=80, **options)
    image = decode(data)
    with Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(image.rgb, np.asarray(opened.convert("RGB")))
    with Image.open(io.BytesIO(data)) as opened:
        opened.draft("L", opened.size)
        assert np.array_equal(image.luma, np.asarray(opened))
    _has_its_colours_everywhere(image)


def _without_turbojpeg(monkeypatch):
    monkeypatch.setattr("genloss.model.images.jpeg_reading.decode_planes", lambda data: None)


def _has_its_colours_everywhere(image):
    height, width = image.luma.shape
    colours = np.moveaxis(image.rgb, -1, 0)
    assert np.array_equal(image.pixels.at(np.arange(height * width)).reshape(colours.shape), colours)
    places = [0, min(2, height - 16), height - 16], [width - 16, min(4, width - 16), 0]
    top, left = (np.array(one) // 2 * 2 for one in places)
    squares = [colours[:, y : y + 16, x : x + 16] for y, x in zip(top, left, strict=True)]
    assert np.array_equal(image.pixels.squares(top, left, 16), np.stack(squares, axis=1))


@needs_turbojpeg
@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("size", [(96, 64), (97, 65), (33, 16), (16, 47)])
def test_of_a_jpeg_the_same_comes_out_with_and_without_scaling_up_its_chroma(cat, monkeypatch, sampling, size):
    data = saved(cat.resize(size), "JPEG", quality=85, subsampling=sampling)
    planes = decode(data)
    with pytest.raises(errors.ImageTruncatedError):
        decode(data[:-40])
    _without_turbojpeg(monkeypatch)
    scaled = decode(data)
    assert type(planes.pixels) is StoredPlanes
    assert type(scaled.pixels) is StoredPixels
    assert np.array_equal(planes.luma, scaled.luma)
    assert np.array_equal(planes.rgb, scaled.rgb)
    _has_its_colours_everywhere(planes)
    _has_its_colours_everywhere(scaled)


def _outcome(data):
    """The code of the error, or luma and colours."""
    try:
        image = decode(data)
    except errors.ImageError as error:
        return error.code
    return image.luma.tobytes() + image.pixels.at(np.arange(image.luma.size)).tobytes()


@needs_turbojpeg
@pytest.mark.parametrize("options", [{"subsampling": 2}, {"subsampling": 1, "progressive": True}, {"subsampling": 0}], ids=str)
def test_damaged_jpegs_end_the_same_with_and_without_turbojpeg(cat, monkeypatch, options):
    whole = saved(cat.resize((97, 65)), "JPEG", quality=80, **options)
    generator = np.random.default_rng(1683)
    damaged = [whole[: generator.integers(2, len(whole))] for _ in range(40)]
    for _ in range(120):
        changed = bytearray(whole)
        for place in generator.integers(2, len(whole), size=generator.integers(1, 4)):
            changed[place] = generator.integers(256)
        damaged.append(bytes(changed))
    usual = [_outcome(data) for data in damaged]
    _without_turbojpeg(monkeypatch)
    assert [_outcome(data) for data in damaged] == usual
    assert {type(one) for one in usual} == {str, bytes}


@pytest.mark.parametrize("route", [StoredPlanes, StoredPixels])
def test_every_colour_a_jpeg_may_store_becomes_libjpegs(monkeypatch, route):
    """Of 4096 blocks of one colour each, many outside of RGB, which are clipped."""
    values = np.linspace(0, 255, 16).astype(np.uint8)
    stored = np.stack(np.meshgrid(values, values, values), axis=-1).reshape(64, 64, 3).repeat(8, axis=0).repeat(8, axis=1)
    stream = io.BytesIO()
    Image.fromarray(stored, "YCbCr").save(stream, "JPEG", quality=100, subsampling=0)
    if route is StoredPixels or not turbojpeg.installed():
        _without_turbojpeg(monkeypatch)
    image = decode(stream.getvalue())
    assert type(image.pixels) is (route if turbojpeg.installed() else StoredPixels)
    _has_its_colours_everywhere(image)
    assert np.abs(image.luma.astype(int) - stored[..., 0]).max() <= 1


@pytest.mark.parametrize("change", [(b"JFIF\0\x01", b"JFIF\0\x02"), (b"JFIF\0", b"JPIF\0"), (b"\xff\xdb", b"\xff\xff\xdb")])
def test_a_jpeg_with_odd_segments_has_the_same_pixels(cat, change):
    data = saved(cat, "JPEG", quality=80)
    assert change[0] in data
    odd, plain = decode(data.replace(*change, 1)), decode(data)
    assert np.array_equal(odd.rgb, plain.rgb)
    assert np.abs(odd.luma.astype(int) - plain.luma).mean() < 0.5  # by way of RGB, which clips, where libjpeg complains


def test_alpha_is_laid_over_white():
    layer = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    layer.putpixel((0, 0), (255, 0, 0, 128))
    rgb = decode(saved(layer, "PNG")).rgb
    assert tuple(rgb[4, 4]) == (255, 255, 255)
    assert tuple(rgb[0, 0]) == pytest.approx((255, 127, 127), abs=1)


def test_transparent_palette_entry_becomes_white(noise):
    palette = noise.quantize(16)
    index = palette.getpixel((3, 3))
    data = saved(palette, "PNG", transparency=index)
    assert tuple(decode(data).rgb[3, 3]) == (255, 255, 255)


def test_grey_sixteen_bit_keeps_its_upper_byte():
    values = np.linspace(0, 65535, 64 * 8).reshape(8, 64).astype(np.uint16)
    rgb = decode(saved(Image.fromarray(values), "PNG")).rgb
    assert np.array_equal(rgb[..., 0], values >> 8)
    assert np.array_equal(rgb[..., 0], rgb[..., 2])


def test_floating_point_tiff_of_unit_range_is_scaled():
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    assert np.array_equal(decode(saved(Image.fromarray(values), "TIFF")).rgb[..., 1], np.rint(values * 255))


def test_cmyk_jpeg_becomes_rgb():
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    assert decode(saved(red, "JPEG", quality=95)).rgb[8, 8] == pytest.approx((255, 0, 0), abs=4)


def test_first_frame_of_an_animation(noise):
    second = Image.new("RGB", noise.size, "blue")
    image = decode(saved(noise, "WEBP", lossless=True, save_all=True, append_images=[second]))
    assert image.n_frames == 2
    assert np.array_equal(image.rgb, np.asarray(noise))


def test_exif_orientation_is_reported_but_moves_no_pixel(noise):
    exif = Image.Exif()
    exif[0x0112] = 6
    plain, turned = decode(saved(noise, "JPEG")), decode(saved(noise, "JPEG", exif=exif))
    assert (plain.orientation, turned.orientation) == (1, 6)
    assert np.array_equal(plain.rgb, turned.rgb)


def test_the_name_of_the_format_comes_from_the_bytes(noise):
    assert decode(saved(noise, "PNG")).image_format == "png"


def _png_header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0" + b"\0" * 40


@pytest.mark.parametrize(
    ("data", "error", "code"),
    [
        (b"", errors.FileEmptyError, "file_empty"),
        (b"just some text, not a picture at all", errors.UnsupportedFormatError, "unsupported_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", errors.UnsupportedFormatError, "unsupported_format"),
        (_png_header(60000, 60000), errors.ImageTooLargeError, "image_too_large"),
        (_png_header(1, 1), errors.ImageTooSmallError, "image_too_small"),
        (b"\xff\xd8\xff\xe0\0\x02" + b"\xff\xda\0\x02" * 300, errors.TooComplexError, "too_complex"),
    ],
)
def test_each_kind_of_bad_file_has_its_own_code(data, error, code):
    with pytest.raises(error) as caught:
        decode(data)
    assert caught.value.code == code


@pytest.mark.parametrize("size", [(7, 100), (100, 7), (1, 1)])
def test_pictures_without_a_whole_block_are_too_small(size):
    with pytest.raises(errors.ImageTooSmallError, match="at least 8"):
        decode(saved(Image.new("RGB", size), "PNG"))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF", "TIFF"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_cut_off_files_never_decode(cat, image_format, share):
    data = saved(cat, image_format)
    with pytest.raises(errors.ImageError):
        decode(data[: int(len(data) * share)])


def test_a_jpeg_cut_in_half_is_called_truncated(cat):
    data = saved(cat, "JPEG")
    with pytest.raises(errors.ImageTruncatedError):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF", "TIFF"])
def test_flipped_bits_give_a_picture_or_a_typed_error(noise, image_format):
    original = saved(noise, image_format)
    generator = np.random.default_rng(7)
    n_decoded = 0
    for _ in range(60):
        data = bytearray(original)
        for position in generator.integers(0, len(data), size=4):
            data[position] ^= 1 << int(generator.integers(8))
        try:
            image = decode(bytes(data), max_pixels=1_000_000)
        except errors.ImageError:
            continue
        assert image.rgb.dtype == np.uint8
        assert image.rgb.shape[2] == 3
        n_decoded += 1
    assert (n_decoded > 0) == (image_format != "PNG")  # whose parts have checksums


def test_alpha_over_white_and_luma_are_pillows():
    level, alpha = np.meshgrid(np.arange(256), np.arange(256))
    layer = Image.fromarray(np.stack([level, level[::-1], 7 * level % 256, alpha], axis=-1).astype(np.uint8))
    expected = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    image = decode(saved(layer, "PNG"))
    assert np.array_equal(image.rgb, np.asarray(expected))
    assert np.array_equal(image.luma, np.asarray(expected.convert("L")))


@pytest.mark.parametrize("n_more", [0, 3])
@pytest.mark.parametrize("end", [b"", b"\0", b"a comment behind the end"])
def test_frames_of_a_gif_are_counted(cat, n_more, end):
    more = [cat.rotate(90 * turn) for turn in range(1, n_more + 1)]
    assert decode(saved(cat, "GIF", save_all=True, append_images=more) + end).n_frames == 1 + n_more
