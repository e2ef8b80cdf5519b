"""Treatments of an original before it is saved, and the truth about each."""

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from wand.image import Image as WandImage

LEAST_SIDE_PX, MOST_SIDE_PX = 200, 640
TREATMENTS = ("plain", "grey", "drawing", "soft", "shrunk", "enlarged", "doubled", "palette")
OPENCV = find_spec("cv2") is not None  # optional; adds the fingerprint of another program


@dataclass(frozen=True)
class Truth:
    """The true history of a picture.

    Attributes:
        factor: of enlargement, else None.
        softened: whether it was enlarged or blurred.
        resaved: whether it was saved with loss before the last save.
        jpeg: left and top of the 8x8 grid and quality of an earlier JPEG, if not resized since; else None.
        n_colours: size of the palette, else None.
        dither: "ordered", "error diffusion" or None.
        quality: of the file itself if it is a JPEG, else None.
        lossless: whether the file itself stores its pixels exactly.
        damaged: whether coded pixels are missing or wrong.
    """

    factor: float | None = None
    softened: bool = False
    resaved: bool = False
    jpeg: tuple[int, int, int] | None = None
    n_colours: int | None = None
    dither: str | None = None
    quality: int | None = None
    lossless: bool = True
    damaged: bool = False


def treat(picture: Image.Image, treatment: str, generator: np.random.Generator) -> tuple[Image.Image, Truth]:
    if treatment == "drawing":
        return draw_screen(generator), Truth()
    if treatment == "enlarged":
        factor = draw_factor(generator)
        return enlarge(picture, factor, generator), Truth(factor, softened=True)
    if treatment == "doubled":
        return enlarge(picture, 2.0, generator), Truth(2.0, softened=True)
    if treatment == "shrunk":
        return _part(resize(picture, float(generator.uniform(0.3, 0.9)), generator), generator), Truth()
    part = _part(picture, generator)
    if treatment == "soft":
        return part.filter(ImageFilter.GaussianBlur(float(generator.uniform(1, 6)))), Truth(softened=True)
    if treatment == "grey":
        return part.convert("L").convert("RGB"), Truth()
    if treatment == "palette":
        n_colours = int(generator.choice([8, 16, 32, 64, 128, 256]))
        kind = int(generator.integers(3))
        if kind == 2:
            return ordered(part, min(n_colours, 128)), Truth(n_colours=n_colours, dither="ordered")
        palette = part.quantize(n_colours)
        if kind == 0:
            return palette.convert("RGB"), Truth(n_colours=n_colours)
        dithered = part.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")
        return dithered, Truth(n_colours=n_colours, dither="error diffusion")
    return part, Truth()


def _part(picture: Image.Image, generator: np.random.Generator, least_px: int = LEAST_SIDE_PX) -> Image.Image:
    """A random part with sides of 200 to 640 px, or smaller if the picture is."""
    width, height = (min(side, int(generator.integers(least_px, MOST_SIDE_PX + 1))) for side in picture.size)
    left, top = (int(generator.integers(room + 1)) for room in (picture.width - width, picture.height - height))
    return picture.crop((left, top, left + width, top + height))


def draw_factor(generator: np.random.Generator) -> float:
    kind = generator.random()
    return 2.0 if kind < 0.15 else float(generator.uniform(4, 8) if kind < 0.3 else generator.uniform(1.15, 4))


def enlarge(picture: Image.Image, factor: float, generator: np.random.Generator) -> Image.Image:
    small = _part(picture, generator)
    most = round(MOST_SIDE_PX / factor)
    return resize(small.crop((0, 0, min(most, small.width), min(most, small.height))), factor, generator)


def resize(picture: Image.Image, factor: float, generator: np.random.Generator) -> Image.Image:
    """Resized by Pillow, ImageMagick or OpenCV; filters of the same name differ between them."""
    size = tuple(max(16, round(side * factor)) for side in picture.size)
    program, kind = int(generator.integers(3)), int(generator.integers(3))
    if program == 1:
        with WandImage.from_array(np.asarray(picture)) as image:
            image.resize(*size, filter=("mitchell", "lanczos", "triangle")[kind])
            return Image.fromarray(np.array(image)[..., :3].copy())
    if OPENCV and program == 2:
        import cv2

        way = cv2.INTER_AREA if factor < 1 else (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)[kind]
        return Image.fromarray(cv2.resize(np.asarray(picture), size, interpolation=way))
    filters = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
    return picture.resize(size, filters[kind])


def draw_screen(generator: np.random.Generator) -> Image.Image:
    """A drawing or screenshot that was never reduced: text, lines and areas in few colours, some with smooth edges."""
    width, height = (int(value) for value in generator.integers(LEAST_SIDE_PX, MOST_SIDE_PX + 1, size=2))
    fine = int(generator.choice([1, 1, 3]))
    colours = [tuple(int(value) for value in generator.integers(0, 256, size=3)) for _ in range(int(generator.integers(2, 12)))]
    image = Image.new("RGB", (width * fine, height * fine), colours[0])
    canvas = ImageDraw.Draw(image)
    for _ in range(int(generator.integers(20, 90))):
        left, top = int(generator.integers(image.width)), int(generator.integers(image.height))
        right, bottom = left + int(generator.integers(3, 200)) * fine, top + int(generator.integers(3, 120)) * fine
        colour = colours[int(generator.integers(1, len(colours)))]
        kind = int(generator.integers(4))
        if kind == 0:
            canvas.rectangle((left, top, right, bottom), fill=colour)
        elif kind == 1:
            canvas.ellipse((left, top, right, bottom), outline=colour, width=fine * int(generator.integers(1, 6)))
        elif kind == 2:
            canvas.line((left, top, right, bottom), fill=colour, width=fine * int(generator.integers(1, 4)))
        else:
            words = "".join(chr(int(value)) for value in generator.integers(33, 122, size=40))
            canvas.text((left, top), words, fill=colour, font_size=fine * int(generator.integers(9, 30)))
    return image.resize((width, height), Image.Resampling.BOX) if fine > 1 else image


def ordered(picture: Image.Image, n_colours: int) -> Image.Image:
    """Ordered dither with Bayer's 8x8 matrix to about n_colours colours."""
    matrix = np.array([[0]])
    for _ in range(3):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    steps = max(1, round(n_colours ** (1 / 3)) - 1)
    rows, columns = picture.height // 8, picture.width // 8
    thresholds = np.tile((matrix + 0.5) / 64, (rows, columns))[..., None]
    values = np.asarray(picture)[: rows * 8, : columns * 8] / 255 * steps
    return Image.fromarray((np.floor(values + thresholds) / steps * 255).round().astype(np.uint8))
