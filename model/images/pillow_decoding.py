"""Pictures that Pillow decodes: all but ordinary JPEGs."""

import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from genloss.model.errors import (
    ImageError,
    ImageTooLargeError,
    ImageTruncatedError,
    MetadataTooLargeError,
    UnsupportedFormatError,
)
from genloss.model.images import guard
from genloss.model.images.containers.icc import colour_space
from genloss.model.images.containers.reader import is_lossless, read_bits, read_layout
from genloss.model.images.containers.tiff_directory import exif_orientation
from genloss.model.images.containers.webp import is_lossless_webp
from genloss.model.images.decoded import Decoded, DecodedImage
from genloss.model.images.deep_samples import bits_really_used, has_deep_samples, read_deep_samples
from genloss.model.images.grey_rest import find_grey_rest
from genloss.model.images.jpeg_break import place_by_break
from genloss.model.images.jpeg_damage import Damage
from genloss.model.images.jpeg_header import jpeg_coding
from genloss.model.images.jpeg_planes import first_complaint, has_made_up_pixels, is_cut_off
from genloss.model.images.jpeg_reading import Tried, read_jpeg
from genloss.model.images.opening import open_image
from genloss.model.images.pixels import RgbPixels
from genloss.model.images.png_pixels import png_pixels
from genloss.model.kernels.compiled import lay_over_white, to_luma

_ALPHA_MODES = ("RGBA", "LA", "PA", "La", "RGBa")
_MODE_BITS = {"I": 32, "F": 32}
_TRUNCATION_WORDS = ("truncated", "unexpected end", "end of file", "not enough", "broken data stream", "incomplete")


def decode_with_pillow(data: bytes, image_format: str, max_pixels: int, tried: Tried | None = None) -> DecodedImage:
    """Decodes a file that passed the guard; arguments and errors are those of decode.decode.

    Args:
        tried: of a JPEG that could not be read without Pillow.
    """
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels  # Pillow has a limit of its own, for the whole process
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about odd metadata that does not touch the pixels
            with open_image(data, image_format) as image:
                guard.check_size(*image.size, max_pixels)
                mode = image.mode
                has_alpha = mode in _ALPHA_MODES or "transparency" in image.info
                n_frames = _count_frames(image, data, image_format)
                tables, sampling = jpeg_coding(getattr(image, "quantization", None), getattr(image, "layer", []))
                progressive = bool(image.info.get("progressive", False))
                space = "CMYK" if mode == "CMYK" else colour_space(image.info.get("icc_profile") or b"")
                is_deep, alpha, deep = has_deep_samples(image), None, None
                pixels, damage = _read_jpeg(image, data, tried) if image_format == "jpeg" else (None, None)
                if pixels is None:
                    complaint = first_complaint(data) if image_format == "jpeg" else ""
                    damage = damage or (Damage() if has_made_up_pixels(complaint) else None)
                    layer = png_pixels(data, mode, image.size) if image_format == "png" else None
                    if layer is None:
                        image.seek(0)
                        image.load()
                        layer = _layer(image)
                    alpha = _used_alpha(layer) if has_alpha else None
                    deep = read_deep_samples(data, image_format) if is_deep else None
                    whole = _over_white(layer)
                    luma = np.empty(whole.shape[:2], np.uint8)
                    to_luma(whole.reshape(-1), luma.reshape(1, -1))
                    pixels = (RgbPixels(whole), luma, whole)
                    if is_cut_off(complaint, pixels[1], data):
                        where = "" if damage is None or damage.start is None else f", at about {damage.start:.0%} of its height"
                        raise ImageTruncatedError(
                            f"the JPEG data ends early{where}, in a file that is closed by an end of image"
                        )
                if damage is not None:
                    damage = place_by_break(damage, pixels[1], (8 * sampling[0], 8 * sampling[1]))
                # In PNG it may follow the pixels; a TIFF file is one itself.
                orientation = exif_orientation(data if image_format == "tiff" else image.info.get("exif") or b"")
    except ImageError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ImageTooLargeError(f"decoding needs more memory than there is or Pillow allows ({error})") from error
    except UnidentifiedImageError as error:
        raise _unidentified(image_format, len(data)) from error
    # Codecs raise whatever they like on damaged input: OSError, ValueError, SyntaxError, RuntimeError,
    # struct.error, DecompressionBombError. This is the one place that may catch them all.
    except Exception as error:
        message = str(error) or type(error).__name__
        if "MAX_TEXT_" in message:  # limits of Pillow's PNG reader
            raise MetadataTooLargeError("compressed metadata of more than a megabyte") from error
        if any(word in message.lower() for word in _TRUNCATION_WORDS):
            raise ImageTruncatedError(f"the {image_format.upper()} data ends early ({message})") from error
        raise ImageError(f"the {image_format.upper()} data is damaged ({message})") from error
    bits = read_bits(data, image_format) or _MODE_BITS.get(mode, 16 if is_deep else 8)
    if deep is not None and (bits := bits_really_used(deep)) <= 8:
        deep = None
    return DecodedImage(
        *pixels, image_format, len(data), mode, *tables, sampling, progressive, is_lossless_webp(data),
        is_lossless(data, image_format), damage or find_grey_rest(pixels[1]), n_frames, orientation, has_alpha, alpha, bits,
        deep, space,
    )  # fmt: skip


