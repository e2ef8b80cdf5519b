"""Versions as programs for chats, stories and notes make them, for archive.py --edits."""

from collections.abc import Callable

import numpy as np
from archive_kinds import FONT, Made, Random, framed, jpeg, save, scaled, sentence
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont


def _font(size_px: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), max(11, round(size_px)))


def circled(image: Image.Image, random: Random) -> Image.Image:
    """A red ring and a line that points to it."""
    made, thick = image.copy(), max(3, image.width // 130)
    x, y = (side * random.uniform(0.3, 0.7) for side in image.size)
    radius, draw = min(image.size) * 0.13, ImageDraw.Draw(made)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=(230, 20, 30), width=thick)
    draw.line((image.width * 0.06, image.height * 0.92, x - radius * 0.7, y + radius * 0.7), (230, 20, 30), thick)
    return made


def marked_all_over(image: Image.Image, random: Random) -> Image.Image:
    """A pale mark again and again, slanted."""
    side = sum(image.size)
    layer, font = Image.new("L", (side, side), 0), _font(image.width / 20)
    draw, mark = ImageDraw.Draw(layer), str(random.choice(["SAMPLE", "preview", "(c) studio"]))
    for row, y in enumerate(range(0, side, image.width // 6)):
        for x in range(-(row % 2) * image.width // 6, side, image.width // 3):
            draw.text((x, y), mark, 80, font)
    layer = layer.rotate(30, Image.Resampling.BICUBIC)
    left, top = (side - image.width) // 2, (side - image.height) // 2
    mask = layer.crop((left, top, left + image.width, top + image.height))
    return Image.composite(Image.new("RGB", image.size, "white"), image, mask)


def _place(image: Image.Image, random: Random, share: float) -> tuple[int, int, int, int]:
    side = round(min(image.size) * share)
    left, top = (int(random.uniform(0.1, 0.9) * (length - side)) for length in image.size)
    return left, top, left + side, top + side


def pixelated(image: Image.Image, random: Random) -> Image.Image:
    """A face or a number plate in large pixels."""
    made, box = image.copy(), _place(image, random, 0.22)
    side = box[2] - box[0]
    made.paste(image.crop(box).resize((8, 8), Image.Resampling.BOX).resize((side, side), Image.Resampling.NEAREST), box)
    return made


def blurred_place(image: Image.Image, random: Random) -> Image.Image:
    """A face or a number plate blurred."""
    box, mask = _place(image, random, 0.24), Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse(box, 255)
    return Image.composite(image.filter(ImageFilter.GaussianBlur((box[2] - box[0]) / 9)), image, mask)


def dated(image: Image.Image, random: Random) -> Image.Image:
    """The date of an old camera."""
    made = image.copy()
    date = f"{random.integers(1, 29)} {random.integers(1, 13)} '{random.integers(93, 100)}"
    place = image.width * 0.95, image.height * 0.95
    ImageDraw.Draw(made).text(place, date, "#ff8a1e", _font(image.width / 26), "rb")
    return made


def subtitled(image: Image.Image, random: Random) -> Image.Image:
    made, colour = image.copy(), str(random.choice(["white", "#ffff66"]))
    place = image.width / 2, image.height * 0.94
    text = sentence(random, 6)
    ImageDraw.Draw(made).text(place, text, colour, _font(image.width / 32), "mb", stroke_width=1, stroke_fill="black")
    return made


def rounded(image: Image.Image, random: Random) -> Image.Image:
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *image.size), min(image.size) // 12, 255)
    return Image.composite(image, Image.new("RGB", image.size, str(random.choice(["white", "black"]))), mask)


def instant(image: Image.Image, random: Random) -> Image.Image:
    """An instant photograph: broad white below, some with a few words."""
    margin = image.width // 16
    made = framed(image, "#fbfaf5", margin, margin)
    whole = Image.new("RGB", (made.width, made.height + 2 * margin), "#fbfaf5")
    whole.paste(made, (0, 0))
    if random.random() < 0.5:
        place = whole.width / 2, made.height + margin / 2
        ImageDraw.Draw(whole).text(place, sentence(random, 2), "#333344", _font(image.width / 24), "mm")
    return whole


def story(image: Image.Image, random: Random) -> Image.Image:
    """On a tall screen, over itself blurred."""
    width, height = 720, 1280
    factor = max(width / image.width, height / image.height)
    made = scaled(image, factor).crop((0, 0, width, height)).filter(ImageFilter.GaussianBlur(26))
    made = ImageEnhance.Brightness(made).enhance(float(random.choice([0.6, 1.0])))
    shown = scaled(image, min((width - 60) / image.width, 0.75 * height / image.height))
    made.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    return made


def chat_screen(image: Image.Image, random: Random) -> Image.Image:
    """The picture in a bubble between others."""
    width, height, dark = 720, 1480, bool(random.random() < 0.5)
    ground, theirs, own, ink = (
        ("#0b141a", "#202c33", "#005c4b", "#e9edef") if dark else ("#e5ddd5", "white", "#d9fdd3", "#111111")
    )  # fmt: skip
    made, font = Image.new("RGB", (width, height), ground), _font(22)
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 0, width, 120), "#1f2c34" if dark else "#008069")
    draw.text((130, 70), sentence(random, 2), "white", _font(26))
    shown, y, at = scaled(image, min(520 / image.width, 700 / image.height)), 150, int(random.integers(1, 3))
    while y < height - 200:
        left = int(random.choice([20, 180]))
        colour = theirs if left == 20 else own
        if at == 0:
            draw.rounded_rectangle((left, y, left + shown.width + 12, y + shown.height + 12), 14, colour)
            made.paste(shown, (left + 6, y + 6))
            y += shown.height + 34
        else:
            draw.rounded_rectangle((left, y, left + 500, y + 72), 14, colour)
            draw.text((left + 16, y + 22), sentence(random, 4), ink, font)
            y += 94
        at -= 1
    return made


