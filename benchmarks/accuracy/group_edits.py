"""Edits as people make them, each with a strength: saves, shrinks, crops, posts and screenshots by several programs."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import simplejpeg
from PIL import Image, ImageDraw

# Both are optional; each installed program adds a different fingerprint.
MAGICK, OPENCV = find_spec("wand") is not None, find_spec("cv2") is not None
RESIZERS = ("pillow", *(("magick",) if MAGICK else ()), *(("opencv",) if OPENCV else ()))
JPEG_PROGRAMS = (*RESIZERS, "simplejpeg")
WEBP_PROGRAMS = ("pillow", *(("opencv",) if OPENCV else ()))
SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0", "4:2:0")
LIMITS_PX = (1080, 640, 480, 320, 240)  # longest sides that platforms allow; a picture gets one of the next two below its own

Setting = str | int | float


@dataclass(frozen=True)
class Edit:
    """How a version was made.

    Attributes:
        kind: a key of KINDS.
        program: the program that saved or resized it.
        settings: must be equal for two siblings to differ only in strength.
        strength: the higher, the more is lost.
    """

    kind: str
    program: str
    settings: tuple[Setting, ...]
    strength: float

    def same_but_strength(self, other: "Edit") -> bool:
        """Whether the two edits differ only in strength, or not at all."""
        return (self.kind, self.program, self.settings) == (other.kind, other.program, other.settings)


@dataclass(frozen=True)
class Kind:
    """A kind of edit.

    Attributes:
        share: relative frequency.
        programs: the programs that can make it.
        settings: draws the settings of an edit.
        strengths: smallest and largest strength.
        gap: smallest difference of strength that orders two siblings; None if siblings have no order.
        make: makes the file from a picture.
    """

    share: float
    programs: tuple[str, ...]
    settings: Callable[[np.random.Generator], tuple[Setting, ...]]
    strengths: tuple[float, float]
    gap: float | None
    make: Callable[[Image.Image, Edit], bytes]


def draw_edit(kind: str, generator: np.random.Generator) -> Edit:
    """A random edit of a kind."""
    found = KINDS[kind]
    program = str(generator.choice(found.programs))
    return Edit(kind, program, found.settings(generator), float(generator.uniform(*found.strengths)))


def pixels(data: bytes) -> Image.Image:
    """RGB pixels of a file."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def written(picture: Image.Image, image_format: str, **options: object) -> bytes:
    """A file by Pillow."""
    stream = io.BytesIO()
    picture.save(stream, image_format, **options)
    return stream.getvalue()


def saved_jpeg(picture: Image.Image, quality: float, program: str, sampling: str) -> bytes:
    """A JPEG by one of JPEG_PROGRAMS."""
    quality, array = round(quality), np.ascontiguousarray(picture)
    if program == "simplejpeg":
        return simplejpeg.encode_jpeg(array, quality, "RGB", sampling.replace(":", ""))
    if program == "magick":
        from wand.image import Image as WandImage

        with WandImage.from_array(array) as image:
            image.compression_quality = quality
            image.options["jpeg:sampling-factor"] = {"4:4:4": "1x1", "4:2:2": "2x1", "4:2:0": "2x2"}[sampling]
            return image.make_blob("jpeg")
    if program == "opencv":
        import cv2

        factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{sampling.replace(':', '')}")
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        return cv2.imencode(".jpg", array[..., ::-1], options)[1].tobytes()
    return written(picture, "jpeg", quality=quality, subsampling=sampling, optimize=quality % 2 == 0)


def _jpeg(picture: Image.Image, edit: Edit) -> bytes:
    return saved_jpeg(picture, 100 - edit.strength, edit.program, str(edit.settings[0]))


