"""Versions show the same picture, also lettered or dithered; two moments, pages or captions of one template do not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from genloss.model.images.fingerprint import take_thumbnail
from genloss.model.pairs.content import Content, compare_content
from genloss.model.pairs.findings import Apart, Finding, find
from genloss.model.pairs.laying import Sides, lay
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.registration import register
from genloss.model.pairs.same_picture import show_same_picture
from genloss.model.pairs.surroundings import Around
from genloss.model.pairs.two_frames import find_in_frames
from genloss.model.scoring.framed import may_be_framed
from tests.fixtures import ROOT, saved

FONT = str(ROOT / "datagen/fonts/DejaVuSans-Bold-ASCII.ttf")


def _lettered(picture, words, at_bottom=True):
    made = picture.copy()
    place = made.width / 2, made.height * (0.95 if at_bottom else 0.05)
    font = ImageFont.truetype(FONT, made.width // 14)
    ImageDraw.Draw(made).text(place, words, "white", font, "mb" if at_bottom else "mt", stroke_width=2, stroke_fill="black")
    return made


def _stickered(picture):
    made = picture.copy()
    ImageDraw.Draw(made).ellipse((200, 120, 280, 200), "gold", "black", 2)
    return made


def _watermarked(picture):
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    font = ImageFont.truetype(FONT, picture.width // 9)
    ImageDraw.Draw(layer).text((picture.width / 2, picture.height / 2), "(c) someone", (255, 255, 255, 110), font, "mm")
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _later(picture):
    """The camera moved a little, and something in the picture more."""
    made = picture.copy()
    mask = Image.new("L", (90, 90), 0)
    ImageDraw.Draw(mask).ellipse((4, 4, 86, 86), 255)
    made.paste(picture.crop((60, 60, 150, 150)), (170, 110), mask.filter(ImageFilter.GaussianBlur(3)))
    return made.crop((6, 4, made.width, made.height))


def _page(number):
    page = Image.new("RGB", (420, 560), "white")
    random, font = np.random.default_rng(number), ImageFont.truetype(FONT, 13)
    ImageDraw.Draw(page).text((40, 20), "One heading of all pages", "black", ImageFont.truetype(FONT, 18))
    for row in range(22):
        words = " ".join("".join(random.choice(list("abcdefghilmnoprstu"), 5)) for _ in range(7))
        ImageDraw.Draw(page).text((40, 60 + 21 * row), words, "black", font)
    return page


def _on_a_phone(picture):
    screen = Image.new("RGB", (540, 1170), "black")
    shown = picture.resize((540, round(540 * picture.height / picture.width)))
    screen.paste(shown, (0, 400))
    ImageDraw.Draw(screen).text((24, 14), "12:31", "white", ImageFont.truetype(FONT, 22))
    return screen


def _in_a_window(picture):
    window = Image.new("RGB", (1280, 800), "white")
    draw, font = ImageDraw.Draw(window), ImageFont.truetype(FONT, 20)
    draw.rectangle((0, 0, 1280, 84), "#dee1e6")
    window.paste(picture.resize((760, round(760 * picture.height / picture.width))), (60, 160))
    for row in range(10):
        draw.text((880, 170 + 34 * row), "words beside the picture", "#555555", font)
    return window


def _same(first, second):
    planes = [VersionPlanes.read(saved(picture, "JPEG", quality=85)) for picture in (first, second)]
    ways = [show_same_picture(*pair, register(*pair)) for pair in (planes, planes[::-1])]
    assert ways[0] is ways[1]
    return ways[0]


@pytest.mark.parametrize(
    "change",
    [
        _stickered, _watermarked, _on_a_phone,
        lambda picture: _lettered(picture, "MONDAY AGAIN"),
        lambda picture: picture.convert("1").convert("RGB"),
        lambda picture: picture.crop((50, 40, 330, 250)).transpose(Image.Transpose.ROTATE_90),
        lambda picture: picture.resize((picture.width // 4, picture.height // 4)),
    ],
)  # fmt: skip
def test_a_version_shows_the_same_picture(cat, change):
    assert _same(cat, change(cat))


@pytest.mark.parametrize(
    "pair",
    [
        lambda cat: (
            _lettered(_lettered(cat, "MONDAY AGAIN"), "OH NO", False),
            _lettered(_lettered(cat, "SEND TEA"), "NOW", False),
        ),
        lambda cat: (cat, _later(cat)),
        lambda cat: (_page(1), _page(2)),
        lambda cat: (cat, _page(1)),
    ],
)
def test_two_moments_pages_or_captions_are_not_the_same_picture(cat, pair):
    assert not _same(*pair(cat))


def test_the_picture_that_was_lettered_is_named(cat):
    clean, lettered = (
        Sides(VersionPlanes.read(saved(picture, "PNG")).luma) for picture in (cat, _lettered(cat, "MONDAY AGAIN"))
    )
    assert compare_content(lay(clean, lettered)) is Content.OVER_SECOND
    assert compare_content(lay(lettered, clean)) is Content.OVER_FIRST


def test_a_sticker_on_a_busy_picture_is_drawn_on_it(cat):
    """Its outline has edges all around, which the picture has, too; but inside it is flat."""
    squares = np.random.default_rng(4).integers(0, 2, (25, 34), np.uint8) * 255
    busy = Image.fromarray(squares).resize((480, 360), Image.Resampling.NEAREST).convert("RGB")
    busy = Image.blend(busy, cat.convert("RGB").resize(busy.size), 0.3)
    stuck = busy.copy()
    ImageDraw.Draw(stuck).ellipse((150, 90, 250, 190), "gold", "black", 2)
    planes = [Sides(VersionPlanes.read(saved(picture, "PNG")).luma) for picture in (busy, stuck)]
    assert compare_content(lay(*planes)) is Content.OVER_SECOND
    assert compare_content(lay(*planes[::-1])) is Content.OVER_FIRST


def _framed(picture, colour, x, y):
    made = Image.new("RGB", (picture.width + 2 * x, picture.height + 2 * y), colour)
    made.paste(picture, (x, y))
    return made


def _wall(seed):
    """Soft shades and no edge."""
    shades = np.random.default_rng(seed).integers(120, 150, (3, 4), np.uint8)
    return Image.fromarray(shades).resize((320, 240), Image.Resampling.BICUBIC).convert("RGB")


def test_one_picture_in_two_frames_is_the_same_picture(cat):
    one, other = _framed(cat, "white", 30, 30), _framed(cat, "black", 0, 60)
    assert _same(one, other)
    thumbnails = [take_thumbnail(VersionPlanes.read(saved(picture, "PNG")).luma) for picture in (one, other)]
    assert may_be_framed(*thumbnails)


def test_walls_in_one_frame_are_told_apart_by_their_shades():
    first, second = (_framed(_wall(seed), "black", 24, 24) for seed in (1, 2))
    assert _same(first, first.resize((180, 140)))
    assert not _same(first, second)


def test_one_picture_on_screens_of_two_kinds_is_found_and_nothing_of_them_is_measured(cat):
    versions = [VersionPlanes.read(saved(screen, "JPEG", quality=85)) for screen in (_on_a_phone(cat), _in_a_window(cat))]
    found = find(*versions)
    assert isinstance(found, Finding)
    assert (found.comparison.forwards, found.comparison.backwards, found.made) == (None, None, None)
    placement = found.comparison.registration.placement
    assert placement.scale_x == pytest.approx(760 / 540, rel=0.01)
    framed = find_in_frames(*(Sides(version) for version in versions))
    assert {*framed.arounds} <= {Around.FRAME, Around.SCREEN}


@pytest.mark.parametrize("frames", [(_on_a_phone, _in_a_window), (_on_a_phone, _on_a_phone), (_in_a_window, _in_a_window)])
def test_two_pictures_on_screens_are_apart(cat, frames):
    other = Image.open(ROOT / "samples/drawing/original.png").convert("RGB").resize(cat.size)
    screens = [frame(picture) for frame, picture in zip(frames, (cat, other), strict=True)]
    versions = [VersionPlanes.read(saved(screen, "JPEG", quality=85)) for screen in screens]
    assert find(*versions) == Apart()
