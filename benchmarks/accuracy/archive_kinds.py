"""Versions of a picture as people make them, for archive.py."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jpeg_transforms import OPERATIONS, transform_jpeg
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

Random = np.random.Generator
Made = tuple[bytes, str]  # a file and its suffix
FONT = Path(__file__).parents[2] / "datagen" / "fonts" / "DejaVuSans-Bold-ASCII.ttf"
_SENTENCES = """
    when the build is green but nobody knows why and the cat looks at you monday again my plants after one week of rain
    please send more coffee nothing to see here the best holiday of our lives do not tell the boss we came we saw we left
"""
WORDS = _SENTENCES.split()


def save(image: Image.Image, suffix: str, **options: object) -> Made:
    stream = io.BytesIO()
    image.save(stream, {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper()), **options)
    return stream.getvalue(), suffix


def jpeg(image: Image.Image, quality: int = 90, **options: object) -> Made:
    return save(image, "jpg", quality=quality, **options)


def scaled(image: Image.Image, factor: float) -> Image.Image:
    size = max(16, round(image.width * factor)), max(16, round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS)


def sentence(random: Random, n_words: int) -> str:
    return " ".join(random.choice(WORDS, n_words))


def lettered(image: Image.Image, random: Random, at_bottom: bool = True, n_words: int = 4) -> Image.Image:
    """White capitals with a black outline."""
    made = image.copy()
    draw = ImageDraw.Draw(made)
    font = ImageFont.truetype(str(FONT), max(12, image.width // 16))
    text = sentence(random, n_words).upper()
    y = image.height * 0.96 if at_bottom else image.height * 0.04
    place = (image.width / 2, y)
    draw.text(place, text, "white", font, "mb" if at_bottom else "mt", stroke_width=2, stroke_fill="black")
    return made


def captioned(image: Image.Image, random: Random) -> Image.Image:
    """The picture below a white strip with black words."""
    strip = max(30, image.height // 6)
    made = Image.new("RGB", (image.width, image.height + strip), "white")
    made.paste(image, (0, strip))
    font = ImageFont.truetype(str(FONT), max(12, image.width // 22))
    ImageDraw.Draw(made).text((10, strip // 4), sentence(random, 5), "black", font)
    return made


def watermarked(image: Image.Image, random: Random) -> Image.Image:
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    font = ImageFont.truetype(str(FONT), max(14, image.width // 10))
    place = (image.width * random.uniform(0.3, 0.6), image.height * random.uniform(0.3, 0.7))
    ImageDraw.Draw(layer).text(place, "(c) " + str(random.choice(WORDS)), (255, 255, 255, 110), font, "mm")
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def stickered(image: Image.Image, random: Random) -> Image.Image:
    made = image.copy()
    radius = min(image.size) // 8
    x, y = (int(random.uniform(radius, side - radius)) for side in image.size)
    draw = ImageDraw.Draw(made)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), "gold", "black", 2)
    for side in (-1, 1):
        eye = x + side * radius // 3
        draw.ellipse((eye - radius // 8, y - radius // 3, eye + radius // 8, y - radius // 9), "black")
    draw.arc((x - radius // 2, y - radius // 3, x + radius // 2, y + radius // 2), 20, 160, "black", 3)
    return made


def cropped(image: Image.Image, random: Random, share: float) -> Image.Image:
    """A crop that cuts off a share of the area."""
    keep = (1 - share) ** 0.5
    width, height = round(image.width * keep), round(image.height * keep)
    left, top = int(random.integers(0, image.width - width + 1)), int(random.integers(0, image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


def straightened(image: Image.Image, random: Random) -> Image.Image:
    turned = image.rotate(float(random.uniform(1, 2.5)) * random.choice([-1, 1]), Image.Resampling.BICUBIC)
    margin_x, margin_y = round(image.width * 0.045), round(image.height * 0.045)
    return turned.crop((margin_x, margin_y, image.width - margin_x, image.height - margin_y))


def framed(image: Image.Image, colour: str, x: int, y: int) -> Image.Image:
    made = Image.new("RGB", (image.width + 2 * x, image.height + 2 * y), colour)
    made.paste(image, (x, y))
    return made


def blurred_bars(image: Image.Image) -> Image.Image:
    width = round(image.width * 1.6)
    made = image.resize((width, round(image.height * 1.6))).filter(ImageFilter.GaussianBlur(18))
    made = made.crop((0, (made.height - image.height) // 2, width, (made.height - image.height) // 2 + image.height))
    made.paste(image, ((width - image.width) // 2, 0))
    return made


def phone_screen(image: Image.Image, random: Random) -> Image.Image:
    """The picture across a phone's screen, with a status line and buttons."""
    made = Image.new("RGB", (540, 1170), str(random.choice(["black", "white", "#111418"])))
    ink = "white" if sum(made.getpixel((0, 0))) < 300 else "black"
    draw, font = ImageDraw.Draw(made), ImageFont.truetype(str(FONT), 22)
    draw.text((24, 14), f"{random.integers(1, 24)}:{random.integers(10, 59)}", ink, font)
    draw.text((440, 14), f"{random.integers(10, 99)}%", ink, font)
    draw.text((60, 90), sentence(random, 3), ink, font)
    for x in range(4):
        draw.ellipse((60 + 120 * x, 1080, 90 + 120 * x, 1110), outline=ink, width=3)
    factor = min(540 / image.width, 880 / image.height)
    shown = scaled(image, factor)
    made.paste(shown, ((540 - shown.width) // 2, 580 - shown.height // 2))
    return made


def browser_window(image: Image.Image, random: Random) -> Image.Image:
    """A page with an address line, a heading and the picture."""
    made = Image.new("RGB", (1280, 800), "white")
    draw, font = ImageDraw.Draw(made), ImageFont.truetype(str(FONT), 18)
    draw.rectangle((0, 0, 1280, 84), "#dee1e6")
    draw.rounded_rectangle((120, 46, 1100, 76), 14, "white")
    draw.text((140, 50), f"example.org/{random.choice(WORDS)}/{random.integers(100, 999)}", "#333333", font)
    draw.text((60, 104), sentence(random, 6), "black", ImageFont.truetype(str(FONT), 26))
    shown = scaled(image, min(760 / image.width, 600 / image.height))
    made.paste(shown, (60, 160))
    for row in range(10):
        draw.text((880, 170 + 34 * row), sentence(random, 3), "#555555", font)
    return made


def toned(image: Image.Image, random: Random) -> Image.Image:
    warm = np.asarray(image, np.float32) * np.array([1.1, 1.0, 0.85], np.float32)
    return ImageEnhance.Contrast(Image.fromarray(np.clip(warm, 0, 255).astype(np.uint8))).enhance(1.15)


def exif_turned(image: Image.Image) -> Made:
    exif = Image.Exif()
    exif[274] = 6
    return jpeg(image.transpose(Image.Transpose.ROTATE_90), 92, exif=exif)


def block_turned(data: bytes, random: Random) -> Made:
    """A JPEG turned or mirrored without decoding, as by jpegtran, in a way that cuts off no part of its last blocks."""
    whole = sorted(_size(data))
    made = (transform_jpeg(data, name) for name in random.permutation(list(OPERATIONS)[1:]))
    return next(turned for turned in made if sorted(_size(turned)) == whole), "jpg"  # transposing cuts nothing


def block_cropped(data: bytes, random: Random) -> Made:
    """A JPEG without up to a fifth of its columns and rows, cut without decoding."""
    sides = _size(data)
    cut = [int(side * random.uniform(0.03, 0.2)) for side in sides]
    left, top = (int(random.integers(0, most + 1)) for most in cut)
    return transform_jpeg(data, "none", (left, top, sides[0] - cut[0], sides[1] - cut[1])), "jpg"


def _size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as opened:
        return opened.size


def make_version(kind: str, image: Image.Image, original: Made, random: Random) -> tuple[Made, str, str]:
    """A version, its kind and its family.

    Args:
        kind: of VERSIONS or LOSSLESS; of the latter, another kind stands in if the original is no JPEG.
        image: the picture.
        original: its file.
        random: draws what is left open.
    """
    if kind in LOSSLESS and original[1] == "jpg":
        family, turn = LOSSLESS[kind]
        return turn(original[0], random), kind, family
    kind = _STAND_IN.get(kind, kind)
    family, make = VERSIONS[kind]
    return make(image, random), kind, family


# Kind -> family and function of a JPEG's bytes.
LOSSLESS: dict[str, tuple[str, Callable[[bytes, Random], Made]]] = {
    "block_turned": ("turn", block_turned),
    "block_cropped": ("crop", block_cropped),
}
_STAND_IN = {"block_turned": "turned_90", "block_cropped": "crop_10"}

# Kind -> family and function. Versions of the family "same" have equal pixels.
VERSIONS: dict[str, tuple[str, Callable[[Image.Image, Random], Made]]] = {
    "png_copy": ("same", lambda image, random: save(image, "png")),
    "tiff_copy": ("same", lambda image, random: save(image, "tif")),
    "webp_exact": ("same", lambda image, random: save(image, "webp", lossless=True)),
    "jpeg_92": ("whole", lambda image, random: jpeg(image, 92)),
    "jpeg_70": ("whole", lambda image, random: jpeg(image, 70)),
    "jpeg_25": ("whole", lambda image, random: jpeg(image, 25)),
    "webp_60": ("whole", lambda image, random: save(image, "webp", quality=60)),
    "avif_50": ("whole", lambda image, random: save(image, "avif", quality=50)),
    "gif": ("whole", lambda image, random: save(image.quantize(128), "gif")),
    "half": ("whole", lambda image, random: jpeg(scaled(image, 0.5), 85)),
    "third": ("whole", lambda image, random: jpeg(scaled(image, 0.33), 80)),
    "enlarged": ("whole", lambda image, random: jpeg(scaled(image, 1.5), 90)),
    "chat": ("whole", lambda image, random: jpeg(scaled(image, 0.7), 60)),
    "brighter": ("whole", lambda image, random: jpeg(ImageEnhance.Brightness(image).enhance(1.25))),
    "contrast": ("whole", lambda image, random: jpeg(ImageEnhance.Contrast(image).enhance(1.35))),
    "saturated": ("whole", lambda image, random: jpeg(ImageEnhance.Color(image).enhance(1.6))),
    "warm": ("whole", lambda image, random: jpeg(toned(image, random))),
    "sharpened": ("whole", lambda image, random: jpeg(image.filter(ImageFilter.UnsharpMask(2, 120)))),
    "grey": ("whole", lambda image, random: jpeg(image.convert("L"))),
    "mirrored": ("turn", lambda image, random: jpeg(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))),
    "turned_90": ("turn", lambda image, random: jpeg(image.transpose(Image.Transpose.ROTATE_90))),
    "upside_down": ("turn", lambda image, random: jpeg(image.transpose(Image.Transpose.ROTATE_180))),
    "exif_turned": ("turn", lambda image, random: exif_turned(image)),
    "straightened": ("turn", lambda image, random: jpeg(straightened(image, random))),
    "crop_5": ("crop", lambda image, random: jpeg(cropped(image, random, 0.05))),
    "crop_10": ("crop", lambda image, random: jpeg(cropped(image, random, 0.1), 80)),
    "crop_20": ("crop", lambda image, random: jpeg(cropped(image, random, 0.2))),
    "crop_40": ("crop", lambda image, random: jpeg(cropped(image, random, 0.4), 85)),
    "crop_shrunk": ("crop", lambda image, random: jpeg(scaled(cropped(image, random, 0.25), 0.7), 80)),
    "border": ("frame", lambda image, random: jpeg(framed(image, "white", 30, 30))),
    "letterbox": ("frame", lambda image, random: jpeg(framed(image, "black", 0, image.height // 5))),
    "blurred_bars": ("frame", lambda image, random: jpeg(blurred_bars(image))),
    "shot_phone": ("shot", lambda image, random: save(phone_screen(image, random), "png")),
    "shot_browser": ("shot", lambda image, random: jpeg(browser_window(image, random), 85)),
    "lettered": ("over", lambda image, random: jpeg(lettered(image, random))),
    "meme": ("over", lambda image, random: jpeg(lettered(lettered(image, random), random, at_bottom=False), 80)),
    "caption_strip": ("over", lambda image, random: jpeg(captioned(image, random))),
    "watermark": ("over", lambda image, random: jpeg(watermarked(image, random))),
    "sticker": ("over", lambda image, random: jpeg(stickered(image, random))),
}  # fmt: skip
