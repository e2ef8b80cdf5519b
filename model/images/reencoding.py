"""Saves pictures with Pillow: JPEG, WebP and AVIF at a quality, and PNG without loss."""

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, features

LossyFormat = Literal["jpeg", "webp", "avif"]
_FAST_AVIF = 8  # of 10: the effort hardly moves quality, and the time by a factor of ten


def has_encoder(image_format: LossyFormat) -> bool:
    """Whether the installed Pillow writes a format."""
    return image_format == "jpeg" or bool(features.check(image_format))


def encode(rgb: NDArray[np.uint8], image_format: LossyFormat, quality: int, subsampling: str = "4:2:0") -> bytes:
    """Saves a picture with Pillow and returns the file.

    Args:
        rgb: (H, W, 3).
        image_format: see LossyFormat.
        quality: in [1, 100], on the encoder's own scale.
        subsampling: 4:4:4, 4:2:2 or 4:2:0; WebP has 4:2:0 only.
    """
    options: dict[str, object] = {"quality": quality}
    if image_format != "webp":
        options["subsampling"] = subsampling
    if image_format == "avif":
        options["speed"] = _FAST_AVIF
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(stream, image_format.upper(), **options)
    return stream.getvalue()


def encode_png(rgb: NDArray[np.uint8]) -> bytes:
    """A PNG of an (H, W, 3) picture."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(stream, "PNG")
    return stream.getvalue()


def encode_palette_png(indices: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """A PNG with a palette, with as few bits a pixel as PNG allows: 1, 2, 4 or 8.

    Args:
        indices: (H, W) indices into the palette.
        palette: (K, 3) sRGB, K at most 256.
    """
    image = Image.fromarray(np.ascontiguousarray(indices)).convert("P")
    image.putpalette(np.ascontiguousarray(palette, np.uint8).tobytes(), "RGB")
    bits = next(bits for bits in (1, 2, 4, 8) if 2**bits >= len(palette))
    stream = io.BytesIO()
    image.save(stream, "PNG", bits=bits, optimize=True)
    return stream.getvalue()
