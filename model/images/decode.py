"""Bytes to pixels: 8-bit RGB and luma of the first frame, alpha over white."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import simplejpeg
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
from genloss.model.images.deep_samples import bits_really_used, has_deep_samples, read_deep_samples
from genloss.model.images.grey_rest import find_grey_rest
from genloss.model.images.jpeg_break import place_by_break
from genloss.model.images.jpeg_damage import Damage, find_damage
from genloss.model.images.jpeg_planes import first_complaint, has_made_up_pixels, is_cut_off, planes_as_stored
from genloss.model.images.opening import open_image
from genloss.model.images.pixels import Pixels, RgbPixels, StoredPixels, StoredPlanes
from genloss.model.images.turbojpeg import decode_planes
from genloss.model.kernels.compiled import lay_over_white, to_luma

_ALPHA_MODES = ("RGBA", "LA", "PA", "La", "RGBa")
_MODE_BITS = {"I": 32, "F": 32}
_LEAST_SIDE_PX = 16  # below, libjpeg scales chroma up in other ways
_LARGE_JPEG_BYTES = 1 << 17  # from here on decoding takes much longer than starting a thread, 0.1 ms
_TRUNCATION_WORDS = ("truncated", "unexpected end", "end of file", "not enough", "broken data stream", "incomplete")
_Decoded = tuple[Pixels, NDArray[np.uint8], NDArray[np.uint8] | bytes]  # pixels, luma and whole of DecodedImage


@dataclass(frozen=True)
class DecodedImage:
    """A decoded picture and what its container states.

    Attributes:
        pixels: red, green and blue of chosen places.
        luma: (H, W) uint8, full range (ITU-T T.871); for a JPEG, the stored luma.
        whole: (H, W, 3) uint8, sRGB; or the file's bytes, if a JPEG must be decoded again for it.
        image_format: one of formats.FORMATS.
        n_bytes: size of the file.
        mode: Pillow's name of the stored pixels, such as "RGB", "P", "L", "CMYK", "I;16".
        luma_table: (8, 8) quantisation steps of a JPEG in natural order, else None.
        chroma_table: likewise for chroma.
        sampling: horizontal and vertical luma sampling relative to chroma, (2, 2) for 4:2:0.
        progressive: whether a JPEG has progressive scans.
        lossless_webp: whether a WebP uses the lossless codec, by its first 4096 bytes; part of FEATURE_VERSION.
        lossless: whether the container stores its pixels exactly; None if its headers do not say.
        damage: the part of the picture that is missing or wrong, in this file or in an earlier one; None if intact.
        n_frames: number of frames; only the first is decoded.
        orientation: EXIF orientation 1-8. It is reported and not applied, because a turn would move the 8x8 grid of the
            pixels.
        has_alpha: whether the file has an alpha channel; it is laid over white.
        alpha: (H, W) uint8 if a pixel is not opaque, else None.
        bits_per_sample: number of bits that carry information, if the samples can be read; else as the header states.
        deep: (H, W, C) uint16 samples if they carry more than eight bits and can be read, else None; C is 1, 3 or 4.
        colour_space: "CMYK", or the name of a colour profile other than sRGB; else "".
    """

    pixels: Pixels
    luma: NDArray[np.uint8]
    whole: NDArray[np.uint8] | bytes
    image_format: str
    n_bytes: int
    mode: str
    luma_table: NDArray[np.uint16] | None
    chroma_table: NDArray[np.uint16] | None
    sampling: tuple[int, int]
    progressive: bool
    lossless_webp: bool
    lossless: bool | None
    damage: Damage | None
    n_frames: int
    orientation: int
    has_alpha: bool
    alpha: NDArray[np.uint8] | None
    bits_per_sample: int
    deep: NDArray[np.uint16] | None
    colour_space: str

    @property
    def is_all_read(self) -> bool:
        """Whether decoding kept all that the samples hold."""
        return self.bits_per_sample <= 8 or self.deep is not None

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, sRGB as stored; colour profiles are not applied. A JPEG is decoded again for it."""
        return simplejpeg.decode_jpeg(self.whole, "RGB") if isinstance(self.whole, bytes) else self.whole


