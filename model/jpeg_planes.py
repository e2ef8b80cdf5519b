"""A JPEG's Y, Cb and Cr as stored, decoded once; RGB for those pixels that need it, exactly as libjpeg makes it."""

import re
from collections.abc import Sequence

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from model.compiled import pick_pixels, pick_squares
from model.compiled import to_rgb as to_rgb_of_lines

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


def pixels_of_planes(
    planes: Sequence[NDArray[np.uint8]], places: NDArray[np.int64], scale: tuple[int, int]
) -> NDArray[np.uint8]:
    """Red, green and blue of single pixels, bit for bit as libjpeg makes them: chroma three parts nearest, one next.

    Args:
        planes: Y, (H, W), Cb and Cr, (h, w) as stored, w > 2.
        places: (N,) row * W + column.
        scale: pixels of luma to one of chroma, across and down: (1, 1), (2, 1) or (2, 2).

    Returns:
        (3, N) uint8.

    Source: libjpeg, jdsample.c, h2v1_fancy_upsample and h2v2_fancy_upsample.
    """
    stored = np.empty((3, len(places)), np.uint8)
    luma, cb, cr = planes
    pick_pixels(luma, cb, cr, places, scale[0], scale[1], stored)
    return to_rgb(*stored)


def squares_scaled_up(
    plane: NDArray[np.uint8], top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int, scale: tuple[int, int]
) -> NDArray[np.uint8]:
    """Squares of one plane of chroma, scaled up in the same way.

    Args:
        plane: (h, w) as stored, w > 2.
        top_px, left_px: (N,) first pixels in the picture; even, as `side_px` is.
        scale: as for pixels_of_planes.

    Returns:
        (N, side, side) uint8.
    """
    squares = np.empty((len(top_px), side_px, side_px), np.uint8)
    pick_squares(plane, top_px, left_px, scale[0], scale[1], squares)
    return squares


def to_rgb(luma: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Red, green and blue of stored pixels, bit for bit those of libjpeg.

    Args:
        luma, cb, cr: (...) uint8 each.

    Returns:
        (3, ...) uint8.

    Source: libjpeg, jdcolor.c, build_ycc_rgb_table.
    """
    rgb = np.empty((3, luma.size), np.uint8)
    y, b, r = (np.ascontiguousarray(one).reshape(-1) for one in (luma, cb, cr))
    to_rgb_of_lines(y, b, r, _FACTORS, rgb)
    return rgb.reshape(3, *luma.shape)


def _fixed(factor: float) -> int:
    return int(factor * (1 << _SCALE_BITS) + 0.5)


_FACTORS = np.array([_fixed(1.402), _fixed(0.34414), _fixed(0.71414), _fixed(1.772)], np.int32)
