"""Complaints rebuilt from any picture: a version and a worse copy of it, or two versions with equal pixels."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from group_edits import pixels, saved_jpeg, written
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

ROTTEN_BYTES = 24
_TRIES = 40  # of bit rot, until the file still decodes

Bytes = NDArray[np.uint8]
Files = tuple[bytes, bytes]


@dataclass(frozen=True)
class Case:
    """Two files of one picture.

    Attributes:
        name: of the complaint.
        how: operation and tool.
        make: from a clean picture, the closer file and the other file; None if this picture cannot show the complaint.
        is_tie: whether both files have equal pixels, so that neither is closer.
    """

    name: str
    how: str
    make: Callable[[Image.Image, np.random.Generator], Files | None]
    is_tie: bool = False


def _denoised(picture: Image.Image, generator: np.random.Generator) -> Files:
    copy = cv2.fastNlMeansDenoisingColored(np.asarray(picture)[..., ::-1].copy(), None, 5, 5, 5, 15)
    return written(picture, "PNG"), written(Image.fromarray(copy[..., ::-1].copy()), "PNG")


def _bilateral(picture: Image.Image, generator: np.random.Generator) -> Files:
    copy = cv2.bilateralFilter(np.asarray(picture), 7, 20, 3)
    return written(picture, "PNG"), written(Image.fromarray(copy), "PNG")


def _deblocked(picture: Image.Image, generator: np.random.Generator) -> Files:
    poor = poor_jpeg(picture, generator)
    copy = average_of_shifts(np.asarray(pixels(poor)), float(generator.integers(8, 15)))
    return poor, written(Image.fromarray(copy), "PNG")


def poor_jpeg(picture: Image.Image, generator: np.random.Generator) -> bytes:
    """A JPEG of quality 40 to 75."""
    return saved_jpeg(picture, float(generator.integers(40, 76)), "pillow", "4:2:0")


def average_of_shifts(rgb: Bytes, step: float) -> Bytes:
    """Mean of 32 shifted 8x8 transforms without the coefficients below a step, like ffmpeg's spp filter.

    Args:
        rgb: (H, W, 3).
        step: smallest magnitude of a coefficient that stays, orthonormal scaling.
    """
    height, width = rgb.shape[:2]
    padded = cv2.copyMakeBorder(rgb, 8, 16 - height % 8, 8, 16 - width % 8, cv2.BORDER_REFLECT_101).astype(np.float32)
    basis = np.array([[np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)] for u in range(8)], np.float32) / 2
    basis[0] /= np.sqrt(2)
    total = np.zeros((height, width, 3), np.float32)
    shifts = [(y, x) for y in range(8) for x in range(8) if (x + y) % 2 == 0]
    for top, left in shifts:
        part = padded[top : top + (height + 15) // 8 * 8, left : left + (width + 15) // 8 * 8]
        blocks = part.reshape(part.shape[0] // 8, 8, part.shape[1] // 8, 8, 3).transpose(0, 2, 4, 1, 3)
        found = basis @ blocks @ basis.T
        found[np.abs(found) < step] = 0
        part = (basis.T @ found @ basis).transpose(0, 3, 1, 4, 2).reshape(part.shape)
        total += part[8 - top : 8 - top + height, 8 - left : 8 - left + width]
    return np.clip(np.rint(total / len(shifts)), 0, 255).astype(np.uint8)


def _toned(change: Callable[[Image.Image], Image.Image], as_jpeg: bool) -> Callable[..., Files | None]:
    def make(picture: Image.Image, generator: np.random.Generator) -> Files | None:
        if change(picture).tobytes() == picture.tobytes():  # a grey picture has no colours to strengthen
            return None
        if not as_jpeg:
            return written(picture, "PNG"), written(change(picture), "PNG")
        source = saved_jpeg(picture, 90, "pillow", "4:2:0")
        return source, saved_jpeg(change(pixels(source)), 96, "pillow", "4:2:0")

    return make


def _with_gamma(picture: Image.Image) -> Image.Image:
    return picture.point([round(255 * (value / 255) ** 0.88) for value in range(256)] * 3)


def _rotten(picture: Image.Image, generator: np.random.Generator) -> Files | None:
    whole = saved_jpeg(picture, 85, "pillow", "4:2:0")
    for _ in range(_TRIES):
        data = overwrite(whole, 0.3, 0.6, generator)
        if decodes(data):
            return whole, data
    return None


def overwrite(data: bytes, least: float, most: float, generator: np.random.Generator) -> bytes:
    """A JPEG with ROTTEN_BYTES of its coded pixels overwritten, somewhere between two shares of the file."""
    at = max(data.index(b"\xff\xda") + 14, int(generator.uniform(least, most) * len(data)))
    return data[:at] + generator.integers(0, 256, ROTTEN_BYTES, np.uint8).tobytes() + data[at + ROTTEN_BYTES :]


def decodes(data: bytes) -> bool:
    try:
        Image.open(io.BytesIO(data)).load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _deep(container: str, to_eight: Callable[[NDArray[np.uint16]], Bytes]) -> Callable[..., Files]:
    def make(picture: Image.Image, generator: np.random.Generator) -> Files:
        exact = np.asarray(picture, np.float32) / 255
        size = round(picture.width * 0.75), round(picture.height * 0.75)
        shrunk = cv2.resize(exact, size, interpolation=cv2.INTER_AREA)
        deep = np.rint(np.clip(shrunk, 0, 1) * 65535).astype(np.uint16)
        data = cv2.imencode(container, deep[..., ::-1])[1].tobytes()
        return data, written(Image.fromarray(to_eight(deep)), "PNG")

    return make


def _cmyk(picture: Image.Image, generator: np.random.Generator) -> Files:
    source = written(picture.convert("CMYK"), "JPEG", quality=92)
    return source, saved_jpeg(pixels(source), 95, "pillow", "4:2:0")


def _sampled(factors: str) -> Callable[..., Files]:
    def make(picture: Image.Image, generator: np.random.Generator) -> Files:
        from wand.image import Image as WandImage

        with WandImage.from_array(np.asarray(picture)) as image:
            image.compression_quality = 95
            image.options["jpeg:sampling-factor"] = factors
            source = image.make_blob("jpeg")
        return source, saved_jpeg(pixels(source), 95, "pillow", "4:2:0")

    return make


def _transparent(picture: Image.Image, generator: np.random.Generator) -> Files:
    data = written(with_soft_edge(picture), "PNG")
    layer = Image.open(io.BytesIO(data))
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return data, written(flat, "PNG")


def with_soft_edge(picture: Image.Image) -> Image.Image:
    """RGBA; transparent outside an ellipse with a soft edge."""
    y, x = np.mgrid[-1 : 1 : picture.height * 1j, -1 : 1 : picture.width * 1j]
    alpha = np.clip((0.9 - np.hypot(x, y)) * 12, 0, 1)
    return Image.fromarray(np.dstack([np.asarray(picture), np.rint(255 * alpha).astype(np.uint8)]), "RGBA")


def _tie(change: Callable[[Image.Image], bytes]) -> Callable[..., Files]:
    return lambda picture, generator: (written(picture, "PNG"), change(picture))


def _palettes(picture: Image.Image, generator: np.random.Generator) -> Files:
    few = picture.quantize(int(generator.integers(16, 257)))
    return written(few.convert("RGB"), "PNG"), written(few, "PNG")


def _lossless_avif(picture: Image.Image) -> bytes:
    options = [cv2.IMWRITE_AVIF_QUALITY, 100, cv2.IMWRITE_AVIF_SPEED, 10]
    return cv2.imencode(".avif", np.asarray(picture)[..., ::-1], options)[1].tobytes()


def _animated(picture: Image.Image) -> bytes:
    return written(picture, "WEBP", lossless=True, method=0, save_all=True, append_images=[ImageOps.mirror(picture)])


def _eight_in_sixteen(picture: Image.Image) -> bytes:
    return cv2.imencode(".png", np.asarray(picture)[..., ::-1].astype(np.uint16) * 257)[1].tobytes()


def cases() -> Iterator[Case]:
    """All cases; those that need ImageMagick or AVIF only if these are installed."""
    yield Case("denoised, PNG of PNG", "OpenCV fastNlMeansDenoisingColored 5, 5, 5, 15", _denoised)
    yield Case("denoised, bilateral", "OpenCV bilateralFilter 7, 20, 3", _bilateral)
    yield Case("deblocked PNG of a JPEG of 40-75", "NumPy: mean of 32 shifted transforms (as ffmpeg spp=5), 8-14", _deblocked)
    tones = {
        "auto-contrast": lambda picture: ImageOps.autocontrast(picture, cutoff=1),
        "colour 1.25": lambda picture: ImageEnhance.Color(picture).enhance(1.25),
        "gamma 0.88": _with_gamma,
    }
    for name, change in tones.items():
        yield Case(f"{name}, PNG of PNG", "Pillow", _toned(change, False))
        yield Case(f"{name}, JPEG 96 of JPEG 90", "Pillow", _toned(change, True))
    yield Case("bit rot", f"{ROTTEN_BYTES} bytes of a JPEG 85 overwritten at 30-60 %", _rotten)
    cut, rounded = (lambda deep: (deep >> 8).astype(np.uint8)), (lambda deep: np.rint(deep / 257).astype(np.uint8))
    yield Case("16-bit PNG against its 8-bit copy", "OpenCV; upper bytes", _deep(".png", cut))
    yield Case("16-bit PNG against its rounded 8-bit copy", "OpenCV; NumPy", _deep(".png", rounded))
    yield Case("16-bit TIFF against its 8-bit copy", "OpenCV; upper bytes", _deep(".tiff", cut))
    yield Case(
        "saved again at the same quality", "Pillow, 75 of 75, 4:2:0",
        lambda picture, generator: (once := saved_jpeg(picture, 75, "pillow", "4:2:0"),
                                    saved_jpeg(pixels(once), 75, "pillow", "4:2:0")),
    )  # fmt: skip
    yield Case("RGB JPEG 95 of a CMYK JPEG 92", "Pillow", _cmyk)
    for name, factors in {"4:1:0": "4x2", "4:1:1": "4x1", "4:4:0": "1x2", "4:2:2": "2x1"}.items():
        yield Case(f"4:2:0 JPEG 95 of a {name} JPEG 95", "ImageMagick, Pillow", _sampled(factors))
    yield Case("transparent PNG against its copy on white", "Pillow", _transparent)
    yield Case("24-bit PNG, palette PNG", "Pillow, 16-256 colours", _palettes, True)
    yield Case("PNG, lossless WebP", "Pillow", _tie(lambda one: written(one, "WEBP", lossless=True, method=0)), True)
    yield Case("PNG, lossless AVIF", "OpenCV", _tie(_lossless_avif), True)
    yield Case("PNG, packed anew", "Pillow, level 1", _tie(lambda one: written(one, "PNG", compress_level=1)), True)
    yield Case("PNG, opaque transparency", "Pillow", _tie(lambda one: written(one.convert("RGBA"), "PNG")), True)
    yield Case("PNG, 8 bits in a 16-bit PNG", "OpenCV", _tie(_eight_in_sixteen), True)
    yield Case("PNG, turned PNG", "Pillow", _tie(lambda one: written(one.transpose(Image.Transpose.ROTATE_90), "PNG")), True)
    yield Case("PNG, first frame of an animation", "Pillow, WebP", _tie(_animated), True)
