"""Sets of pictures that look like versions of each other but are not, for archive.py."""

from collections.abc import Callable

import numpy as np
from archive_kinds import FONT, Made, Random, cropped, jpeg, lettered, save, scaled, sentence
from PIL import Image, ImageDraw, ImageFilter, ImageFont


def two_captions(image: Image.Image, random: Random) -> list[Made]:
    """One template with different captions; the clean template is left out."""
    return [jpeg(lettered(lettered(image, random), random, at_bottom=False)) for _ in range(2)]


def burst(image: Image.Image, random: Random) -> list[Made]:
    """Two moments of a burst: the camera moved a little, and an object in the picture moved more."""
    width, height = round(image.width * 0.94), round(image.height * 0.94)
    side = min(image.size) // 3
    x, y = (int(random.integers(side // 2, length - 2 * side)) for length in image.size)
    patch = image.crop((x, y, x + side, y + side))
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((4, 4, side - 4, side - 4), 255)
    later = image.copy()
    moved = (min(x + side * 2 // 3, image.width - side), min(y + side // 4, image.height - side))
    later.paste(patch, moved, mask.filter(ImageFilter.GaussianBlur(3)))
    left, top = int(random.integers(2, image.width - width)), int(random.integers(2, image.height - height))
    return [jpeg(image.crop((0, 0, width, height)), 92), jpeg(later.crop((left, top, left + width, top + height)), 92)]


def _page(random: Random, heading: str, number: int) -> Image.Image:
    page = Image.new("L", (620, 877), 255)
    draw = ImageDraw.Draw(page)
    draw.text((60, 50), heading, 0, ImageFont.truetype(str(FONT), 24))
    font = ImageFont.truetype(str(FONT), 14)
    for row in range(32):
        draw.text((60, 110 + 22 * row), sentence(random, 8), 30, font)
    draw.text((300, 840), str(number), 0, font)
    return page.convert("RGB")


def pages(image: Image.Image, random: Random) -> list[Made]:
    """Two pages of one document."""
    heading = sentence(random, 3)
    return [save(_page(random, heading, number), "png") for number in (1, 2)]


def page_numbers(image: Image.Image, random: Random) -> list[Made]:
    """Two nearly empty pages that differ only in the page number."""
    made = []
    for number in random.choice(np.arange(10, 99), 2, replace=False):
        page = Image.new("L", (620, 877), 255)
        draw = ImageDraw.Draw(page)
        draw.text((60, 50), "Notes", 0, ImageFont.truetype(str(FONT), 24))
        draw.text((300, 840), str(number), 0, ImageFont.truetype(str(FONT), 14))
        made.append(save(page, "png"))
    return made


def _bubble(panel: Image.Image, random: Random) -> None:
    draw = ImageDraw.Draw(panel)
    width, height = panel.size
    draw.ellipse((width * 0.05, height * 0.03, width * 0.75, height * 0.3), "white", "black", 3)
    font = ImageFont.truetype(str(FONT), max(11, width // 26))
    for row in range(2):
        draw.text((width * 0.4, height * (0.12 + 0.08 * row)), sentence(random, 3), "black", font, "mm")


def comics(image: Image.Image, random: Random) -> list[Made]:
    """One drawing with different words in its bubble."""
    made = []
    for _ in range(2):
        panel = image.copy()
        _bubble(panel, random)
        made.append(jpeg(panel, 90))
    return made


def chats(image: Image.Image, random: Random) -> list[Made]:
    """Two screens of one chat program."""
    made = []
    for _ in range(2):
        screen = Image.new("RGB", (540, 960), "#e5ddd5")
        draw, font = ImageDraw.Draw(screen), ImageFont.truetype(str(FONT), 20)
        draw.rectangle((0, 0, 540, 80), "#075e54")
        draw.text((90, 26), "family", "white", font)
        y = 110
        while y < 860:
            left = 20 if random.random() < 0.5 else 160
            height = int(random.integers(50, 110))
            draw.rounded_rectangle((left, y, left + 360, y + height), 12, "white" if left == 20 else "#dcf8c6")
            draw.text((left + 14, y + 12), sentence(random, 4), "black", font)
            y += height + 16
        made.append(save(screen, "png"))
    return made


def dialogues(image: Image.Image, random: Random) -> list[Made]:
    """One window of a program in two states."""
    made, names = [], [sentence(random, 2) for _ in range(6)]
    for chosen in (0, 1):
        window = Image.new("RGB", (640, 420), "#f6f5f4")
        draw, font = ImageDraw.Draw(window), ImageFont.truetype(str(FONT), 18)
        draw.rectangle((0, 0, 640, 44), "#dadada")
        draw.text((260, 12), "Settings", "#222222", font)
        for row in range(6):
            draw.text((60, 80 + 50 * row), names[row], "#222222", font)
            on = row % 2 == chosen
            draw.rounded_rectangle((520, 78 + 50 * row, 570, 102 + 50 * row), 12, "#3584e4" if on else "#c0bfbc")
            x = 546 if on else 522
            draw.ellipse((x, 80 + 50 * row, x + 20, 100 + 50 * row), "white")
        made.append(save(window, "png"))
    return made


def skies(image: Image.Image, random: Random) -> list[Made]:
    """Two evenings without clouds."""
    made = []
    for _ in range(2):
        rows = np.linspace(0, 1, 400)[:, None, None]
        top, bottom = np.array([90, 140, 210]) + random.normal(0, 6, 3), np.array([190, 215, 240]) + random.normal(0, 6, 3)
        noise = random.normal(0, 2, (400, 600, 1))
        made.append(jpeg(Image.fromarray(np.clip(top * (1 - rows) + bottom * rows + noise, 0, 255).astype(np.uint8)), 88))
    return made


def far_crops(image: Image.Image, random: Random) -> list[Made]:
    """Two crops that hardly overlap."""
    width = round(image.width * 0.6)
    return [
        jpeg(image.crop((0, 0, width, image.height))),
        jpeg(image.crop((image.width - width, 0, image.width, image.height))),
    ]


# Every file of a set shows something that the others of the set lack.
ALTERNATES: dict[str, Callable[[Image.Image, Random], list[Made]]] = {
    "two_captions": two_captions, "burst": burst, "pages": pages, "page_numbers": page_numbers, "comics": comics,
    "chats": chats, "dialogues": dialogues, "skies": skies, "far_crops": far_crops,
}  # fmt: skip


def collage(images: list[Image.Image], random: Random) -> Made:
    """Two or four pictures in one."""
    side = 400
    columns = 2
    rows = len(images) // columns
    made = Image.new("RGB", (columns * side, rows * side), "white")
    for number, image in enumerate(images):
        tile = cropped(image, random, 0.02)
        tile = scaled(tile, max(side / tile.width, side / tile.height)).crop((0, 0, side, side))
        made.paste(tile, (number % columns * side, number // columns * side))
    return jpeg(made, 90)


def deep_crop(image: Image.Image, random: Random) -> Made:
    """A crop of a quarter of the area."""
    return jpeg(cropped(image, random, 0.75), 92)
