"""Marks that people leave on pages, for same_page.py: small, and across what is written there."""

from collections.abc import Callable

import numpy as np
from archive_kinds import FONT, WORDS, Random, sentence
from PIL import Image, ImageChops, ImageDraw, ImageFont

Place = tuple[int, int, int, int]  # left, top, right, bottom
Font = ImageFont.FreeTypeFont
PENS = ((200, 20, 20), (20, 20, 180), (0, 0, 0))
STAMPS = ("PAID", "COPY", "DRAFT", "RECEIVED")


def _font(size: int) -> Font:
    return ImageFont.truetype(str(FONT), size)


def _on_ink(image: Image.Image, random: Random, width: int, height: int) -> Place:
    """A place of this size, shifted a little against some letter."""
    levels = np.asarray(image.convert("L"), np.float32)
    rows, columns = np.nonzero(np.abs(np.diff(levels, axis=1)) > 40)
    chosen = int(random.integers(len(rows)))
    corner = []
    for middle, side, whole in ((columns[chosen], width, image.width), (rows[chosen], height, image.height)):
        shifted = int(middle) - side // 2 + int(random.integers(-(side // 4), side // 4 + 1))
        corner.append(int(np.clip(shifted, 0, whole - side)))
    return corner[0], corner[1], corner[0] + width, corner[1] + height


def _between(random: Random, least: int, most: int) -> int:
    return int(random.integers(least, most))


def _words_at(image: Image.Image, random: Random, size: int, text: str, margin: int = 0) -> tuple[Place, Font]:
    font = _font(size)
    width = min(int(font.getlength(text)) + 2 * margin, image.width - 4)
    return _on_ink(image, random, width, size + 2 * margin), font


