"""Whether two pictures have other colours in the same places, such as a red and a green icon of one shape.

Everything else about pairs is compared by luma, in which such pictures hardly differ. A changed saturation or white balance
keeps most hues.
"""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.pairs.placement import Placement

Hues = NDArray[np.int16]  # (h, w, 2): blue and red less luma, on a grid over the whole picture

_SIDE = 96  # of the grid at most
_COLOURED = 12  # levels from grey of a coloured place
_LEAST_SHARE = 0.03  # of the places, that are coloured in both
_OTHER = 0.5  # cosine between the colours of both below which they are other ones


def take_hues(image: DecodedImage) -> Hues:
    """Colours of a picture without their luma."""
    height, width = image.luma.shape
    scale = min(1.0, _SIDE / max(height, width))
    rows, columns = (_places(max(1, round(side * scale)), side) for side in (height, width))
    red, green, blue = image.pixels.at((rows[:, None] * width + columns).ravel()).astype(np.float32)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    found = np.stack([0.564 * (blue - luma), 0.713 * (red - luma)], axis=-1)
    return np.asarray(np.rint(found), np.int16).reshape(len(rows), len(columns), 2)


def have_other_hues(first: Hues, second: Hues, placement: Placement) -> bool:
    """Whether most coloured places have another hue in the other picture.

    Args:
        first, second: of both pictures.
        placement: of the first on the second.
    """
    one, other = shared_hues(first, second, placement)
    coloured = (np.hypot(*one.T) >= _COLOURED) & (np.hypot(*other.T) >= _COLOURED)
    if not len(one) or float(coloured.mean()) < _LEAST_SHARE:
        return False
    one, other = one[coloured], other[coloured]
    return float((one * other).sum()) < _OTHER * float(np.sqrt((one**2).sum() * (other**2).sum()))


def shared_hues(first: Hues, second: Hues, placement: Placement) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(N, 2) and (N, 2) colours of both pictures at the places of the second's grid that the first covers, too.

    Args:
        first, second: of both pictures.
        placement: of the first on the second.
    """
    height, width = second.shape[:2]
    across, down = (axis.ravel() + 0.5 for axis in np.meshgrid(np.arange(width), np.arange(height)))
    places = np.stack([across * placement.target[1] / width, down * placement.target[0] / height, np.ones(height * width)])
    x, y, _ = np.linalg.inv(placement.matrix) @ places
    column = np.floor(x / placement.source[1] * first.shape[1]).astype(np.intp)
    row = np.floor(y / placement.source[0] * first.shape[0]).astype(np.intp)
    shared = (row >= 0) & (row < first.shape[0]) & (column >= 0) & (column < first.shape[1])
    return first[row[shared], column[shared]].astype(float), second.reshape(-1, 2)[shared].astype(float)


def _places(n_cells: int, side_px: int) -> NDArray[np.int64]:
    """Pixels in the middle of the cells of a grid."""
    return np.asarray((np.arange(n_cells) + 0.5) * side_px / n_cells, np.int64)
