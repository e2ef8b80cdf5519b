"""Local features of two versions that are each other's nearest."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.planes import Keypoints

Matches = tuple[NDArray[np.float32], NDArray[np.float32]]  # (N, 2) and (N, 2): x and y of the features in both versions
Match = Callable[[Keypoints, Keypoints], Matches]


def match_features(first: Keypoints, second: Keypoints) -> Matches:
    """Where the features lie that are nearest to each other from both sides, in the order of the first's.

    Args:
        first, second: of LumaViews.
    """
    (places, descriptors), (others, other_descriptors) = first, second
    if not len(places) or not len(others):
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    nearest = _nearest(descriptors, other_descriptors)
    chosen, number = np.unique(nearest, return_inverse=True)  # only these can be matched from the other side
    mutual = _nearest(other_descriptors[chosen], descriptors)[number] == np.arange(len(places))
    return places[mutual], others[nearest[mutual]]


def remembering() -> Match:
    """The same, matched once for each two sets of features; for as long as their versions are kept."""
    known: dict[tuple[int, int], Matches] = {}

    def match(first: Keypoints, second: Keypoints) -> Matches:
        key = id(first[1]), id(second[1])
        if key not in known:
            known[key] = match_features(first, second)
        return known[key]

    return match


def _nearest(descriptors: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.intp]:
    matches = cv2.BFMatcher(cv2.NORM_HAMMING).match(descriptors, others)
    return np.array([match.trainIdx for match in matches], np.intp)