def _count_frames(image: Image.Image, data: bytes, image_format: str) -> int:
    if image_format == "gif" and (layout := read_layout(data, image_format)).is_closed and layout.n_frames == 1:
        return 1  # Pillow reads through the whole file for it
    return int(getattr(image, "n_frames", 1)) if image_format in ("gif", "webp", "avif", "png") else 1


def _read_jpeg(image: Image.Image, data: bytes, tried: Tried | None) -> tuple[Decoded | None, Damage | None]:
    asked = image.mode, image.size, image.info.get("adobe_transform", 1) == 0
    return (None, tried.damage) if tried is not None and tried[:3] == asked else read_jpeg(data, *asked)


def _layer(image: Image.Image) -> NDArray[np.uint8]:
    """(H, W, 3) or, with alpha, (H, W, 4): any Pillow mode as 8-bit RGB."""
    if image.mode.startswith("I;16") or image.mode == "I":
        values = np.clip(np.asarray(image, dtype=np.int64), 0, 65535)
        return np.asarray(Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB"))
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        scale = 255.0 if values.max(initial=0.0) <= 1.0 else 1.0
        return np.asarray(Image.fromarray(np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)).convert("RGB"))
    mode = "RGBA" if image.mode in _ALPHA_MODES or "transparency" in image.info else "RGB"
    return np.asarray(image if image.mode == mode else image.convert(mode))  # convert would copy it


def _over_white(layer: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3): grey, RGB or RGBA as RGB over white."""
    n_channels = layer.shape[2]
    if n_channels == 4:
        rgb = np.empty((*layer.shape[:2], 3), np.uint8)
        lay_over_white(layer.reshape(-1), rgb.reshape(1, -1))
        return rgb
    return layer if n_channels == 3 else np.repeat(layer, 3, axis=2)


def _used_alpha(layer: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    alpha = np.ascontiguousarray(layer[..., 3])
    return None if alpha.min() == 255 else alpha


def _unidentified(image_format: str, n_bytes: int) -> ImageError:
    # A header cut off before its end looks unknown to Pillow although its first bytes are right.
    if n_bytes < 1024:
        return ImageTruncatedError(f"the {image_format.upper()} header is cut off after {n_bytes} bytes")
    if image_format == "avif":
        return UnsupportedFormatError("this AVIF variant, or AVIF as a whole, is not supported by the installed Pillow")
    return ImageError(f"the {image_format.upper()} header is damaged")
