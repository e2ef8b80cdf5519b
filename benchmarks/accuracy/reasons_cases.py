"""Files with known history, to measure the reasons of `genloss explain`."""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from reasons_treatments import LEAST_SIDE_PX, OPENCV, TREATMENTS, Truth, draw_factor, enlarge, resize, treat
from wand.image import Image as WandImage

# Containers after each treatment; then chains of two saves, for fewer treatments.
AGAIN_TREATMENTS = ("plain", "drawing", "soft", "enlarged")
CARRIERS = ("png", "jpeg", "webp", "avif", "gif")
_IMAGECODECS = find_spec("imagecodecs") is not None
# Lossless AVIF needs OpenCV or imagecodecs.
LOSSLESS = ("webp lossless", *(("avif lossless",) if OPENCV or _IMAGECODECS else ()), "tiff", "bmp")
DOUBLES = tuple(
    f"{first}>{last}"
    for first, lasts in {
        "jpeg": "png jpeg webp avif gif", "jpeg crop": "png jpeg webp avif", "webp": "png jpeg avif", "avif": "png jpeg webp",
        "gif": "png", "jpeg shrink": "png jpeg", "webp shrink": "png", "avif shrink": "png",
        "jpeg enlarge": "png jpeg webp", "webp enlarge": "png", "avif enlarge": "png",
    }.items()
    for last in lasts.split()
)  # fmt: skip
DOUBLES += tuple(f"{first}>{last}" for first in ("jpeg", "jpeg crop", "gif") for last in LOSSLESS)


@dataclass(frozen=True)
class Case:
    """A file and its history: the treatment of the original, and the containers of its saves in order."""

    treatment: str
    carrier: str
    data: bytes
    truth: Truth


