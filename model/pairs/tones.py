"""Whether one of two versions was toned: brightness, contrast, colours or a filter differ, beyond what encoders do."""

import cv2
import numpy as np

from genloss.model.pairs.hues import Hues, shared_hues
from genloss.model.pairs.overlap import Overlap
from genloss.model.pairs.placement import Placement

# Median differences in levels above which a version was toned; encoders, palettes and scaling stay below.
MOST_LEVELS, MOST_COLOUR_LEVELS = 4.0, 6.0
_BLUR_PX, _BLUR_CELLS = 6.0, 9  # fine stripes and spots lose colour in every encoder, their surroundings as a whole do not


def have_other_levels(overlap: Overlap) -> bool:
    """Whether the luma of two aligned pictures differs nearly everywhere."""
    first, second = (cv2.GaussianBlur(plane, (0, 0), _BLUR_PX) for plane in (overlap.first, overlap.second))
    return float(np.median(np.abs(second - first))) > MOST_LEVELS


def have_other_colours(first: Hues, second: Hues, placement: Placement) -> bool:
    """Whether the colours of two aligned pictures differ nearly everywhere.

    Args:
        first, second: of both pictures.
        placement: of the first on the second.
    """
    one, other = shared_hues(_blurred(first), _blurred(second), placement)
    return bool(len(one)) and float(np.median(np.hypot(*(other - one).T))) > MOST_COLOUR_LEVELS


def _blurred(hues: Hues) -> Hues:
    return np.asarray(cv2.blur(hues, (_BLUR_CELLS, _BLUR_CELLS)), np.int16)
