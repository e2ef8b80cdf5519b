"""Whether words of two pictures agree on one similarity, told from the catalog alone: most chance pairs end here, undecoded.

Four shared words happen among pictures of one kind. The other words of versions then agree as well, those of strangers do not.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import LocalWords

LEAST_AGREEING = 9  # words; strangers mostly have 4 to 8, versions 14 and more, in benchmarks/accuracy/archive.py
_FEWEST = 100  # words below which nothing is told
_SIDE_PX = 416  # of a square of the picture's area
_NEAR_PX = 6.0

Places = NDArray[np.float32]  # (K, 2) x and y


def may_agree(first: LocalWords, second: LocalWords, aspects: tuple[float, float]) -> bool:
    """Whether as many words agree as in versions, as they are or mirrored; True where there are too few words to tell.

    Args:
        first, second: words.
        aspects: width over height of both.
    """
    if min(len(first.spots), len(second.spots)) < _FEWEST:
        return True
    places = _places(first, aspects[0]), _places(second, aspects[1])
    own = _bits(first, mirrored=False)
    for mirrored in (False, True):
        seen = places[1] * np.array([-1 if mirrored else 1, 1], np.float32)
        if _n_agreeing(own, _bits(second, mirrored), places[0], seen) >= LEAST_AGREEING:
            return True
    return False


def _places(words: LocalWords, aspect: float) -> Places:
    sides = np.array([_SIDE_PX * aspect**0.5, _SIDE_PX / aspect**0.5], np.float32)
    return np.asarray(words.spots[:, :2] / np.float32(65535) * sides, np.float32)


def _bits(words: LocalWords, mirrored: bool) -> NDArray[np.uint8]:
    """(K, 24) the parts of the descriptors that words are made of."""
    return np.ascontiguousarray(words.keys[int(mirrored)]).view(np.uint8).reshape(len(words.spots), -1)


def _n_agreeing(own: NDArray[np.uint8], others: NDArray[np.uint8], places: Places, other_places: Places) -> int:
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(own, others)
    if len(matches) < LEAST_AGREEING:
        return 0
    source = np.array([places[match.queryIdx] for match in matches])
    target = np.array([other_places[match.trainIdx] for match in matches])
    cv2.setRNGSeed(0)
    _, inliers = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=_NEAR_PX)
    return 0 if inliers is None else int(inliers.sum())
