"""All calls of ImageMagick, in process through Wand: one function for each step of a recipe."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.datagen.array_steps import ARRAY_STEPS
from genloss.datagen.file_damage import cut, overwrite
from genloss.datagen.recipe import Step
from genloss.model.errors import DatagenError, ExtraMissingError, RecipeError

_HERE = Path(__file__).resolve().parent
# ImageMagick reads its policy once, when the library is loaded, so ours has to be in place before
# wand is imported. Debian's own allows readers (text:, msl:) that abort the whole process.
os.environ |= {"MAGICK_CONFIGURE_PATH": str(_HERE / "magick_config"), "MAGICK_THREAD_LIMIT": "1"}
FONT = _HERE / "fonts" / "DejaVuSans-Bold-ASCII.ttf"
TABLES = _HERE / "quantisation_tables"

try:
    from wand.color import Color
    from wand.drawing import Drawing
    from wand.exceptions import WandException, WandRuntimeError
    from wand.image import Image
    from wand.version import MAGICK_VERSION, MAGICK_VERSION_INFO, formats
    from wand.version import VERSION as WAND_VERSION
except ImportError as error:
    if (error.name or "").partition(".")[0] == "wand":
        raise ExtraMissingError("editing pictures with ImageMagick", "datagen", error) from error
    first_line = str(error).partition("\n")[0]
    raise DatagenError(
        f"ImageMagick cannot be used ({first_line}); on Debian or Ubuntu run: apt-get install "
        "libmagickwand-6.q16-6, or libmagickwand-7.q16-10 on newer releases"
    ) from error

LIBRARY_VERSION = f"{MAGICK_VERSION}; Wand {WAND_VERSION}"
MagickImage = Image  # for annotations elsewhere: no other file imports wand
SAMPLING_FACTORS = {"4:4:4": "1x1", "4:2:2": "2x1", "4:2:0": "2x2", "4:1:1": "4x1", "4:4:0": "1x2"}
_DITHER_IS_BOOLEAN = MAGICK_VERSION_INFO[0] < 7
CAN_WRITE_AVIF = bool(formats("AVIF"))  # Debian 12 can; older or smaller builds cannot


def open_image(data: bytes, image_format: str) -> Image:
    """Decodes the first frame to 8-bit sRGB with alpha flattened over white; the caller closes it.

    Args:
        data: the whole file.
        image_format: ImageMagick's name of the format, for example "jpeg"; it is never guessed from the bytes.

    Raises:
        RecipeError: the file cannot be decoded.
    """
    image = None
    try:
        image = Image(blob=data, format=image_format)
        while len(image.sequence) > 1:
            image.sequence.pop()
        if image.colorspace not in ("srgb", "gray"):
            image.transform_colorspace("srgb")
        if image.alpha_channel:
            image.background_color = Color("white")
            image.alpha_channel = "remove"
        image.depth = 8
        image.strip()
    except (WandException, WandRuntimeError, ValueError) as error:
        if image is not None:
            image.close()
        raise RecipeError(f"ImageMagick cannot read this {image_format} file: {error}") from error
    return image


def apply_step(image: Image, step: Step) -> tuple[bytes, str] | None:
    """Applies one step in place. A save returns (file bytes, format) and does not change the image.

    Raises:
        RecipeError: ImageMagick refuses the step.
    """
    try:
        if step.name.startswith("save_"):
            return _SAVES[step.name](image, step)
        if step.name in ARRAY_STEPS:
            _put(image, ARRAY_STEPS[step.name](pixels(image), step))
        else:
            _EDITS[step.name](image, step)
        if image.alpha_channel:
            # Distorting and drawing switch transparency on, with leftovers of earlier images in it.
            image.alpha_channel = "deactivate"
        return None
    except (WandException, WandRuntimeError, ValueError, TypeError, MemoryError) as error:
        raise RecipeError(f"ImageMagick refused {step}: {error}") from error


def pixels(image: Image) -> NDArray[np.uint8]:
    """A read-only copy of the pixels, (H, W, 3) uint8 sRGB."""
    return np.frombuffer(image.make_blob("rgb"), np.uint8).reshape(image.height, image.width, 3)


def pixel_digest(image: Image) -> str:
    """SHA-256 of size and 8-bit pixels; equal if and only if two decoded images are equal."""
    digest = hashlib.sha256(f"{image.width}x{image.height}:".encode())
    digest.update(image.make_blob("rgb"))
    return digest.hexdigest()


def thumbnail(image: Image, side_px: int) -> bytes:
    """A small JPEG that fits a square of this side."""
    with image.clone() as copy:
        copy.transform(resize=f"{side_px}x{side_px}>")
        copy.compression_quality = 80
        return bytes(copy.make_blob("jpeg"))


def _crop(image: Image, step: Step) -> None:
    left, top = step["left_px"], step["top_px"]
    image.crop(left=left, top=top, width=step["width_px"], height=step["height_px"], reset_coords=True)


def _resize(image: Image, step: Step) -> None:
    if step["linear_light"]:
        image.transform_colorspace("rgb")
    image.resize(step["width_px"], step["height_px"], filter=step["filter"], blur=step["blur"])
    if step["linear_light"]:
        image.transform_colorspace("srgb")


def _distort_resize(image: Image, step: Step) -> None:
    image.options["filter"] = step["filter"]
    image.distort("resize", (float(step["width_px"]), float(step["height_px"])))
    image.reset_coords()


def _border(image: Image, step: Step) -> None:
    image.border(Color(step["colour"]), step["width_px"], step["height_px"])


def _grain(image: Image, step: Step) -> None:
    """Gaussian noise from numpy: ImageMagick's own has no seed that Wand can set."""
    height, width = image.height, image.width
    noise = np.random.default_rng(step["seed"]).standard_normal((height, width, 3 if step["coloured"] else 1), np.float32)
    _put(image, np.clip(np.rint(pixels(image) + noise * np.float32(step["sigma"])), 0, 255).astype(np.uint8))


