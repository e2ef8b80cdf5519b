"""The mean of shifted 8x8 transforms whose coefficients were changed: no grid of blocks is left."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.datagen.whole_levels import ycc_to_rgb

Bytes = NDArray[np.uint8]
Plane = NDArray[np.float32]

_BLOCK_PX = 8
_BASIS = np.array([[np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)] for u in range(8)], np.float32) / 2
_BASIS[0] /= np.sqrt(2)


def mean_of_shifts(rgb: Bytes, n_shifts: int, change: Callable[[Plane], Plane]) -> Bytes:
    """Changes the transforms of luma and chroma at several shifts, and takes the mean of the results.

    Args:
        rgb: (H, W, 3).
        n_shifts: 1 to 64 shifts, spread over the 64 of a block.
        change: from (..., 8, 8) orthonormal coefficients to as many.
    """
    height, width = rgb.shape[:2]
    planes = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)
    padded = cv2.copyMakeBorder(planes, 8, 16 - height % 8, 8, 16 - width % 8, cv2.BORDER_REFLECT_101).astype(np.float32)
    total = np.zeros((height, width, 3), np.float32)
    places = [divmod(int(place), _BLOCK_PX) for place in np.linspace(0, 63, n_shifts)]
    for top, left in places:
        part = padded[top : top + (height + 15) // 8 * 8, left : left + (width + 15) // 8 * 8]
        blocks = part.reshape(part.shape[0] // 8, 8, part.shape[1] // 8, 8, 3).transpose(0, 2, 4, 1, 3)
        coefficients = change(np.asarray(_BASIS @ blocks @ _BASIS.T, np.float32))
        smooth = np.asarray(_BASIS.T @ coefficients @ _BASIS, np.float32).transpose(0, 3, 1, 4, 2).reshape(part.shape)
        total += smooth[8 - top : 8 - top + height, 8 - left : 8 - left + width]
    return ycc_to_rgb(total / len(places))
