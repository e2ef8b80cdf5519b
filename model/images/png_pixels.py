"""Pixels of an ordinary PNG, in a third of Pillow's time: libdeflate inflates, a compiled loop undoes the filters."""

import struct

import deflate
import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import IS_COMPILED, undo_filters

_CHANNELS = {"L": (0, 1), "RGB": (2, 3), "RGBA": (6, 4)}  # by Pillow's name: colour type, and bytes of a pixel of 8 bits
_HEADER_END = 33
_CHUNK = struct.Struct(">I4s")
_OF_OTHER_PIXELS = (b"tRNS", b"acTL", b"fcTL", b"fdAT")
_HARMLESS = (b"tEXt", b"tIME")  # may follow the pixels: they say nothing that a score asks for
_MOST_AFTER = 1 << 16  # bytes after the pixels; Pillow has limits for texts


def png_pixels(data: bytes, mode: str, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Decodes 8-bit grey, RGB or RGBA that is neither interlaced nor animated.

    Args:
        data: the whole file; Pillow has accepted its header.
        mode: Pillow's name of the pixels.
        size: width and height in pixels.

    Returns:
        (H, W, C) uint8. None if the file needs Pillow, whose errors tell kinds of damage apart; also where the loops are
        not compiled.
    """
    if mode not in _CHANNELS or not IS_COMPILED:
        return None
    colour, n_bytes = _CHANNELS[mode]
    if data[12:16] != b"IHDR" or data[24:29] != bytes((8, colour, 0, 0, 0)):
        return None
    width_px, height_px = size
    n_filtered = height_px * (1 + width_px * n_bytes)
    try:
        coded = _coded_pixels(data)
        if coded is None or len(found := deflate.zlib_decompress(coded, n_filtered)) != n_filtered:
            return None
    except (struct.error, deflate.DeflateError):
        return None
    lines = np.empty((height_px, width_px * n_bytes), np.uint8)
    if not undo_filters(np.frombuffer(found, np.uint8).reshape(height_px, -1), n_bytes, lines):
        return None
    return lines.reshape(height_px, width_px, n_bytes)


def _coded_pixels(data: bytes) -> bytes | None:
    """What all IDAT chunks hold; None where other chunks decide about the pixels, too.

    Raises:
        struct.error: the file ends before its last chunk.
    """
    parts: list[bytes] = []
    position = end = _HEADER_END
    while True:
        length, kind = _CHUNK.unpack_from(data, position)
        if kind == b"IEND":
            return b"".join(parts) if position - end <= _MOST_AFTER else None
        if kind == b"IDAT":
            if parts and position != end:
                return None
            parts.append(data[position + 8 : position + 8 + length])
            end = position + 12 + length
        elif kind in _OF_OTHER_PIXELS or (parts and kind not in _HARMLESS):
            return None
        position += 12 + length
