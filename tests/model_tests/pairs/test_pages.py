"""Pages of one layout with other numbers are different pictures; copies of a page, marked or not, are the same."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from genloss.model.pairs.findings import Apart, Finding, PlanesInMemory, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.ranker import Ranker
from tests.fixtures import ROOT, saved

FONT = str(ROOT / "datagen/fonts/DejaVuSans-Bold-ASCII.ttf")


def page(number):
    """Ten lines of letters, and the number of the page."""
    made, random = Image.new("RGB", (480, 400), "white"), np.random.default_rng(3)
    draw, font = ImageDraw.Draw(made), ImageFont.truetype(FONT, 18)
    for row in range(10):
        draw.text((40, 30 + 30 * row), " ".join("".join(random.choice(list("abcdefgh"), 5)) for _ in range(5)), "black", font)
    draw.text((200, 355), str(number), "black", font)
    return made


def _shrunk(picture):
    return picture.resize((picture.width * 7 // 10, picture.height * 7 // 10), Image.Resampling.LANCZOS)


def _stamped(picture):
    """Half transparent words in a frame across the page and its number."""
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    draw.text((190, 350), "RECEIVED", (200, 30, 30, 140), ImageFont.truetype(FONT, 26), "mm")
    draw.rectangle((100, 325, 280, 375), outline=(200, 30, 30, 140), width=3)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _covered(picture):
    made = picture.copy()
    ImageDraw.Draw(made).rectangle((95, 150, 150, 172), "gold", "black", 2)
    return made


def _struck_through(picture):
    made = picture.copy()
    ImageDraw.Draw(made).line((60, 160, 240, 165), "darkred", 2)
    return made


def _find(first, second):
    return find(*map(VersionPlanes.read, (first, second)))


@pytest.mark.parametrize(
    "save",
    [
        lambda picture: saved(picture, "PNG"), lambda picture: saved(picture, "JPEG", quality=60),
        lambda picture: saved(_shrunk(picture), "WEBP", quality=80),
    ],
)  # fmt: skip
def test_another_number_makes_another_page_and_another_encoding_does_not(save):
    assert _find(saved(page(37), "PNG"), save(page(52))) == Apart(pages=True)
    assert isinstance(_find(saved(page(37), "PNG"), save(page(37))), Finding)


@pytest.mark.parametrize("draw_over", [_stamped, _covered, _struck_through])
def test_what_is_drawn_over_a_page_makes_no_other_page(draw_over):
    marked = saved(draw_over(page(37)), "JPEG", quality=85)
    assert isinstance(_find(saved(page(37), "PNG"), marked), Finding)


def test_one_picture_on_a_screen_at_two_times_is_one_picture(cat):
    screens = []
    for clock in ("12:31", "21:57"):
        screen = Image.new("RGB", (360, 600), "black")
        screen.paste(cat.resize((360, 240)), (0, 200))
        for place, words in (((24, 14), clock), ((40, 60), "a picture of a friend")):
            ImageDraw.Draw(screen).text(place, words, "white", ImageFont.truetype(FONT, 22))
        screens.append(saved(screen, "PNG"))
    assert isinstance(_find(*screens), Finding)


def _pictures(scorer, files):
    """Input positions by picture."""
    scores = [scorer.score(data, with_fingerprint=True) for data in files]
    ranked = Ranker(scorer.bundle).rank(scores, PlanesInMemory(lambda position: VersionPlanes.read(files[position])))
    return {
        frozenset(version.index for version in ranked if version.picture == picture)
        for picture in {version.picture for version in ranked}
    }


def test_a_copy_is_ranked_with_its_page_and_not_with_the_next_one(scorer):
    files = [saved(page(37), "PNG"), saved(page(52), "PNG"), saved(page(37), "JPEG", quality=50)]
    assert _pictures(scorer, files) == {frozenset({0, 2}), frozenset({1})}


def test_a_cut_without_the_number_does_not_join_two_pages(scorer):
    cut = saved(page(37).crop((0, 0, 480, 345)), "JPEG", quality=80)
    pictures = _pictures(scorer, [saved(page(37), "PNG"), saved(page(52), "PNG"), cut])
    assert sorted(map(len, pictures)) == [1, 2]
    assert not any(picture >= {0, 1} for picture in pictures)