def _put(image: Image, rgb: NDArray[np.uint8]) -> None:
    """Other pixels of the same size in its place."""
    with Image(blob=rgb.tobytes(), format="rgb", width=image.width, height=image.height, depth=8) as other:
        if image.colorspace != "srgb":
            image.transform_colorspace("srgb")
        image.composite(other, 0, 0, operator="copy")


def _lettering(image: Image, step: Step) -> None:
    with Drawing() as drawing:
        drawing.font = str(FONT)
        drawing.font_size = step["size_px"]
        drawing.fill_color = Color(step["colour"])
        drawing.fill_opacity = step["opacity"]
        if step["outline"] != "none":
            drawing.stroke_color = Color(step["outline"])
            drawing.stroke_width = step["size_px"] / 14
        if step["degrees"]:
            drawing.translate(step["left_px"], step["baseline_px"])
            drawing.rotate(step["degrees"])
            drawing.text(0, 0, step["text"])
        else:
            drawing.text(step["left_px"], step["baseline_px"], step["text"])
        drawing(image)


def _quantise(image: Image, step: Step) -> None:
    n_colours, colourspace, dither = step["n_colours"], step["colourspace"], step["dither"]
    if not _DITHER_IS_BOOLEAN:
        image.quantize(n_colours, colorspace_type=colourspace, dither=dither)
    elif dither == "floyd_steinberg":
        # ImageMagick 6 dithers by Riemersma when it quantises; only its remap knows Floyd-Steinberg.
        with image.clone() as palette:
            palette.quantize(n_colours, colorspace_type=colourspace, dither=False)
            palette.unique_colors()
            image.remap(palette, dither)
    else:
        image.quantize(n_colours, colorspace_type=colourspace, dither=dither == "riemersma")


