"""Symmetric pictures lie on their versions upright, not turned; what was really turned is still found."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genloss.model.images.decode import decode
from genloss.model.pairs.laying import Sides, lay
from genloss.model.pairs.placement import turn_plane
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.poses import SIMPLEST_FIRST, simpler_placements
from genloss.model.pairs.registration import register
from tests.fixtures import saved

SIDE_PX = 160
_DARK_FIELDS = [(x, y) for x in range(0, SIDE_PX, 20) for y in range(0, SIDE_PX, 20) if (x + y) // 20 % 2]


def _rings(draw):
    for number, radius in enumerate(range(70, 10, -11)):
        colour = "#204a87" if number % 2 else "#fcaf3e"
        draw.ellipse((80 - radius, 80 - radius, 80 + radius, 80 + radius), fill=colour)


def _sign(draw):
    draw.rectangle((16, 64, 144, 96), fill="#3465a4")
    draw.ellipse((48, 48, 112, 112), outline="#a40000", width=6)


def _triangle(draw):
    draw.polygon([(80, 16), (144, 144), (16, 144)], fill="#f57900")
    draw.ellipse((67, 80, 93, 106), fill="black")


def _drawn(draw_on):
    made = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    draw_on(ImageDraw.Draw(made))
    return made


def _captioned(picture):
    made = picture.copy()
    ImageDraw.Draw(made).text((16, 128), "hello world", "black", stroke_width=2, stroke_fill="white", font_size=20)
    return made


def _turned(picture, turn):
    return Image.fromarray(np.ascontiguousarray(turn_plane(np.asarray(picture), turn)))


@pytest.mark.parametrize("draw_on", [_rings, _sign, _triangle])
def test_a_cut_of_a_symmetric_picture_is_upright(draw_on):
    picture = _drawn(draw_on)
    versions = [VersionPlanes.read(saved(one, "PNG")) for one in (picture, picture.crop((7, 4, SIDE_PX, SIDE_PX)))]
    for first, second, shift in ((*versions, (-4, -7)), (*versions[::-1], (4, 7))):
        found = register(first, second)
        assert found.placement.turn == 0
        assert (found.placement.shift_y_px, found.placement.shift_x_px) == pytest.approx(shift, abs=0.6)


def test_a_cut_of_a_repeating_pattern_is_upright():
    board = _drawn(lambda draw: [draw.rectangle((x, y, x + 19, y + 19), "#333") for x, y in _DARK_FIELDS])
    small = board.crop((26, 0, SIDE_PX, SIDE_PX)).resize((80, 96), Image.Resampling.BICUBIC)
    versions = [VersionPlanes.read(data) for data in (saved(board, "PNG"), saved(small, "JPEG", quality=75))]
    for found in (register(*versions), register(*versions[::-1])):
        assert found.placement.turn == 0
        assert found.likeness > 0.99


@pytest.mark.parametrize("draw_on", [_rings, _sign, _triangle])
def test_a_caption_on_a_symmetric_picture_does_not_turn_it(draw_on):
    picture = _drawn(draw_on)
    small = _captioned(picture).resize((96, 96), Image.Resampling.LANCZOS)
    sides = [Sides(decode(data).luma) for data in (saved(picture, "PNG"), saved(small, "JPEG", quality=70))]
    assert lay(*sides).placement.turn == lay(*sides[::-1]).placement.turn == 0


@pytest.mark.parametrize("turn", [2, 4, 5])
def test_what_breaks_the_symmetry_tells_the_turn(turn):
    picture = _captioned(_drawn(_rings))
    small = _turned(picture, turn).resize((120, 120), Image.Resampling.LANCZOS)
    data = saved(picture, "PNG"), saved(small, "JPEG", quality=60)
    assert register(*map(VersionPlanes.read, data)).placement.turn == turn
    assert lay(*(Sides(decode(one).luma) for one in data)).placement.turn == turn


def test_among_equal_turns_the_simplest_is_named():
    picture = _drawn(_triangle)  # symmetric left to right: upside down is turned by 180 degrees as well
    small = _turned(picture, 6).resize((120, 120), Image.Resampling.LANCZOS)
    found = register(*(VersionPlanes.read(saved(one, "PNG")) for one in (picture, small)))
    assert found.placement.turn == 2


def test_simpler_placements_show_the_same_of_a_symmetric_picture(cat):
    turned = cat.crop((40, 30, 400, 280)).transpose(Image.Transpose.ROTATE_180)
    placement = register(*(VersionPlanes.read(saved(one, "PNG")) for one in (cat, turned))).placement
    first, second = simpler_placements(placement)
    assert first.turn == second.turn == SIMPLEST_FIRST[0]
    assert first.corners == pytest.approx(placement.corners)
    assert second.inverse.corners == pytest.approx(placement.inverse.corners)
