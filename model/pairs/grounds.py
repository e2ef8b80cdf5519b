"""The ground behind transparent pictures: a copy of one may have been laid on black, or on the colour of a page.

Decoding lays transparent pictures over white. Such a copy differs from that wherever the picture is transparent, although
nobody changed what it shows. So the transparent picture is laid on the same ground before the two are compared.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.pixels import RgbPixels
from genloss.model.pairs.planes import VersionPlanes

WHITE, BLACK = 255, 0
_SIDE_PX = 256
_SAME_ASPECT = 0.03
_RING_PX = 2
_CLEAR, _SOLID = 1, 128  # alpha below which nothing of a picture is seen, and above which most of it is
_LEAST_PX = 24
_NEAR_LEVELS, _LEAST_NEAR = 10, 0.9  # of one colour, with what a JPEG leaves
_WHITE_LEVELS = 6  # from white that a JPEG leaves
_LEAST_SEEN = 24.0  # mean distance from white below which a picture is not seen on it

Bytes = NDArray[np.uint8]


def find_ground(alpha: Bytes, other: Bytes) -> Bytes | None:
    """The one colour that an opaque picture has where a transparent one is clear; None if it has many.

    Args:
        alpha: (H, W) of the transparent picture.
        other: (h, w, C) of the opaque one, which may be another picture.

    Returns:
        (C,) uint8; white to the last level if it is about white.
    """
    scale = min(1.0, _SIDE_PX / max(other.shape[:2]))
    height, width = (max(8, round(side * scale)) for side in other.shape[:2])
    small = cv2.resize(other, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width, -1)
    clear = np.zeros((height, width), bool)
    if abs(np.log(alpha.shape[1] / alpha.shape[0] * height / width)) < _SAME_ASPECT:
        clear = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) < _CLEAR
        clear = cv2.erode(clear.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ring = np.ones((height, width), bool)
    ring[_RING_PX:-_RING_PX, _RING_PX:-_RING_PX] = False
    for places in (clear, ring):
        colours = small[places]
        if len(colours) < _LEAST_PX:
            continue
        middle = np.median(colours, axis=0)
        if float((np.abs(colours - middle) <= _NEAR_LEVELS).all(axis=1).mean()) >= _LEAST_NEAR:
            is_white = float(middle.min()) >= WHITE - _WHITE_LEVELS
            return np.full(small.shape[2], WHITE, np.uint8) if is_white else np.asarray(np.rint(middle), np.uint8)
    return None


def own_ground(luma: Bytes, alpha: Bytes | None) -> int:
    """The level on which a picture is seen: BLACK for a white logo, WHITE for all others.

    Args:
        luma: (H, W), over white.
        alpha: (H, W); None for opaque pictures.
    """
    if alpha is None:
        return WHITE
    solid = luma[alpha >= _SOLID]
    return BLACK if len(solid) and WHITE - float(solid.mean()) < _LEAST_SEEN else WHITE


def lay_on(pixels: Bytes, alpha: Bytes, ground: Bytes | int) -> Bytes:
    """Pixels that lie over white, over another ground.

    Args:
        pixels: (H, W) or (H, W, C).
        alpha: (H, W).
        ground: a level, or (C,) levels.
    """
    clear = (255 - alpha.astype(np.float32)) / 255
    darker = np.float32(WHITE) - np.asarray(ground, np.float32)
    return np.asarray(np.rint(pixels - np.multiply.outer(clear, darker)).clip(0, 255), np.uint8)


def pixels_on_one_ground(first: DecodedImage, second: DecodedImage) -> tuple[Bytes, Bytes]:
    """(H, W, 3) and (h, w, 3) pixels of two pictures; of a transparent one on the ground of an opaque one, else over white."""
    pixels = []
    for own, other in ((first, second), (second, first)):
        if own.alpha is None or other.alpha is not None:
            pixels.append(own.rgb)
            continue
        ground = find_ground(own.alpha, other.rgb)
        is_white = ground is None or bool((ground == WHITE).all())
        pixels.append(own.rgb if ground is None or is_white else lay_on(own.rgb, own.alpha, ground))
    return pixels[0], pixels[1]


def on_one_ground(first: VersionPlanes, second: VersionPlanes) -> tuple[VersionPlanes, VersionPlanes]:
    """Both versions; if one is transparent and the other is not, the first one on the ground of the other."""
    if (first.image.alpha is None) == (second.image.alpha is None):
        return first, second
    pixels = pixels_on_one_ground(first.image, second.image)
    laid = [one if rgb is one.image.rgb else _with(one, rgb) for one, rgb in zip((first, second), pixels, strict=True)]
    return laid[0], laid[1]


def _with(version: VersionPlanes, rgb: Bytes) -> VersionPlanes:
    luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    return VersionPlanes(replace(version.image, pixels=RgbPixels(rgb), luma=luma, whole=rgb), version.data)
