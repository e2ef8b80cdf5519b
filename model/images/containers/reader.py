"""The layout of any supported file."""

import struct
from collections.abc import Callable
from contextlib import suppress

from genloss.model.images.containers.avif import is_lossless_avif, read_avif
from genloss.model.images.containers.bmp import read_bmp
from genloss.model.images.containers.gif import read_gif
from genloss.model.images.containers.jpeg import read_jpeg
from genloss.model.images.containers.layout import Layout
from genloss.model.images.containers.png import read_png
from genloss.model.images.containers.tiff import is_lossless_tiff, read_tiff
from genloss.model.images.containers.webp import is_exact_webp, read_webp

_READERS: dict[str, Callable[[bytes, Layout], None]] = {
    "jpeg": read_jpeg, "png": read_png, "gif": read_gif, "webp": read_webp, "avif": read_avif, "bmp": read_bmp,
    "tiff": read_tiff,
}  # fmt: skip
_LOSSLESS: dict[str, Callable[[bytes], bool | None]] = {
    "webp": is_exact_webp, "avif": is_lossless_avif, "tiff": is_lossless_tiff,
}  # fmt: skip


def read_layout(data: bytes, image_format: str) -> Layout:
    """What a file of that format announces; damage ends the reading, it raises nothing.

    Args:
        data: the whole file.
        image_format: one of formats.FORMATS.
    """
    layout = Layout()
    with suppress(struct.error, IndexError):  # the file ends inside a field; the codec will say so
        _READERS[image_format](data, layout)
    return layout


def is_lossless(data: bytes, image_format: str) -> bool | None:
    """Whether a file stores its pixels exactly; None where its headers do not tell.

    Args:
        data: the whole file, whose pixels could be decoded.
        image_format: one of formats.FORMATS.
    """
    return _LOSSLESS[image_format](data) if image_format in _LOSSLESS else image_format != "jpeg"
