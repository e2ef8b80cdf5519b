"""Samples of sixteen bits. For pixels of several samples, Pillow decodes the upper byte alone."""

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from genloss.model.images.opening import open_image

# How Pillow unpacks the samples, and the way that gives the other byte of each. "N" is the machine's own order.
_OTHER_BYTE = {"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGBA;16B": "RGBA;16L", "RGBA;16L": "RGBA;16B"}
_OWN_ORDER = "L" if np.little_endian else "B"


def has_deep_samples(image: Image.Image) -> bool:
    """Whether an opened file, not loaded yet, stores sixteen bits a sample."""
    return isinstance(image, ImageFile.ImageFile) and any(";16" in _raw_mode(tile.args) for tile in image.tile)


def read_deep_samples(data: bytes, image_format: str) -> NDArray[np.uint16] | None:
    """Samples as stored, (H, W, C) with C of 1, 3 or 4; None if Pillow does not give their lower byte.

    Args:
        data: the whole file, which could be decoded.
        image_format: one of formats.FORMATS.
    """
    with open_image(data, image_format) as image:
        if image.mode.startswith("I;16"):
            return np.asarray(image).astype(np.uint16)[..., None]
        upper = np.asarray(image)
    with open_image(data, image_format) as image, suppress(KeyError):
        image.tile = [tile._replace(args=_with_other_byte(tile.args)) for tile in image.tile]
        return upper.astype(np.uint16) << 8 | np.asarray(image)
    return None


def bits_really_used(samples: NDArray[np.uint16]) -> int:
    """Number of bits of sixteen that carry information, 8 to 16. Samples of eight or twelve bits may be stored in sixteen.

    Args:
        samples: (H, W, C).
    """
    found = 8
    for channel in np.moveaxis(samples, -1, 0):
        values = np.flatnonzero(np.bincount(channel.ravel(), minlength=1 << 16))
        if len(values) > len(np.unique(values >> 8)):  # else the upper byte says all
            found = max(found, _bits_of(values))
    return found


def _bits_of(values: NDArray[np.int64]) -> int:
    """Bits of the coarsest scale on which all values lie, stretched to sixteen bits by shifting or by repeating their bits."""
    for bits in range(9, 16):
        kept = values >> (16 - bits) << (16 - bits)
        if np.array_equal(kept, values) or np.array_equal(kept | kept >> bits, values):
            return bits
    return 16


def _raw_mode(arguments: Any) -> str:
    found = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return found if isinstance(found, str) else ""


def _with_other_byte(arguments: Any) -> Any:
    other = _OTHER_BYTE[_raw_mode(arguments).replace(";16N", f";16{_OWN_ORDER}")]
    return (other, *arguments[1:]) if isinstance(arguments, tuple) else other
