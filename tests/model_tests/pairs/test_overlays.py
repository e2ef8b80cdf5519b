"""What is drawn over a picture, or hidden in it, is found on its own side: the other picture is the clean one."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from genloss.model.pairs.content import Content, compare_content
from genloss.model.pairs.laying import Sides, lay
from tests.fixtures import ROOT

FONT = str(ROOT / "datagen/fonts/DejaVuSans-Bold-ASCII.ttf")


@pytest.fixture(scope="module")
def cat():
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        return opened.convert("RGB")


def _circled(picture):
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    draw.ellipse((100, 70, 230, 160), outline=(235, 20, 30), width=4)
    draw.line((20, 250, 110, 150), (235, 20, 30), 4)
    return made


def _marked_all_over(picture):
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(layer), ImageFont.truetype(FONT, picture.width // 16)
    for y in range(10, picture.height, 70):
        for x in range(0, picture.width, 120):
            draw.text((x, y), "SAMPLE", (255, 255, 255, 80), font)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _pixelated(picture):
    made = picture.copy()
    box = 130, 60, 210, 140
    made.paste(picture.crop(box).resize((8, 8), Image.Resampling.BOX).resize((80, 80), Image.Resampling.NEAREST), box)
    return made


def _blurred_in_one_place(picture):
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).ellipse((120, 50, 220, 150), 255)
    return Image.composite(picture.filter(ImageFilter.GaussianBlur(7)), picture, mask)


@pytest.mark.parametrize("edit", [_circled, _marked_all_over, _pixelated, _blurred_in_one_place])
def test_the_edited_copy_is_the_one_with_something_over_it(cat, edit):
    sides = [Sides(np.asarray(picture.convert("L"))) for picture in (cat, edit(cat))]
    assert compare_content(lay(*sides)) is Content.OVER_SECOND
    assert compare_content(lay(*sides[::-1])) is Content.OVER_FIRST


def test_a_line_over_busy_ground_is_found_by_its_one_level():
    random = np.random.default_rng(4)
    ground = sum(np.kron(random.normal(0, 34, (300 // side, 420 // side)), np.ones((side, side))) for side in (4, 12, 30))
    ground = Image.fromarray((ground + 120).clip(0, 255).astype(np.uint8)).convert("RGB")
    sides = [Sides(np.asarray(picture.convert("L"))) for picture in (ground, _circled(ground))]
    assert compare_content(lay(*sides)) is Content.OVER_SECOND


def test_two_copies_with_something_else_over_each_are_alternates(cat):
    other = _circled(cat.transpose(Image.Transpose.ROTATE_180)).transpose(Image.Transpose.ROTATE_180)
    sides = [Sides(np.asarray(picture.convert("L"))) for picture in (_circled(cat), other)]
    assert compare_content(lay(*sides)) is Content.ALTERNATE


def test_a_vignette_makes_no_alternate(cat):
    y, x = np.mgrid[-1 : 1 : cat.height * 1j, -1 : 1 : cat.width * 1j]
    light = np.asarray(cat.convert("L"), np.float32) * 0.7 + 70
    dark = (light * (1 - 0.25 * (x**2 + y**2))).astype(np.uint8)
    assert np.corrcoef(light.ravel(), dark.ravel())[0, 1] < 0.85
    assert compare_content(lay(Sides(light.astype(np.uint8)), Sides(dark))) is Content.SAME