def _dataset_palette(image: Image, step: Step) -> None:
    colours = bytes.fromhex(step["colours"])
    with Image(blob=colours, format="rgb", width=len(colours) // 3, height=1, depth=8) as palette:
        image.remap(palette, step["dither"])


def _save_jpeg(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        copy.options["jpeg:sampling-factor"] = SAMPLING_FACTORS[step["sampling"]]
        # ImageMagick's own default is the fast, inexact transform; nearly everybody else's is libjpeg's exact one.
        copy.options["jpeg:dct-method"] = step["dct"]
        copy.options["jpeg:optimize-coding"] = str(step["optimised"]).lower()
        copy.compression_quality = step["quality"]
        if step["tables"] != "annex_k":
            copy.options["jpeg:q-table"] = str(TABLES / f"{step['tables']}.xml")
        # ImageMagick 6 ignores Wand's interlace scheme when it writes JPEG; its PJPEG writer does not.
        return copy.make_blob("pjpeg" if step["progressive"] else "jpeg"), "jpeg"


def _save_generations(image: Image, step: Step) -> tuple[bytes, str]:
    """Turned and saved again and again; each save meets what the one before left."""
    current = image.clone()
    for _ in range(step["count"]):
        current.rotate(step["degrees"], reset_coords=True)
        saved = _save_jpeg(current, step)
        current.close()
        current = open_image(*saved)
    current.close()
    return saved


def _save_webp(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        copy.options["webp:lossless"] = "true" if step["lossless"] else "false"
        copy.compression_quality = step["quality"]
        return copy.make_blob("webp"), "webp"


def _save_avif(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        copy.compression_quality = step["quality"]
        return copy.make_blob("avif"), "avif"


def _save_png(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        # Tens digit: zlib level; units digit: filter, 5 = adaptive per row, 0 = none (best for palettes).
        copy.compression_quality = step["compression_level"] * 10 + (0 if step["palette"] else 5)
        return copy.make_blob("png8" if step["palette"] else "png"), "png"


def _save_gif(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        return copy.make_blob("gif"), "gif"


def _contrast(image: Image, step: Step) -> None:
    strength, midpoint = step["strength"], step["midpoint"] * image.quantum_range
    image.sigmoidal_contrast(sharpen=strength > 0, strength=abs(strength), midpoint=midpoint)


_EDITS: dict[str, Callable[[Image, Step], object]] = {
    "crop": _crop, "resize": _resize, "distort_resize": _distort_resize, "border": _border, "contrast": _contrast,
    "grain": _grain, "lettering": _lettering, "quantise": _quantise, "dataset_palette": _dataset_palette,
    "shave": lambda image, step: image.shave(step["width_px"], step["height_px"]),
    "adaptive_resize": lambda image, step: image.adaptive_resize(step["width_px"], step["height_px"]),
    "sample": lambda image, step: image.sample(step["width_px"], step["height_px"]),
    "scale": lambda image, step: image.scale(step["width_px"], step["height_px"]),
    "rotate": lambda image, step: image.rotate(step["degrees"], reset_coords=True),
    "gamma": lambda image, step: image.gamma(step["gamma"]),
    "saturation": lambda image, step: image.modulate(saturation=step["percent"]),
    # The same Gaussian as `gaussian_blur`, by rows and then by columns: a sixth of the time at sigma 2.5.
    "blur": lambda image, step: image.blur(radius=0, sigma=step["sigma"]),
    "sharpen": lambda image, step: image.unsharp_mask(radius=0, sigma=step["sigma"], amount=0.8, threshold=0.0),
    "clarity": lambda image, step: image.unsharp_mask(radius=0, sigma=step["sigma"], amount=step["amount"], threshold=0.0),
    "median": lambda image, step: image.statistic("median", step["size_px"], step["size_px"]),
    "posterise": lambda image, step: image.posterize(levels=step["levels"], dither=step["dither"]),
    "ordered_dither": lambda image, step: image.ordered_dither(f"{step['map']},{step['levels']}"),
}  # fmt: skip
_SAVES: dict[str, Callable[[Image, Step], tuple[bytes, str]]] = {
    "save_jpeg": _save_jpeg, "save_generations": _save_generations, "save_webp": _save_webp, "save_avif": _save_avif,
    "save_png": _save_png, "save_gif": _save_gif,
    "save_overwritten": lambda image, step: (overwrite(_save_jpeg(image, step)[0], step), "jpeg"),
    "save_cut": lambda image, step: (cut(_save_jpeg(image, step)[0], step), "jpeg"),
}  # fmt: skip