def _laid_over(image: Image.Image, draw: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw(ImageDraw.Draw(layer))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def blackened(image: Image.Image, random: Random) -> Image.Image:
    made = image.copy()
    for _ in range(_between(random, 1, 3)):
        ImageDraw.Draw(made).rectangle(_on_ink(image, random, _between(random, 40, 120), _between(random, 16, 26)), "black")
    return made


def whitened(image: Image.Image, random: Random) -> Image.Image:
    made = image.copy()
    place = _on_ink(image, random, _between(random, 40, 120), _between(random, 16, 26))
    ImageDraw.Draw(made).rectangle(place, made.getpixel((3, 3)))
    return made


def highlighted(image: Image.Image, random: Random) -> Image.Image:
    layer = Image.new("RGB", image.size, "white")
    place = _on_ink(image, random, _between(random, 60, 200), _between(random, 18, 28))
    ImageDraw.Draw(layer).rectangle(place, str(random.choice(["#ffff3c", "#78ff78", "#ffaac8"])))
    return ImageChops.multiply(image, layer)


def _ruled(image: Image.Image, random: Random, at: float) -> Image.Image:
    left, top, right, bottom = _on_ink(image, random, _between(random, 50, 200), _between(random, 12, 20))
    y = top + int((bottom - top) * at)
    made = image.copy()
    pen, slope, width = PENS[_between(random, 0, 3)], _between(random, -2, 3), _between(random, 1, 4)
    ImageDraw.Draw(made).line((left, y, right, y + slope), pen, width)
    return made


def struck_out(image: Image.Image, random: Random) -> Image.Image:
    return _ruled(image, random, 0.5)


def underlined(image: Image.Image, random: Random) -> Image.Image:
    return _ruled(image, random, 1.0)


def signed(image: Image.Image, random: Random) -> Image.Image:
    width, height = _between(random, 120, 240), _between(random, 30, 60)
    left, top, *_ = _on_ink(image, random, width, height)
    along, waves = np.linspace(0, 1, 60), random.uniform(3, 7)
    across = left + width * along + 8 * np.sin(9 * along * waves)
    down = top + height / 2 + height / 2 * np.sin(2 * np.pi * waves * along) * (1 - 0.6 * along)
    made = image.copy()
    points = [(float(x), float(y)) for x, y in zip(across, down, strict=True)]
    ImageDraw.Draw(made).line(points, (20, 30, 120), _between(random, 2, 4), "curve")
    return made


def stamped(image: Image.Image, random: Random) -> Image.Image:
    text = str(random.choice(STAMPS))
    place, font = _words_at(image, random, _between(random, 18, 44), text, 7)
    ink = (*PENS[_between(random, 0, 2)], _between(random, 120, 230))

    def draw(layer: ImageDraw.ImageDraw) -> None:
        layer.rectangle(place, None, ink, 3)
        layer.text((place[0] + 7, place[1] + 4), text, ink, font)

    return _laid_over(image, draw)


def watermark(image: Image.Image, random: Random) -> Image.Image:
    """Small or large, of any strength."""
    text = "(c) " + str(random.choice(WORDS))
    place, font = _words_at(image, random, _between(random, 16, 70), text)
    ink = (*((_between(random, 0, 3) * 127,) * 3), _between(random, 60, 140))
    return _laid_over(image, lambda layer: layer.text(place[:2], text, ink, font))


def sticker(image: Image.Image, random: Random) -> Image.Image:
    """Smaller than that of archive_kinds."""
    radius = _between(random, 8, 30)
    left, top, right, bottom = _on_ink(image, random, 2 * radius, 2 * radius)
    made = image.copy()
    draw = ImageDraw.Draw(made)
    draw.ellipse((left, top, right, bottom), "gold", "black", 2)
    for side in (-1, 1):
        x, y = left + radius + side * radius // 3, top + radius * 2 // 3
        draw.ellipse((x - radius // 8, y, x + radius // 8, y + radius // 4), "black")
    return made


def pointer(image: Image.Image, random: Random) -> Image.Image:
    """A mouse pointer, as in screenshots."""
    x, y, *_ = _on_ink(image, random, 14, 20)
    made = image.copy()
    outline = ((0, 0), (0, 17), (4, 13), (7, 19), (9, 18), (7, 12), (12, 12))
    ImageDraw.Draw(made).polygon([(x + right, y + down) for right, down in outline], "white", "black")
    return made


def small_caption(image: Image.Image, random: Random) -> Image.Image:
    text = sentence(random, _between(random, 1, 4)).upper()
    place, font = _words_at(image, random, _between(random, 13, 22), text)
    made = image.copy()
    ImageDraw.Draw(made).text(place[:2], text, "white", font, stroke_width=2, stroke_fill="black")
    return made


def ringed(image: Image.Image, random: Random) -> Image.Image:
    made = image.copy()
    place = _on_ink(image, random, _between(random, 50, 140), _between(random, 28, 50))
    ImageDraw.Draw(made).ellipse(place, None, PENS[0], _between(random, 2, 4))
    return made


def scribbled(image: Image.Image, random: Random) -> Image.Image:
    """Words across those that are there."""
    text = sentence(random, 2)
    place, font = _words_at(image, random, _between(random, 12, 22), text)
    made = image.copy()
    ImageDraw.Draw(made).text(place[:2], text, (30, 40, 150), font)
    return made


def labelled(image: Image.Image, random: Random) -> Image.Image:
    """Words on an opaque label."""
    text = sentence(random, 2)
    place, font = _words_at(image, random, _between(random, 12, 20), text, 5)
    made = image.copy()
    draw = ImageDraw.Draw(made)
    ground, ink = (("#fff096", "black"), ("#282828", "white"), ("#c82828", "white"))[_between(random, 0, 3)]
    draw.rectangle(place, ground, "black")
    draw.text((place[0] + 6, place[1] + 4), text, ink, font)
    return made


MARKS: dict[str, Callable[[Image.Image, Random], Image.Image]] = {
    mark.__name__: mark
    for mark in (
        blackened, whitened, highlighted, struck_out, underlined, signed, stamped, watermark, sticker, pointer,
        small_caption, ringed, scribbled, labelled,
    )
}  # fmt: skip