def gallery_screen(image: Image.Image, random: Random) -> Image.Image:
    """The picture on a black screen with buttons."""
    width, height = 720, 1560
    made = Image.new("RGB", (width, height), "black")
    shown, draw = scaled(image, min(width / image.width, (height - 420) / image.height)), ImageDraw.Draw(made)
    made.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    draw.text((30, 16), f"{random.integers(0, 24)}:{random.integers(10, 60)}", "white", _font(20))
    draw.text((90, 92), sentence(random, 2), "white", _font(26))
    for button in range(5):
        draw.ellipse((60 + 140 * button, height - 130, 100 + 140 * button, height - 90), outline="#dddddd", width=4)
    return made


def vignetted(image: Image.Image, random: Random) -> Image.Image:
    """Darker corners and faded colours."""
    y, x = np.mgrid[-1 : 1 : image.height * 1j, -1 : 1 : image.width * 1j]
    light = 1 - random.uniform(0.2, 0.35) * (x**2 + y**2)
    levels = np.asarray(image, np.float32) * light[..., None] * np.array([1.0, 0.96, 0.82]) + np.array([18, 10, 24])
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def at_night(image: Image.Image, random: Random) -> Image.Image:
    levels = (np.asarray(image, np.float32) / 255) ** 1.4 * np.array([0.45, 0.55, 0.8])
    return Image.fromarray((255 * levels).astype(np.uint8))


def grainy_grey(image: Image.Image, random: Random) -> Image.Image:
    grey = np.asarray(ImageEnhance.Contrast(image.convert("L")).enhance(1.3), np.float32)
    return Image.fromarray((grey + random.normal(0, 14, grey.shape)).clip(0, 255).astype(np.uint8))


# Kind -> family and function, as archive_kinds.VERSIONS.
EDITS: dict[str, tuple[str, Callable[[Image.Image, Random], Made]]] = {
    "circled": ("over", lambda image, random: jpeg(circled(image, random), 86)),
    "marked_all_over": ("over", lambda image, random: jpeg(marked_all_over(image, random), 86)),
    "pixelated": ("over", lambda image, random: jpeg(pixelated(image, random))),
    "blurred_place": ("over", lambda image, random: jpeg(blurred_place(image, random))),
    "dated": ("over", lambda image, random: jpeg(dated(image, random))),
    "subtitled": ("over", lambda image, random: jpeg(subtitled(image, random), 80)),
    "rounded": ("over", lambda image, random: jpeg(rounded(image, random))),
    "instant": ("frame", lambda image, random: jpeg(instant(image, random), 88)),
    "story": ("frame", lambda image, random: jpeg(story(image, random), 85)),
    "chat_screen": ("shot", lambda image, random: save(chat_screen(image, random), "png")),
    "gallery_screen": ("shot", lambda image, random: save(gallery_screen(image, random), "png")),
    "vignetted": ("whole", lambda image, random: jpeg(vignetted(image, random))),
    "at_night": ("whole", lambda image, random: jpeg(at_night(image, random), 85)),
    "grainy_grey": ("whole", lambda image, random: jpeg(grainy_grey(image, random), 85)),
}  # fmt: skip
