"""Pixels of an ordinary JPEG by libjpeg-turbo, and the damage to its data."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decoded import Decoded
from genloss.model.images.jpeg_damage import Damage, find_damage
from genloss.model.images.jpeg_library import decode_jpeg
from genloss.model.images.jpeg_planes import planes_as_stored
from genloss.model.images.pixels import Pixels, RgbPixels, StoredPixels, StoredPlanes
from genloss.model.images.turbojpeg import decode_planes

_LEAST_SIDE_PX = 16  # below, libjpeg scales chroma up in other ways
_LARGE_JPEG_BYTES = 1 << 17  # from here on decoding takes much longer than starting a thread, 0.1 ms


class Tried(NamedTuple):
    """A file that needs Pillow for its pixels, so that it is decoded and walked through once.

    Attributes:
        mode, size, is_rgb: arguments of read_jpeg.
        damage: found in the coded data.
    """

    mode: str
    size: tuple[int, int]
    is_rgb: bool
    damage: Damage | None


def read_jpeg(data: bytes, mode: str, size: tuple[int, int], is_rgb: bool) -> tuple[Decoded | None, Damage | None]:
    """Pixels, luma and RGB, and the damage to the coded data; both in parallel for a large file if a core is idle.

    Args:
        data: the whole file.
        mode: Pillow's name of the pixels, such as "RGB" or "L".
        size: width and height in pixels.
        is_rgb: whether the channels are said to be red, green and blue.

    Returns:
        None instead of the pixels if the file needs Pillow.
    """
    if len(data) < _LARGE_JPEG_BYTES:
        return _turbo_pixels(data, mode, size, is_rgb), find_damage(data)
    from concurrent.futures import ThreadPoolExecutor  # small files need none

    with ThreadPoolExecutor(1) as pool:
        damage = pool.submit(find_damage, data)
        return _turbo_pixels(data, mode, size, is_rgb), damage.result()


def _turbo_pixels(data: bytes, mode: str, size: tuple[int, int], is_rgb: bool) -> Decoded | None:
    """Several times faster than Pillow.

    Both use libjpeg-turbo. Its least complaint sends the file to Pillow, whose errors are told apart.
    """
    if mode not in ("RGB", "L") or is_rgb:
        return None
    pixels: Pixels
    whole: NDArray[np.uint8] | bytes = data
    try:
        in_colour = mode == "RGB"
        if in_colour and min(size) >= _LEAST_SIDE_PX and (found := decode_planes(data)) is not None:
            luma, pixels = found[0][0], StoredPlanes(*found)
        elif in_colour and (planes := planes_as_stored(data)) is not None:
            luma, pixels = np.ascontiguousarray(planes[..., 0]), StoredPixels(planes)
        else:
            luma = decode_jpeg(data, "GRAY")[..., 0]
            whole = np.repeat(luma[..., None], 3, axis=2) if mode == "L" else decode_jpeg(data, "RGB")
            pixels = RgbPixels(whole)
    except (ValueError, OSError):
        return None
    return (pixels, luma, whole) if luma.shape == size[::-1] else None
