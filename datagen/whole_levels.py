"""Rounds real levels of pixels to bytes."""

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def as_bytes(values: NDArray[np.floating]) -> Bytes:
    """Levels rounded and held in [0, 255]."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def ycc_to_rgb(planes: NDArray[np.floating]) -> Bytes:
    """(H, W, 3) luma, Cr and Cb, rounded, then as RGB."""
    return np.asarray(cv2.cvtColor(as_bytes(planes), cv2.COLOR_YCrCb2RGB), np.uint8)
