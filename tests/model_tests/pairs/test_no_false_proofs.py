"""Pairs that once had a false proof: what explains both versions equally proves nothing."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from genloss.model.pairs.findings import find
from genloss.model.pairs.planes import VersionPlanes
from tests.fixtures import saved


@pytest.mark.parametrize("quality", [94, 97])
def test_a_jpeg_was_not_made_from_what_thresholding_made_of_it(cat, quality):
    """The page of two levels gives nearly all of its blocks, but not those with a few grey spots."""
    page = np.array(cat.convert("1").convert("L"))
    generator = np.random.default_rng(1)
    for _ in range(6):
        row, column = generator.integers(0, np.array(page.shape) - 8)
        page[row : row + 2, column : column + 2] = 90
    jpeg = VersionPlanes.read(saved(Image.fromarray(page), "JPEG", quality=quality))
    thresholded = VersionPlanes.read(saved(Image.fromarray(jpeg.image.rgb).convert("1"), "PNG"))
    assert find(thresholded, jpeg).made is None


def test_a_picture_of_few_colours_was_not_made_from_its_captioned_copy(cat):
    """Every colour of the letters lies where the ground is one colour, so a table of colours takes them away."""
    few = cat.quantize(40, dither=Image.Dither.NONE).convert("RGB")
    plain = Image.new("RGB", (few.width, few.height + 60), few.getpixel((0, 0)))
    plain.paste(few, (0, 60))
    captioned = plain.copy()
    font = ImageFont.load_default(28)
    ImageDraw.Draw(captioned).text((10, 12), "when it is Monday", fill="white", font=font)
    source, copy = (VersionPlanes.read(saved(one, "PNG")) for one in (plain, captioned))
    assert len(set(captioned.getdata())) > 40
    assert find(copy, source).made is None
    assert find(source, copy).made_backwards is None
