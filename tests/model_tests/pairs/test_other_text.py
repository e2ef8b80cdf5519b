"""`rank` tells pages apart that differ in a number or word, and goes on to compare copies with marks on them."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from genloss.model.pairs.findings import Apart, find
from genloss.model.pairs.planes import VersionPlanes
from tests.fixtures import ROOT, saved

FONT = str(ROOT / "datagen/fonts/DejaVuSans-Bold-ASCII.ttf")
NUMBER = 300, 520  # where a page's number stands


def _page(number="37", word="seven red apples"):
    page = Image.new("RGB", (420, 560), "white")
    random, font = np.random.default_rng(3), ImageFont.truetype(FONT, 13)
    draw = ImageDraw.Draw(page)
    for row in range(20):
        words = ["".join(random.choice(list("abcdefghilmnoprstu"), 5)) for _ in range(6)]
        draw.text((40, 40 + 22 * row), " ".join(words), "black", font)
    draw.text((40, 480), word, "black", font)
    draw.text(NUMBER, number, "black", font)
    return page


def _struck_out(page):
    ImageDraw.Draw(page).line((40, 136, 200, 137), (200, 20, 20), 2)
    return page


def _stuck_on(page):
    ImageDraw.Draw(page).ellipse((120, 150, 150, 180), "gold", "black", 2)
    return page


def _blackened(page):
    ImageDraw.Draw(page).rectangle((*NUMBER, NUMBER[0] + 24, NUMBER[1] + 16), "black")
    return page


def _pointed_at(page):
    outline = ((0, 0), (0, 17), (4, 13), (7, 19), (9, 18), (7, 12), (12, 12))
    ImageDraw.Draw(page).polygon([(NUMBER[0] + x, NUMBER[1] + y - 4) for x, y in outline], "white", "black")
    return page


def _screen(time):
    screen = Image.new("RGB", (540, 1170), "white")
    tiles = np.random.default_rng(5).integers(0, 256, (20, 27, 3), np.uint8)
    screen.paste(Image.fromarray(tiles).resize((540, 400), Image.Resampling.NEAREST), (0, 400))
    ImageDraw.Draw(screen).text((24, 60), time, "black", ImageFont.truetype(FONT, 22))
    return screen


def _are_apart(first, second, **second_saved):
    versions = saved(first, "JPEG", quality=90), saved(second, "JPEG", **{"quality": 80, **second_saved})
    planes = [VersionPlanes.read(data) for data in versions]
    ways = {find(*planes) == Apart(), find(*planes[::-1]) == Apart()}
    assert len(ways) == 1  # whichever comes first
    return ways.pop()


@pytest.mark.parametrize("other", [_page(number="52"), _page(word="eleven green pears"), _page(number="52").resize((336, 448))])
def test_pages_with_another_number_or_word_are_apart(other):
    assert _are_apart(_page(), other)


def test_a_marked_copy_of_another_page_is_apart_from_this_one():
    assert _are_apart(_page(), _stuck_on(_page(number="52")))


@pytest.mark.parametrize("mark", [_struck_out, _stuck_on, _blackened, _pointed_at, lambda page: page.resize((300, 400))])
def test_a_marked_copy_of_a_page_is_compared_with_it(mark):
    assert not _are_apart(_page(), mark(_page()))


def test_a_number_that_is_only_on_one_page_may_have_been_written_there():
    assert not _are_apart(_page(number=""), _page())


def test_the_clock_of_a_screen_tells_no_pictures_apart():
    assert not _are_apart(_screen("12:31"), _screen("15:52"))
