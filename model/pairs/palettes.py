"""The colours of a picture that has few."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.sampling import spread_places

Bytes = NDArray[np.uint8]

MOST_COLOURS = 256
_FIRST_LOOK = 4096


def find_palette(rgb: Bytes) -> Bytes | None:
    """(N, 3) the colours of a picture, None where there are more than 256.

    Args:
        rgb: (H, W, 3).
    """
    pixels = np.ascontiguousarray(rgb).reshape(-1, 3)
    if len(_colours(pixels[spread_places(_FIRST_LOOK, len(pixels))])) > MOST_COLOURS:
        return None
    colours = _colours(pixels)
    if len(colours) > MOST_COLOURS:
        return None
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)


def _colours(pixels: Bytes) -> NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)
    return np.unique(wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2])
