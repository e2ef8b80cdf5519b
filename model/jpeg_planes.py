"""A JPEG's Y, Cb and Cr as stored, decoded once; RGB for those pixels that need it, exactly as libjpeg makes it."""

import re
from collections.abc import Sequence

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


def scaled_up(
    planes: Sequence[NDArray[np.uint8]], rows: NDArray[np.int64], columns: NDArray[np.int64], scale: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """Planes of chroma at some of the picture's pixels, bit for bit as libjpeg scales them up: three parts nearest, one next.

    Args:
        planes: (h, w) each, as stored, w > 2.
        rows, columns: places in the picture, to be broadcast to (N...).
        scale: (across, down): (1, 1), (2, 1) or (2, 2).

    Returns:
        (N...) uint8 for each plane.

    Source: libjpeg, jdsample.c, h2v1_fancy_upsample and h2v2_fancy_upsample.
    """
    height, width = planes[0].shape
    if scale == (1, 1):
        places = rows * width + columns
        return [plane.ravel().take(places) for plane in planes]
    odd = columns & 1
    nearest = columns >> 1
    beside = np.clip(nearest + 2 * odd - 1, 0, width - 1)
    right = odd.astype(np.int16)
    if scale == (2, 1):
        near, next_to = (rows * width + place for place in (nearest, beside))
        found = ((plane.ravel().take(near), plane.ravel().take(next_to)) for plane in planes)
        return [((3 * first.astype(np.int16) + second + 1 + right) >> 2).astype(np.uint8) for first, second in found]
    here, there = (rows >> 1) * width, np.clip((rows >> 1) + 2 * (rows & 1) - 1, 0, height - 1) * width
    corners = [line + place for place in (nearest, beside) for line in (here, there)]
    scaled = []
    for plane in planes:
        near, across, next_to, opposite = (plane.ravel().take(corner).astype(np.int16) for corner in corners)
        scaled.append(((9 * near + 3 * (across + next_to) + opposite + 8 - right) >> 4).astype(np.uint8))
    return scaled


def squares_scaled_up(
    plane: NDArray[np.uint8], top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int, scale: tuple[int, int]
) -> NDArray[np.uint8]:
    """The same for whole squares of one plane, several times as quick.

    Args:
        plane: (h, w) as stored, w > 2.
        top_px, left_px: (N,) first pixels in the picture; even, as `side_px` is.
        scale: (2, 1) or (2, 2).

    Returns:
        (N, side, side) uint8.
    """
    height, width = plane.shape
    beside = np.arange(-1, side_px // 2 + 1)
    columns = np.clip(left_px[:, None] // 2 + beside, 0, width - 1)
    if scale == (2, 2):
        rows = np.clip(top_px[:, None] // 2 + beside, 0, height - 1)
        even, odd, shift = 8, 7, 4
    else:
        rows = top_px[:, None] + np.arange(side_px)
        even, odd, shift = 1, 2, 2
    tall = plane.ravel().take(rows[:, :, None] * width + columns[:, None]).astype(np.int16)
    if scale == (2, 2):
        nearest = 3 * tall[:, 1:-1]
        tall = np.stack([nearest + tall[:, :-2], nearest + tall[:, 2:]], axis=2).reshape(-1, side_px, columns.shape[1])
    nearest = 3 * tall[:, :, 1:-1]
    scaled = np.empty((len(top_px), side_px, side_px), np.uint8)
    scaled[:, :, ::2] = (nearest + tall[:, :, :-2] + even) >> shift
    scaled[:, :, 1::2] = (nearest + tall[:, :, 2:] + odd) >> shift
    return scaled


def to_rgb(luma: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Red, green and blue of stored pixels, bit for bit those of libjpeg.

    Args:
        luma, cb, cr: (...) uint8 each.

    Returns:
        (3, ...) uint8.

    Source: libjpeg, jdcolor.c, build_ycc_rgb_table.
    """
    wide, blueness, redness = (one.astype(np.int32, order="C") for one in (luma, cb, cr))
    blueness -= 128
    redness -= 128
    half = 1 << (_SCALE_BITS - 1)
    red = _fixed(1.402) * redness + half
    green = half - _fixed(0.34414) * blueness - _fixed(0.71414) * redness
    blue = _fixed(1.772) * blueness + half
    rgb = np.empty((3, *luma.shape), np.uint8)
    for colour, into in zip((red, green, blue), rgb, strict=True):
        colour >>= _SCALE_BITS
        colour += wide
        np.clip(colour, 0, 255, out=into, casting="unsafe")
    return rgb


def _fixed(factor: float) -> int:
    return int(factor * (1 << _SCALE_BITS) + 0.5)
