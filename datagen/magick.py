"""The only file that talks to ImageMagick: one function per step of a recipe, run in process through Wand."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from datagen.recipe import Step
from model.errors import DatagenError, RecipeError

# ImageMagick reads its policy once, when the library is loaded, so ours has to be in place before
# wand is imported. Debian's own allows readers (text:, msl:) that abort the whole process.
_POLICY = """<policymap>
  <policy domain="resource" name="memory" value="1GiB"/>
  <policy domain="resource" name="map" value="1GiB"/>
  <policy domain="resource" name="disk" value="0"/>
  <policy domain="resource" name="width" value="32KP"/>
  <policy domain="resource" name="height" value="32KP"/>
  <policy domain="resource" name="area" value="256MP"/>
  <policy domain="resource" name="thread" value="1"/>
  <policy domain="delegate" rights="none" pattern="*"/>
  <policy domain="path" rights="none" pattern="@*"/>
  <policy domain="coder" rights="none" pattern="*"/>
  <policy domain="coder" rights="read|write" pattern="{JPEG,JPG,PJPEG,PNG,PNG8,GIF,WEBP,BMP,TIFF,RGB}"/>
</policymap>
"""
if "MAGICK_CONFIGURE_PATH" not in os.environ:
    _policy_dir = Path(tempfile.mkdtemp(prefix="genloss-magick-"))
    (_policy_dir / "policy.xml").write_text(_POLICY, encoding="ascii")
    os.environ["MAGICK_CONFIGURE_PATH"] = str(_policy_dir)
os.environ.setdefault("MAGICK_THREAD_LIMIT", "1")

try:
    from wand.color import Color
    from wand.exceptions import WandException, WandRuntimeError
    from wand.image import Image
    from wand.version import MAGICK_VERSION, MAGICK_VERSION_INFO
    from wand.version import VERSION as WAND_VERSION
except ImportError as error:
    raise DatagenError(
        f"ImageMagick cannot be used ({error}); on Debian or Ubuntu install the library with "
        "`apt-get install libmagickwand-6.q16-6` (or libmagickwand-7.q16-10) and wand with "
        "`pip install genloss[datagen]`"
    ) from error

LIBRARY_VERSION = f"{MAGICK_VERSION}; Wand {WAND_VERSION}"
SAMPLING_FACTORS = {"4:4:4": "1x1", "4:2:2": "2x1", "4:2:0": "2x2", "4:1:1": "4x1", "4:4:0": "1x2"}
_DITHER_IS_BOOLEAN = MAGICK_VERSION_INFO[0] < 7


def open_image(data: bytes, image_format: str) -> Image:
    """Decodes the first frame to 8-bit sRGB with alpha flattened over white; the caller closes it.

    Args:
        data: the whole file.
        image_format: ImageMagick's name of the container, for example "jpeg"; never guessed from the bytes.

    Raises:
        RecipeError: the file cannot be decoded.
    """
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
        raise RecipeError(f"ImageMagick cannot read this {image_format} file: {error}") from error
    return image


def apply_step(image: Image, step: Step) -> tuple[bytes, str] | None:
    """Applies one step in place; a save gives (file bytes, format) and leaves the image as it was.

    Raises:
        RecipeError: ImageMagick refuses the step.
    """
    try:
        if step.name.startswith("save_"):
            return _SAVES[step.name](image, step)
        _EDITS[step.name](image, step)
        return None
    except (WandException, WandRuntimeError, ValueError, TypeError, MemoryError) as error:
        raise RecipeError(f"ImageMagick refused {step}: {error}") from error


def pixel_signature(image: Image) -> str:
    """SHA-256 of size and pixels; equal exactly when two decoded images are."""
    return str(image.signature)


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


def _quantise(image: Image, step: Step) -> None:
    dither = step["dither"]
    if _DITHER_IS_BOOLEAN:
        image.quantize(step["n_colours"], colorspace_type=step["colourspace"], dither=dither != "no")
    else:
        image.quantize(step["n_colours"], colorspace_type=step["colourspace"], dither=dither)


def _save_jpeg(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        copy.options["jpeg:sampling-factor"] = SAMPLING_FACTORS[step["sampling"]]
        copy.compression_quality = step["quality"]
        # ImageMagick 6 ignores Wand's interlace scheme when it writes JPEG; its PJPEG writer does not.
        return copy.make_blob("pjpeg" if step["progressive"] else "jpeg"), "jpeg"


def _save_webp(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        copy.options["webp:lossless"] = "true" if step["lossless"] else "false"
        copy.compression_quality = step["quality"]
        return copy.make_blob("webp"), "webp"


def _save_png(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        # Tens digit: zlib level; units digit: filter, 5 = adaptive per row, 0 = none (best for palettes).
        copy.compression_quality = step["compression_level"] * 10 + (0 if step["palette"] else 5)
        return copy.make_blob("png8" if step["palette"] else "png"), "png"


def _save_gif(image: Image, step: Step) -> tuple[bytes, str]:
    with image.clone() as copy:
        return copy.make_blob("gif"), "gif"


_EDITS: dict[str, Callable[[Image, Step], object]] = {
    "crop": _crop,
    "resize": _resize,
    "sample": lambda image, step: image.sample(step["width_px"], step["height_px"]),
    "scale": lambda image, step: image.scale(step["width_px"], step["height_px"]),
    "distort_resize": _distort_resize,
    "border": _border,
    "rotate": lambda image, step: image.rotate(step["degrees"], reset_coords=True),
    "gamma": lambda image, step: image.gamma(step["gamma"]),
    "blur": lambda image, step: image.gaussian_blur(radius=0, sigma=step["sigma"]),
    "sharpen": lambda image, step: image.unsharp_mask(radius=0, sigma=step["sigma"], amount=0.8, threshold=0.0),
    "quantise": _quantise,
    "posterise": lambda image, step: image.posterize(levels=step["levels"], dither=step["dither"]),
}
_SAVES: dict[str, Callable[[Image, Step], tuple[bytes, str]]] = {
    "save_jpeg": _save_jpeg,
    "save_webp": _save_webp,
    "save_png": _save_png,
    "save_gif": _save_gif,
}
