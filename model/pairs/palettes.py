"""The colours of a picture that has few."""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

MOST_COLOURS = 256
_FIRST_LOOK = 4096
_PRIME = 7919  # pixels are taken at multiples of it: spread evenly, the same ones every time


def find_palette(rgb: Bytes) -> Bytes | None:
    """(N, 3) the colours of a picture, None where there are more than 256.

    Args:
        rgb: (H, W, 3).
    """
    pixels = np.ascontiguousarray(rgb).reshape(-1, 3)
    places = np.arange(min(_FIRST_LOOK, len(pixels))) * _PRIME % len(pixels)
    if len(_colours(pixels[places])) > MOST_COLOURS:
        return None
    colours = _colours(pixels)
    if len(colours) > MOST_COLOURS:
        return None
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)


def _colours(pixels: Bytes) -> NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)
    return np.unique(wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2])
