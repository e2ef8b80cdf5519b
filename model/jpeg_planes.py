"""A JPEG's Y, Cb and Cr as stored, decoded once; RGB for those pixels that need it, exactly as libjpeg makes it."""

import re

import numpy as np
import simplejpeg
from numpy.typing import NDArray

# Adobe's APP14 segment with transform 0: "these three components are not YCbCr" (ITU-T T.872, 6.5.3).
_UNTRANSFORMED = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
_SCAN = 0xDA
_NAMES_COLOURS = (b"\xff\xe0", b"\xff\xee")
# JFIF 1.x with its fourteen bytes or more, extensions of it, and Adobe's segment with transform 1.
_ORDINARY = re.compile(rb"(?s)\xff\xe0..(JFIF\0\x01.{8}|JFXX\0)|\xff\xee..Adobe.{6}\x01")
_SCALE_BITS = 16


def planes_as_stored(data: bytes) -> NDArray[np.uint8] | None:
    """(H, W, 3) uint8: Y, Cb and Cr of a JPEG, chroma scaled up as for RGB; None where it holds something else.

    libjpeg decodes to grey or to RGB, each with a pass over the whole file, and both are needed here. With the
    segments that name its colours replaced, a file of Y, Cb and Cr passes for one of R, G and B: its planes come out
    of one pass as they are.

    Raises:
        ValueError: the file is damaged.
    """
    if simplejpeg.decode_jpeg_header(data)[2] != "YCbCr":
        return None
    kept, position = [data[:2], _UNTRANSFORMED], 2
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != _SCAN:
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        segment = data[position:end]
        if segment.startswith(_NAMES_COLOURS):
            if not _ORDINARY.match(segment):  # libjpeg has doubts then, which are not to be hidden from it
                return None
        elif 0xC0 <= segment[1] <= 0xFE and not 0xD0 <= segment[1] <= 0xD9:
            kept.append(segment)
        else:  # padding, or a marker without a length
            return None
        position = end
    kept.append(data[position:])
    planes: NDArray[np.uint8] = simplejpeg.decode_jpeg(b"".join(kept), "RGB")
    return planes


def to_rgb(stored: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Red, green and blue of stored pixels, bit for bit those of libjpeg.

    Args:
        stored: (..., 3) uint8: Y, Cb, Cr.

    Returns:
        (3, ...) uint8.

    Source: libjpeg, jdcolor.c, build_ycc_rgb_table.
    """
    luma, cb, cr = np.moveaxis(stored, -1, 0).astype(np.int32, order="C")
    cb -= 128
    cr -= 128
    half = 1 << (_SCALE_BITS - 1)
    red = _fixed(1.402) * cr + half
    green = half - _fixed(0.34414) * cb - _fixed(0.71414) * cr
    blue = _fixed(1.772) * cb + half
    rgb = np.empty((3, *luma.shape), np.uint8)
    for colour, into in zip((red, green, blue), rgb, strict=True):
        colour >>= _SCALE_BITS
        colour += luma
        np.clip(colour, 0, 255, out=into, casting="unsafe")
    return rgb


def _fixed(factor: float) -> int:
    return int(factor * (1 << _SCALE_BITS) + 0.5)