def _webp(picture: Image.Image, edit: Edit) -> bytes:
    quality = round(100 - edit.strength)
    if edit.program == "opencv":
        import cv2

        return cv2.imencode(".webp", np.asarray(picture)[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
    return written(picture, "webp", quality=quality)


def _avif(picture: Image.Image, edit: Edit) -> bytes:
    return written(picture, "avif", quality=round(100 - edit.strength), speed=9, subsampling=edit.settings[0])


def _palette(picture: Image.Image, edit: Edit) -> bytes:
    container, dithered = edit.settings
    palette = picture.quantize(round(2 ** (8 - edit.strength)))
    if dithered:
        palette = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    return written(palette, str(container))


def _laundered(picture: Image.Image, edit: Edit) -> bytes:
    return written(pixels(_jpeg(picture, edit)), "png")


def _resized(picture: Image.Image, factor: float, program: str) -> Image.Image:
    """Resized with the usual filter of the program."""
    width, height = (max(16, round(side * factor)) for side in picture.size)
    if program == "magick":
        from wand.image import Image as WandImage

        with WandImage.from_array(np.asarray(picture)) as image:
            image.resize(width, height)
            return Image.fromarray(np.array(image)[..., :3].copy())
    if program == "opencv":
        import cv2

        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        return Image.fromarray(cv2.resize(np.asarray(picture), (width, height), interpolation=way))
    return picture.resize((width, height), Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC)


def _carried(picture: Image.Image, quality: Setting) -> bytes:
    """A JPEG of this quality; a PNG if quality is 0."""
    return written(picture, "jpeg", quality=int(quality)) if quality else written(picture, "png")


def _shrunk(picture: Image.Image, edit: Edit) -> bytes:
    return _carried(_resized(picture, 1 - edit.strength, edit.program), edit.settings[0])


def _shrunk_and_back(picture: Image.Image, edit: Edit) -> bytes:
    small = _resized(picture, 1 - edit.strength, edit.program)
    return _carried(small.resize(picture.size, Image.Resampling.BICUBIC), edit.settings[0])


def _enlarged(picture: Image.Image, edit: Edit) -> bytes:
    return _carried(_resized(picture, 1 + edit.strength, edit.program), edit.settings[0])


def _cropped(picture: Image.Image, edit: Edit) -> bytes:
    """Cropped. A milder crop contains a harsher one: both take the same share of the cut from the left and from the top."""
    *shares, quality = edit.settings
    removed = [round(side * edit.strength) for side in picture.size]
    left, top = (round(float(share) * part) for share, part in zip(shares, removed, strict=True))
    right, bottom = (side - part for side, part in zip(picture.size, removed, strict=True))
    return _carried(picture.crop((left, top, left + right, top + bottom)), quality)


def _screenshot(picture: Image.Image, edit: Edit) -> bytes:
    """A screen with the scaled picture below a bar, with margins."""
    grey, quality = (int(setting) for setting in edit.settings)
    shown = _resized(picture, 1 - edit.strength, edit.program)
    screen = Image.new("RGB", (shown.width + 24, shown.height + 60), (grey, grey, grey))
    ImageDraw.Draw(screen).text((12, 12), "picture - viewer", fill=(255 - grey,) * 3)
    screen.paste(shown, (12, 40))
    return _carried(screen, quality)


def _posted(picture: Image.Image, edit: Edit) -> bytes:
    longest = max(picture.size)
    smaller = [limit for limit in LIMITS_PX if limit < longest] or [longest]
    small = _resized(picture, smaller[min(int(edit.settings[0]), len(smaller) - 1)] / longest, "pillow")
    return saved_jpeg(small, 100 - edit.strength, edit.program, "4:2:0")


def _draw_sampling(generator: np.random.Generator) -> tuple[Setting, ...]:
    return (str(generator.choice(SAMPLINGS)),)


def _draw_carrier(generator: np.random.Generator) -> tuple[Setting, ...]:
    return (int(generator.integers(80, 97)) if generator.random() < 0.5 else 0,)


def _draw_crop(generator: np.random.Generator) -> tuple[Setting, ...]:
    return (float(generator.random()), float(generator.random()), *_draw_carrier(generator))


def _draw_palette(generator: np.random.Generator) -> tuple[Setting, ...]:
    return (str(generator.choice(["gif", "png"])), int(generator.integers(2)))


def _draw_screen(generator: np.random.Generator) -> tuple[Setting, ...]:
    return (int(generator.choice([24, 240, 255])), *_draw_carrier(generator))


KINDS = {
    "jpeg": Kind(4, JPEG_PROGRAMS, _draw_sampling, (3, 65), 3, _jpeg),
    "webp": Kind(1.5, WEBP_PROGRAMS, lambda _: (), (5, 70), 4, _webp),
    "avif": Kind(1, ("pillow",), _draw_sampling, (15, 75), 4, _avif),
    "palette": Kind(1, ("pillow",), _draw_palette, (0, 5), 0.5, _palette),
    "laundered": Kind(1, JPEG_PROGRAMS, _draw_sampling, (3, 65), 3, _laundered),
    "shrunk": Kind(1.5, RESIZERS, _draw_carrier, (0.1, 0.65), 0.05, _shrunk),
    "shrunk and back": Kind(0.75, RESIZERS, _draw_carrier, (0.2, 0.7), 0.05, _shrunk_and_back),
    "enlarged": Kind(0.75, RESIZERS, _draw_carrier, (0.2, 1.5), None, _enlarged),
    "cropped": Kind(1.5, ("pillow",), _draw_crop, (0.05, 0.25), 0.03, _cropped),
    "screenshot": Kind(1, RESIZERS, _draw_screen, (-0.5, 0.5), None, _screenshot),
    "posted": Kind(2, JPEG_PROGRAMS, lambda generator: (int(generator.integers(2)),), (15, 30), 3, _posted),
}