def read_originals(folder: Path) -> list[tuple[str, Image.Image]]:
    """Lossless pictures below a folder (PNG, lossless WebP, BMP, TIFF), by name."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".png", ".webp", ".bmp", ".tif", ".tiff"):
            data = path.read_bytes()
            if path.suffix != ".webp" or b"VP8L" in data[:4096]:
                found.append((path.stem, Image.open(io.BytesIO(data)).convert("RGB")))
    return [(name, picture) for name, picture in found if min(picture.size) >= LEAST_SIDE_PX]


def make_cases(picture: Image.Image, seed: tuple[int, ...], last: str | None = None) -> Iterator[Case]:
    """An original in every container and pair of containers, after every treatment that matters there.

    Args:
        picture: the original.
        seed: equal seeds make equal files.
        last: if given, only files with this last container.
    """
    cases = [(treatment, carrier) for carrier in (*CARRIERS, *LOSSLESS) for treatment in TREATMENTS]
    cases += [(treatment, carrier) for carrier in DOUBLES for treatment in AGAIN_TREATMENTS]
    for treatment, carrier in cases:
        wanted = last in (None, carrier.rpartition(">")[2])
        if wanted and not ("enlarge" in carrier and treatment == "enlarged"):
            generator = np.random.default_rng((*seed, zlib.crc32(f"{treatment} {carrier}".encode())))
            yield Case(treatment, carrier, *_made(picture, treatment, carrier, generator))
    for treatment in ("cut", "overwritten") if last in (None, "jpeg") else ():
        generator = np.random.default_rng((*seed, zlib.crc32(treatment.encode())))
        data, truth = _made(picture, "plain", "jpeg", generator)
        yield Case(treatment, "jpeg", _damaged(data, treatment, generator), replace(truth, damaged=True))


def _damaged(data: bytes, treatment: str, generator: np.random.Generator) -> bytes:
    """A JPEG cut off within its coded pixels and closed by an end-of-image marker, or with 24 coded bytes replaced."""
    start = data.rindex(b"\xff\xda") + 14
    if treatment == "cut":
        return data[: int(start + generator.uniform(0.2, 0.9) * (len(data) - start))] + b"\xff\xd9"
    at = int(generator.integers(start, max(start + 1, len(data) - 40)))
    return data[:at] + generator.integers(0, 255, 24, dtype=np.uint8).tobytes() + data[at + 24 :]


def save(picture: Image.Image, carrier: str, generator: np.random.Generator) -> tuple[bytes, int]:
    """A file by Pillow, ImageMagick or OpenCV, and its quality if the container has one."""
    quality = int(generator.integers(30, 96))
    program = int(generator.integers(3))
    if carrier == "jpeg" and program == 1:
        with WandImage.from_array(np.asarray(picture)) as image:
            image.compression_quality = quality
            image.options["jpeg:sampling-factor"] = str(generator.choice(["1x1", "2x2"]))
            return image.make_blob("jpeg"), quality
    if OPENCV and program == 2 and carrier in ("jpeg", "webp", "png"):
        import cv2

        pixels = np.asarray(picture.convert("RGB"))[..., ::-1]
        option = {"jpeg": cv2.IMWRITE_JPEG_QUALITY, "webp": cv2.IMWRITE_WEBP_QUALITY}.get(carrier)
        return cv2.imencode(f".{carrier}", pixels, [option, quality] if option else [])[1].tobytes(), quality
    if carrier == "avif lossless":
        return _lossless_avif(np.asarray(picture.convert("RGB"))), quality
    options: dict[str, dict[str, object]] = {
        "jpeg": {"quality": quality, "subsampling": str(generator.choice(["4:4:4", "4:2:2", "4:2:0"]))},
        "webp": {"quality": quality},
        "avif": {"quality": quality, "speed": 10, "subsampling": str(generator.choice(["4:4:4", "4:2:0"]))},
        "webp lossless": {"lossless": True, "method": 0, "quality": 0},
        "png": {"compress_level": 1},
    }
    stream = io.BytesIO()
    picture.save(stream, carrier.split()[0], **options.get(carrier, {}))
    return stream.getvalue(), quality


def _lossless_avif(rgb: NDArray[np.uint8]) -> bytes:
    """RGB stored exactly; Pillow stores Y, Cb and Cr, which rounds colours."""
    if OPENCV:
        import cv2

        options = [cv2.IMWRITE_AVIF_QUALITY, 100, cv2.IMWRITE_AVIF_SPEED, 10]
        return cv2.imencode(".avif", rgb[..., ::-1], options)[1].tobytes()
    import imagecodecs

    return imagecodecs.avif_encode(rgb, level=100, speed=10)


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def _made(picture: Image.Image, treatment: str, carrier: str, generator: np.random.Generator) -> tuple[bytes, Truth]:
    shown, truth = treat(picture, treatment, generator)
    first, _, last = carrier.rpartition(">")
    if first:
        kind, _, then = first.partition(" ")
        truth = replace(_with_palette(truth, shown, kind), resaved=kind != "gif")
        data, quality = save(shown, kind, generator)
        shown = pixels(data)
        if kind == "jpeg" and not then:
            truth = replace(truth, jpeg=(0, 0, quality))
        elif then == "crop":
            left, top = (int(value) for value in generator.integers(0, 8, size=2))
            shown = shown.crop((left, top, *shown.size))
            truth = replace(truth, jpeg=(-left % 8, -top % 8, quality))
        elif then == "shrink":
            factor = float(generator.uniform(0.3, 0.9))
            shown = resize(shown, factor, generator)
            truth = replace(truth, factor=truth.factor and truth.factor * factor)
        elif then == "enlarge":
            factor = draw_factor(generator)
            shown, truth = enlarge(shown, factor, generator), replace(truth, factor=factor, softened=True)
    truth = _with_palette(truth, shown, last)
    if last == "gif":
        shown = shown.convert("L") if treatment == "grey" else shown.convert("RGB").quantize(256)
    data, quality = save(shown, last, generator)
    return data, replace(truth, quality=quality if last == "jpeg" else None, lossless=last not in ("jpeg", "webp", "avif"))


def _with_palette(truth: Truth, shown: Image.Image, carrier: str) -> Truth:
    """The truth with the palette of the file; a GIF reduces pictures of more than 256 colours."""
    reduced = carrier == "gif" and shown.getcolors(256) is None
    return replace(truth, n_colours=256) if reduced and truth.n_colours is None else truth
