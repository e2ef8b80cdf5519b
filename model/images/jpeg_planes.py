"""The stored Y, Cb and Cr of a JPEG; RGB for chosen pixels, bit for bit as libjpeg computes it."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.containers.jpeg import lacks_scans
from genloss.model.images.jpeg_library import decode_jpeg, stored_colours
from genloss.model.kernels.compiled import pick_pixels, pick_squares
from genloss.model.kernels.compiled import to_rgb as to_rgb_of_lines

_SCALE_BITS = 16
_ROWS = 64  # of chroma, made at a time
# libjpeg's warnings after which it fills in blocks (jerror.h: JWRN_HIT_MARKER, JWRN_HUFF_BAD_CODE, JWRN_MUST_RESYNC). Bytes
# left over, or no end of the image, leave its pixels whole as often as not.
_MADE_UP_WORDS = ("premature end of data segment", "bad Huffman code", "instead of RST")
_ENDS_EARLY_WORDS = ("premature end of data segment", "0xd9 instead of RST")
_FILLED_IN = 128  # all three planes of blocks for which there is no data


def planes_as_stored(data: bytes) -> NDArray[np.uint8] | None:
    """Y, Cb and Cr of a JPEG, chroma scaled up as for RGB; None if the file has other colour channels.

    Used without libjpeg-turbo's own interface, and for samplings that turbojpeg.py does not support.

    Returns:
        (H, W, 3) uint8.

    Raises:
        ValueError, OSError: the file is damaged.
    """
    if stored_colours(data) != "YCbCr":
        return None
    from PIL import Image  # not needed by ordinary files

    decode_jpeg(data, "GRAY")  # raises at the least damage, which Pillow decodes without a word
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        image.draft("YCbCr", None)
        return np.asarray(image)


def first_complaint(data: bytes) -> str:
    """libjpeg's first warning or error about a JPEG; "" if there is none."""
    try:
        decode_jpeg(data, "GRAY")
    except (ValueError, OSError) as error:
        return str(error)
    return ""


def has_made_up_pixels(complaint: str) -> bool:
    """Whether libjpeg's first complaint is about missing or wrong pixel data."""
    return any(word in complaint for word in _MADE_UP_WORDS)


def is_cut_off(complaint: str, luma: NDArray[np.uint8], data: bytes) -> bool:
    """Whether a JPEG's pixels end early although the file has an end-of-image marker.

    Either the decoder ran out of data and filled in the last blocks, or a progressive JPEG lacks its last scans.

    Args:
        complaint: from first_complaint.
        luma: (H, W), decoded despite the complaint.
        data: the whole file.
    """
    if not any(word in complaint for word in _ENDS_EARLY_WORDS):
        return False
    last_block = luma[(luma.shape[0] - 1) // 8 * 8 :, (luma.shape[1] - 1) // 8 * 8 :]
    return bool((last_block == _FILLED_IN).all()) or lacks_scans(data)


def pixels_of_planes(
    planes: Sequence[NDArray[np.uint8]], places: NDArray[np.int64], scale: tuple[int, int]
) -> NDArray[np.uint8]:
    """Red, green and blue of single pixels, bit for bit as libjpeg computes them.

    Chroma is interpolated: three parts of the nearest sample, one part of the next.

    Args:
        planes: Y, (H, W), and Cb and Cr, (h, w) as stored, w > 2.
        places: (N,) row * W + column.
        scale: luma samples for each chroma sample, across and down: (1, 1), (2, 1) or (2, 2).

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
    """Squares of one chroma plane, scaled up as in pixels_of_planes.

    Args:
        plane: (h, w) as stored, w > 2.
        top_px: (N,) first rows in the picture; even, as `side_px` is.
        left_px: (N,) first columns; even.
        scale: as for pixels_of_planes.

    Returns:
        (N, side, side) uint8.
    """
    squares = np.empty((len(top_px), side_px, side_px), np.uint8)
    pick_squares(plane, top_px, left_px, scale[0], scale[1], squares)
    return squares


def to_rgb(luma: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Red, green and blue from stored Y, Cb and Cr, bit for bit as libjpeg computes them.

    Args:
        luma: (...) uint8.
        cb: (...) uint8.
        cr: (...) uint8.

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


def chroma_as_stored(data: bytes, sampling: tuple[int, int]) -> NDArray[np.float32]:
    """Cb and Cr of a JPEG at their stored size, the same on every machine.

    libjpeg in its fast mode repeats chroma samples. The mean over a repeated sample equals the stored one to about a tenth
    of a level, unless a colour is clipped.

    Args:
        data: a file that could be decoded.
        sampling: luma samples for each chroma sample, across and down.

    Returns:
        (2, h, w), h = H / down and w = W / across, rounded up.
    """
    rgb = _repeating_chroma(data)
    across, down = sampling
    height, width = -(-rgb.shape[0] // down) * down, -(-rgb.shape[1] // across) * across
    if rgb.shape[:2] != (height, width):
        rgb = np.pad(rgb, ((0, height - rgb.shape[0]), (0, width - rgb.shape[1]), (0, 0)), mode="edge")
    weights = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
    found = np.empty((2, height // down, width // across), np.float32)
    for top in range(0, found.shape[1], _ROWS):
        rows = rgb[top * down : (top + _ROWS) * down]
        lines = sum((rows[y::down] for y in range(1, down)), rows[::down].astype(np.uint16))
        parts = lines.reshape(-1, width // across, across, 3)
        cells = sum((parts[:, :, x] for x in range(1, across)), parts[:, :, 0]).astype(np.float32) / np.float32(across * down)
        np.add(np.moveaxis(cells @ weights.T, -1, 0), np.float32(128), out=found[:, top : top + _ROWS])
    return found


def _repeating_chroma(data: bytes) -> NDArray[np.uint8]:
    """(H, W, 3) RGB, each pixel of chroma repeated."""
    try:
        return decode_jpeg(data, "RGB", fastupsample=True, strict=False)
    except ValueError:  # other samplings, such as 4:1:0, for which libjpeg has no way but repeating; and CMYK
        from PIL import Image

        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            return np.asarray(image.convert("RGB"))
