"""The layout of any supported file."""

import struct
from contextlib import suppress
from importlib import import_module
from typing import Any

from genloss.model.images.containers.layout import Layout

# Formats whose headers have to tell whether pixels are stored exactly: the function that reads it off.
_LOSSLESS = {"webp": "is_exact_webp", "avif": "is_lossless_avif", "tiff": "is_lossless_tiff"}


def read_layout(data: bytes, image_format: str) -> Layout:
    """What a file of that format announces. Damage ends the reading and raises no error.

    Args:
        data: the whole file.
        image_format: one of formats.FORMATS.
    """
    layout = Layout()
    with suppress(struct.error, IndexError):  # the file ends inside a field; the codec will say so
        getattr(_reader(image_format), f"read_{image_format}")(data, layout)
    return layout


def is_lossless(data: bytes, image_format: str) -> bool | None:
    """Whether a file stores its pixels exactly; None if its headers do not say.

    Args:
        data: the whole file, which could be decoded.
        image_format: one of formats.FORMATS.
    """
    if image_format not in _LOSSLESS:
        return image_format != "jpeg"
    found: bool | None = getattr(_reader(image_format), _LOSSLESS[image_format])(data)
    return found


def read_bits(data: bytes, image_format: str) -> int | None:
    """Bits per sample of an AVIF; None for other formats, where Pillow's mode says it.

    Args:
        data: the whole file.
        image_format: one of formats.FORMATS.
    """
    if image_format != "avif":
        return None
    bits: int = _reader(image_format).stored_bits(data)
    return bits


def _reader(image_format: str) -> Any:
    """The module of a format, imported when the first such file is met."""
    return import_module(f"genloss.model.images.containers.{image_format}")
