"""Checks whether the words of two pictures agree on one similarity (turn, scale and shift).

The check needs only the catalog and rejects most chance pairs without decoding. Unrelated pictures of one kind may share four
words by chance. Between versions, many more words agree.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import LocalWords

LEAST_AGREEING = 9  # words; unrelated pictures mostly have 4 to 8, versions 14 and more (benchmarks/accuracy/archive.py)
_FEWEST = 100  # words; with fewer, the check accepts every pair
_SIDE_PX = 416  # side of a square with the area of the picture, after scaling
_NEAR_PX = 6.0

Places = NDArray[np.float32]  # (K, 2) x and y


def may_agree(first: LocalWords, second: LocalWords, aspects: tuple[float, float]) -> bool:
    """Whether as many words agree as between versions, upright or mirrored; True if there are too few words to tell.

    Args:
        first, second: words of both pictures.
        aspects: width over height of both pictures.
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
    """(K, 24) bytes of the K corners' words."""
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
