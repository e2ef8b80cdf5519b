"""Whether each pixel of a child with few colours has the palette's colour nearest to the parent's."""

from dataclasses import dataclass

import numpy as np

from genloss.model.pairs.placement import Placement, turn_plane
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.resampling import Window
from genloss.model.pairs.sampling import spread_places

_SAMPLE = 4096
_TOLERANCE = 1.0  # distance in RGB levels


@dataclass(frozen=True)
class PaletteEvidence:
    """NaN for a child of more than 256 colours, or one that is not a whole shift of the parent.

    Attributes:
        log_colours: log2 of the child's number of colours.
        log_colours_parent: the same of the parent, 9 for more than 256.
        nearest: share of pixels that have the palette's colour nearest to the parent's, in [0, 1].
        distance: mean distance of the child's colour from the parent's, in RGB levels.
        excess: mean of that distance less the distance of the nearest colour.
    """

    log_colours: float
    log_colours_parent: float
    nearest: float
    distance: float
    excess: float


NO_PALETTE = PaletteEvidence(*[float("nan")] * 5)


def measure_palette(parent: VersionPlanes, child: VersionPlanes, placement: Placement, window: Window) -> PaletteEvidence:
    """Compares the child's colours with the parent's, pixel by pixel.

    Args:
        placement: of the parent on the child.
        window: of the child, covered by the parent.
    """
    if child.palette is None or not placement.is_whole_shift:
        return NO_PALETTE
    down, across = round(placement.shift_y_px), round(placement.shift_x_px)
    rows = slice(window.top_px - down, window.top_px - down + window.height_px)
    columns = slice(window.left_px - across, window.left_px - across + window.width_px)
    places = spread_places(_SAMPLE, window.height_px * window.width_px)
    wanted = turn_plane(parent.image.rgb, placement.turn)[rows, columns].reshape(-1, 3)[places].astype(np.float32)
    got = child.image.rgb[window.slices].reshape(-1, 3)[places].astype(np.float32)
    palette = child.palette.astype(np.float32)
    # |a - b|^2 = |a|^2 - 2 a.b + |b|^2
    squares = (wanted**2).sum(axis=1)[:, None] - 2 * wanted @ palette.T + (palette**2).sum(axis=1)
    nearest = np.sqrt(np.maximum(squares.min(axis=1), 0))
    distance = np.sqrt(((wanted - got) ** 2).sum(axis=1))
    excess = distance - nearest
    return PaletteEvidence(
        float(np.log2(len(palette))), 9.0 if parent.palette is None else float(np.log2(len(parent.palette))),
        float(np.mean(excess <= _TOLERANCE)), float(distance.mean()), float(excess.mean()),
    )  # fmt: skip
