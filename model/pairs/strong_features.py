"""Whether the strongest local features of two pictures agree somewhere: a tenth of the work of a registration.

Windows, bars and buttons of one program agree, too, at the same place of two screenshots. They do not count: the two as wholes
are laid on each other in any case.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.matching import count_bits_between
from genloss.model.pairs.planes import Keypoints, LumaViews, Order

N_STRONG, N_OTHERS = 300, 600  # features of the first and of the second picture
LEAST_FEATURES = 120  # of either; with fewer nothing is said
# Features that agree on one similarity, and their share of all that resemble another one: of strangers in one program up to 15
# and 9 %, of versions inside frames 80 and more, of small parts of collages 20 (among 400 and 800 features).
LEAST_AGREEING, LEAST_SHARE = 12, 0.1
_MOST_BITS = 56  # of 256 in which two features differ
_TOLERANCE, _MOST_TRIES = 1 / 128, 300  # of the second picture's longest side; samples that are drawn
_SAME_PLACE = 1 / 40  # of a whole picture's sides
_MOST_DEGREES = 12.0  # from a quarter turn


def may_share_part(
    first: LumaViews, second: LumaViews, corner: tuple[int, int] = (0, 0), whole: LumaViews | None = None
) -> bool:
    """Whether a part of one may show what the other shows, upright or mirrored, at any scale and turn.

    Args:
        first: a whole picture.
        second: another one, or a part of it.
        corner: top and left of that part in pixels.
        whole: the picture that it is a part of.

    Returns:
        True, too, if either has few features.
    """
    others = second.keypoints
    if min(len(first.keypoints[0]), len(others[0])) < LEAST_FEATURES:
        return True
    strong = _picked(others, second.spread_features[:N_OTHERS])
    size = (second if whole is None else whole).size
    scale = np.array([size[1] / first.size[1], size[0] / first.size[0]], np.float32)
    for own, order, upright in (
        (first.keypoints, first.spread_features, True),
        (first.mirrored_keypoints, first.mirrored_spread_features, False),
    ):
        source, target = _matched(_picked(own, order[:N_STRONG]), strong)
        if upright:
            at = target + np.array(corner[::-1], np.float32)
            moved = np.abs(at - source * scale) > _SAME_PLACE * np.array(size[::-1], np.float32)
            source, target = source[moved.any(axis=1)], target[moved.any(axis=1)]
        if _do_agree(source, target, max(second.size) * _TOLERANCE):
            return True
    return False


def _picked(features: Keypoints, order: Order) -> Keypoints:
    return features[0][order], features[1][order]


def _matched(own: Keypoints, others: Keypoints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(N, 2) and (N, 2): where features lie that resemble each other."""
    bits = count_bits_between(own[1], others[1])
    nearest = bits.argmin(axis=1)
    alike = bits[np.arange(len(nearest)), nearest] <= _MOST_BITS
    return own[0][alike], others[0][nearest[alike]]


def _do_agree(source: NDArray[np.float32], target: NDArray[np.float32], tolerance_px: float) -> bool:
    """Whether one similarity, without much of a turn beside quarters, takes enough of the source's places to the target's."""
    if len(source) < LEAST_AGREEING:
        return False
    cv2.setRNGSeed(0)
    matrix, inliers = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=tolerance_px, maxIters=_MOST_TRIES
    )
    if matrix is None:
        return False
    degrees = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])) % 90
    n_agreeing = len(np.unique(target[inliers.ravel() > 0], axis=0))
    return bool(min(degrees, 90 - degrees) < _MOST_DEGREES and n_agreeing >= max(LEAST_AGREEING, LEAST_SHARE * len(source)))
