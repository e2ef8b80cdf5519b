"""Local features as short words.

Two files may show the same part of a picture if they share words that agree on one similarity (turn, scale and shift).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

N_FEATURES, N_TABLES = 300, 6
_CORNERS = 1600
_CELLS = 10
_AREA_PX = 416 * 416
_MOST_ENLARGED = 2.0


@dataclass(frozen=True)
class LocalWords:
    """Words of a picture.

    Attributes:
        keys: (2, K, N_TABLES) uint32, words of the picture as it is, then mirrored left to right; 0 for a corner without
            a word. Only the lowest bits are compared: the more words a collection has, the more bits.
        spots: (K, 4) uint16: column and row in 1/65535 of the sides, angle in 1/65536 of a turn, scale octave.
    """

    keys: NDArray[np.uint32]
    spots: NDArray[np.uint16]


NO_WORDS = LocalWords(np.zeros((2, 0, N_TABLES), np.uint32), np.zeros((0, 4), np.uint16))


def find_words(luma: NDArray[np.uint8]) -> LocalWords:
    """Words of corners spread over the whole picture, so that a caption does not use them all up.

    Args:
        luma: (H, W), in [0, 255]; resized to a fixed area first, but enlarged at most twofold.

    Source: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", 2011.
    """
    factor = min(_MOST_ENLARGED, (_AREA_PX / luma.size) ** 0.5)
    size = max(32, round(luma.shape[1] * factor)), max(32, round(luma.shape[0] * factor))
    small = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR), np.uint8)
    detector = cv2.ORB.create(_CORNERS, edgeThreshold=16, fastThreshold=10)
    chosen = _spread(detector.detect(small, None), size)
    points, keys = _described(detector, small, chosen)
    mirrored = [
        cv2.KeyPoint(
            size[0] - 1 - point.pt[0], point.pt[1], point.size, (180 - point.angle) % 360, point.response, point.octave
        )
        for point in points
    ]
    others, mirrored_keys = _described(detector, np.ascontiguousarray(small[:, ::-1]), mirrored)
    if len(others) != len(points):  # ORB left out a corner that is too near the edge in the mirror image
        mirrored_keys = np.zeros_like(keys)
    spots = np.array(
        [
            (65535 * point.pt[0] / size[0], 65535 * point.pt[1] / size[1], point.angle / 360 * 65535, point.octave)
            for point in points
        ]
    ).reshape(-1, 4)
    return LocalWords(np.stack([keys, mirrored_keys]), spots.astype(np.uint16))


def _spread(points: "Sequence[cv2.KeyPoint]", size: tuple[int, int]) -> "list[cv2.KeyPoint]":
    """The strongest corners, taken in rounds from the cells of a grid."""
    if not points:
        return []
    strength = np.array([point.response for point in points])
    order = np.argsort(-strength, kind="stable")
    places = np.asarray(cv2.KeyPoint.convert(points), np.float32)[order]
    across, down = (_CELLS * places / np.array(size, np.float32)).astype(np.int64).T
    cells = across * _CELLS + down
    by_cell = np.argsort(cells, kind="stable")
    starts = np.flatnonzero(np.diff(cells[by_cell], prepend=-1))
    rounds = np.empty(len(points), np.int64)
    rounds[by_cell] = np.arange(len(points)) - np.repeat(starts, np.diff(starts, append=len(points)))
    return [points[place] for place in order[np.argsort(rounds, kind="stable")][:N_FEATURES]]


def _described(
    detector: "cv2.ORB", plane: NDArray[np.uint8], points: "list[cv2.KeyPoint]"
) -> "tuple[tuple[cv2.KeyPoint, ...], NDArray[np.uint32]]":
    """The corners with a descriptor, and their (K, N_TABLES) words."""
    described, bits = detector.compute(plane, points)
    if bits is None or not len(described):
        return (), np.zeros((0, N_TABLES), np.uint32)
    parts = np.asarray(bits, np.uint32)[:, : 5 * N_TABLES].reshape(-1, N_TABLES, 5)[..., :4]
    keys = (parts << np.array([0, 8, 16, 24], np.uint32)).sum(axis=-1, dtype=np.uint32)
    return tuple(described), keys
