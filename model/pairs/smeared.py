"""Which of two pictures has a blurred or pixelated place, such as a face or a number plate that somebody hid.

Such a place keeps the means of what was there. So the two agree in it once both are blurred as much, and the other picture,
blurred, gives it. Letters over a flat place have less detail below them, too, but say nothing of the letters.
"""

import cv2
import numpy as np

from genloss.model.pairs.overlay import Difference, Side
from genloss.model.pairs.planes import correlation

_AROUND_PX = 5
_SIGMAS_PX = (2.0, 3.0, 4.0, 6.0, 8.0)
_COARSE_PX = 8.0
_MOST_LEFT_COARSELY = 0.35  # of the difference, once both are blurred by _COARSE_PX
_MOST_LEFT = 0.67  # of the difference, once the clean picture is blurred
_LEAST_ALIKE, _LEAST_ALIKE_BLURRED = 0.6, 0.8  # correlation of the two in that place, and once the clean picture is blurred


def find_smeared_side(found: Difference) -> Side | None:
    """The picture that is blurred or pixelated where the two differ; None if neither is."""
    where = cv2.dilate(found.mask.astype(np.uint8), np.ones((_AROUND_PX, _AROUND_PX), np.uint8)) > 0
    gap = found.second - found.first
    before = float(np.abs(gap[where]).mean()) if where.any() else 0.0
    if not before or float(np.abs(cv2.GaussianBlur(gap, (0, 0), _COARSE_PX))[where].mean()) > _MOST_LEFT_COARSELY * before:
        return None
    if correlation(found.first[where], found.second[where]) < _LEAST_ALIKE:
        return None
    left: dict[Side, float] = {}
    for side, smeared, clean in ((Side.FIRST, found.first, found.second), (Side.SECOND, found.second, found.first)):
        for sigma in _SIGMAS_PX:
            blurred = np.asarray(cv2.GaussianBlur(clean, (0, 0), sigma)[where], np.float32)
            rest = float(np.abs(blurred - smeared[where]).mean()) / before
            if rest <= min(_MOST_LEFT, left.get(side, 1.0)) and correlation(blurred, smeared[where]) >= _LEAST_ALIKE_BLURRED:
                left[side] = rest
    return min(left, key=lambda side: left[side], default=None)