def decode(data: bytes, max_pixels: int = guard.MAX_PIXELS) -> DecodedImage:
    """Decodes a JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF file.

    Scales sixteen-bit and floating-point samples to eight bits, converts CMYK to RGB without a profile, expands palettes,
    and lays alpha over white.

    Args:
        data: the whole file.
        max_pixels: largest width times height to accept.

    Raises:
        ImageError: a subclass with a code of its own (see guard.check); ImageTruncatedError if the pixels end early;
            ImageError itself ("image_corrupt") for other damage.
    """
    image_format = guard.check(data, max_pixels)
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
                tables, sampling = _jpeg_coding(image)
                progressive = bool(image.info.get("progressive", False))
                space = "CMYK" if mode == "CMYK" else colour_space(image.info.get("icc_profile") or b"")
                is_deep, alpha, deep = has_deep_samples(image), None, None
                pixels, damage = _read_jpeg(image, data) if image_format == "jpeg" else (None, None)
                if pixels is None:
                    complaint = first_complaint(data) if image_format == "jpeg" else ""
                    damage = damage or (Damage() if has_made_up_pixels(complaint) else None)
                    image.seek(0)
                    image.load()
                    alpha = _used_alpha(image) if has_alpha else None
                    deep = read_deep_samples(data, image_format) if is_deep else None
                    whole = _to_rgb(image)
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


def _read_jpeg(image: Image.Image, data: bytes) -> tuple[_Decoded | None, Damage | None]:
    """The result of _turbo_pixels, and the damage to the coded data; both in parallel for a large file if a core is idle."""
    if len(data) < _LARGE_JPEG_BYTES:
        return _turbo_pixels(image, data), find_damage(data)
    with ThreadPoolExecutor(1) as pool:
        damage = pool.submit(find_damage, data)
        return _turbo_pixels(image, data), damage.result()


def _turbo_pixels(image: Image.Image, data: bytes) -> _Decoded | None:
    """Pixels, luma and RGB of an ordinary JPEG, several times faster than Pillow; None if the file needs Pillow.

    Both use libjpeg-turbo. Its least complaint sends the file to Pillow, whose errors are told apart.
    """
    if image.mode not in ("RGB", "L") or image.info.get("adobe_transform", 1) == 0:
        return None
    pixels: Pixels
    whole: NDArray[np.uint8] | bytes = data
    try:
        in_colour = image.mode == "RGB"
        if in_colour and min(image.size) >= _LEAST_SIDE_PX and (found := decode_planes(data)) is not None:
            luma, pixels = found[0][0], StoredPlanes(*found)
        elif in_colour and (planes := planes_as_stored(data)) is not None:
            luma, pixels = np.ascontiguousarray(planes[..., 0]), StoredPixels(planes)
        else:
            luma = simplejpeg.decode_jpeg(data, "GRAY")[..., 0]
            whole = np.repeat(luma[..., None], 3, axis=2) if image.mode == "L" else simplejpeg.decode_jpeg(data, "RGB")
            pixels = RgbPixels(whole)
    except (ValueError, OSError):
        return None
    return (pixels, luma, whole) if luma.shape == image.size[::-1] else None


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """(H, W, 3): any Pillow mode as 8-bit RGB over white."""
    if image.mode.startswith("I;16") or image.mode == "I":
        values = np.clip(np.asarray(image, dtype=np.int64), 0, 65535)
        return np.asarray(Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB"))
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        scale = 255.0 if values.max(initial=0.0) <= 1.0 else 1.0
        return np.asarray(Image.fromarray(np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)).convert("RGB"))
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        layer = np.asarray(_converted(image, "RGBA"))
        rgb = np.empty((*layer.shape[:2], 3), np.uint8)
        lay_over_white(layer.reshape(-1), rgb.reshape(1, -1))
        return rgb
    return np.asarray(_converted(image, "RGB"))


def _converted(image: Image.Image, mode: str) -> Image.Image:
    return image if image.mode == mode else image.convert(mode)  # which would copy it


def _used_alpha(image: Image.Image) -> NDArray[np.uint8] | None:
    alpha = np.asarray(_converted(image, "RGBA").getchannel("A"))
    return None if alpha.min() == 255 else alpha


def _jpeg_coding(
    image: Image.Image,
) -> tuple[tuple[NDArray[np.uint16] | None, NDArray[np.uint16] | None], tuple[int, int]]:
    tables = getattr(image, "quantization", None)
    if not tables or not isinstance(tables, dict):
        return (None, None), (1, 1)
    ordered = [np.array(tables[key], dtype=np.uint16).reshape(8, 8) for key in sorted(tables)]
    sampling = (1, 1)
    layers = getattr(image, "layer", [])
    if len(layers) >= 3 and layers[1][1] and layers[1][2]:
        sampling = (max(1, layers[0][1] // layers[1][1]), max(1, layers[0][2] // layers[1][2]))
    return (ordered[0], ordered[1] if len(ordered) > 1 else None), sampling


def _unidentified(image_format: str, n_bytes: int) -> ImageError:
    # A header cut off before its end looks unknown to Pillow although its first bytes are right.
    if n_bytes < 1024:
        return ImageTruncatedError(f"the {image_format.upper()} header is cut off after {n_bytes} bytes")
    if image_format == "avif":
        return UnsupportedFormatError("this AVIF variant, or AVIF as a whole, is not supported by the installed Pillow")
    return ImageError(f"the {image_format.upper()} header is damaged")
