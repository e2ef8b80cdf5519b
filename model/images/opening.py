"""Pillow's view of a file: header, metadata and pixels to come, by the plugin of the format alone."""

import io
import struct
from importlib import import_module

from PIL import Image, ImageFile, UnidentifiedImageError

# Of formats.FORMATS: the module in PIL, and its name in Image.OPEN. Image.open would import five of them at its first call,
# which takes longer than a small picture takes to score.
_PLUGINS = {
    "jpeg": ("JpegImagePlugin", "JPEG"), "png": ("PngImagePlugin", "PNG"), "gif": ("GifImagePlugin", "GIF"),
    "webp": ("WebPImagePlugin", "WEBP"), "avif": ("AvifImagePlugin", "AVIF"), "bmp": ("BmpImagePlugin", "BMP"),
    "tiff": ("TiffImagePlugin", "TIFF"),
}  # fmt: skip


def open_image(data: bytes, image_format: str) -> ImageFile.ImageFile:
    """Opens a file with Pillow's plugin for that format; pixels are not decoded yet.

    Args:
        data: the whole file.
        image_format: one of formats.FORMATS.

    Raises:
        UnidentifiedImageError: the header is damaged, or Pillow does not support the variant.
    """
    module, name = _PLUGINS[image_format]
    import_module(f"PIL.{module}")
    factory, accepts = Image.OPEN[name]
    try:
        if accepts is None or accepts(data[:16]) is True:
            return factory(io.BytesIO(data), "")
    except (SyntaxError, IndexError, TypeError, struct.error) as error:
        raise UnidentifiedImageError(f"{name}: {error}") from error
    raise UnidentifiedImageError(f"{name}: not accepted")
