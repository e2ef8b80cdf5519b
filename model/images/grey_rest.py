"""The grey area that a decoder leaves below the end of a truncated JPEG, in any file saved from it."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_damage import Damage

GREY = 128  # of all planes of a block without data
_MCU_PX = (16, 8)
_LEAST_SIDE_PX = 48
_MOST_GREY = 0.05  # of the pixels along the edge of the area: a picture is rarely of this very grey
_LEAST_SPREAD = 2.0  # levels along that edge: a picture has texture, a drawing on a grey page has not


def find_grey_rest(luma: NDArray[np.uint8]) -> Damage | None:
    """Finds the missing end of a truncated JPEG that was decoded and saved again, without loss or on the same grid.

    The finding is certain only if the grey area begins inside a row of MCUs, at the corner of an MCU, and borders on picture.

    Args:
        luma: (H, W).
    """
    height, width = luma.shape
    if min(height, width) < _LEAST_SIDE_PX or (luma[-1] != GREY).any() or luma[0, 0] == GREY:
        return None
    flat = (luma == GREY).all(axis=1)
    first_whole = height - int(np.argmin(flat[::-1]))  # of the rows that are grey from edge to edge
    for side in _MCU_PX:
        top = first_whole - side
        if first_whole % side or top < side:
            continue
        grey_columns = (luma[top:first_whole] == GREY).all(axis=0)
        left = width - int(np.argmin(grey_columns[::-1]))
        if left % side == 0 and 0 < left < width and _is_edge_of_picture(luma, top, first_whole, left):
            share = (width * (height - first_whole) + side * (width - left)) / (width * height)
            return Damage(top / height, share, is_filled=True)
    return None


def _is_edge_of_picture(luma: NDArray[np.uint8], top: int, first_whole: int, left: int) -> bool:
    """Whether the lines above the area and on its left belong to a picture."""
    lines = (luma[top - 1, left:], luma[first_whole - 1, :left], luma[top:first_whole, left - 1])
    return all((line == GREY).mean() <= _MOST_GREY for line in lines) and all(line.std() >= _LEAST_SPREAD for line in lines[:2])
