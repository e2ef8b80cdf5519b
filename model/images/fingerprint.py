"""Fingerprints: digests that find equal pixels, and thumbnails that tell different pictures apart."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.same_content import SameContent, digest_content

THUMBNAIL_PX = 96  # the longest side


@dataclass(frozen=True)
class Fingerprint:
    """A digest of the pixels and a thumbnail.

    Attributes:
        pixels_sha256: digest of size, orientation, transparency and decoded RGB; None if the file has more than eight bits
            a sample. Equal digests always mean equal pixels.
        thumbnail: (h, w) uint8 luma, as stored (not turned), the longest side THUMBNAIL_PX or less.
        same: digests of the first frame that do not depend on orientation, compression or further frames.
    """

    pixels_sha256: str | None
    thumbnail: NDArray[np.uint8]
    same: SameContent


def take_fingerprint(data: bytes, image: DecodedImage) -> Fingerprint:
    """The fingerprint of a file.

    Args:
        data: the whole file.
        image: the same, decoded.
    """
    return Fingerprint(digest_pixels(data, image), take_thumbnail(image.luma), digest_content(image))


def digest_pixels(data: bytes, image: DecodedImage) -> str | None:
    """`pixels_sha256` alone; arguments as for take_fingerprint."""
    if _has_more_than_eight_bits(data, image):
        return None
    height, width = image.luma.shape
    digest = hashlib.sha256(f"{width}x{height} {image.orientation} {image.has_alpha} {image.n_frames}:".encode())
    digest.update(np.ascontiguousarray(image.rgb).data)
    return digest.hexdigest()


def take_thumbnail(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`thumbnail` alone, from an (H, W) luma plane."""
    height, width = luma.shape
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size = (min(height, max(8, round(height * scale))), min(width, max(8, round(width * scale))))
    return np.rint(average_areas(integral(luma), *size)).astype(np.uint8)


def integral(plane: NDArray) -> NDArray[np.float64]:
    """Integral image of an (H, W) plane: (H + 1, W + 1) float64, first row and column zero."""
    sums = np.zeros((plane.shape[0] + 1, plane.shape[1] + 1))
    np.cumsum(plane, axis=0, out=sums[1:, 1:], dtype=np.float64)
    np.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    return sums


def average_areas(sums: NDArray[np.float64], height_px: int, width_px: int) -> NDArray[np.float64]:
    """Shrinks a plane by averaging areas; a pixel counts by its overlap with the area.

    Args:
        sums: integral image of an (H, W) plane with H >= height_px and W >= width_px.

    Returns:
        (height_px, width_px) float64.
    """
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    for axis, size_px in ((0, height_px), (1, width_px)):
        edges = np.linspace(0, sums.shape[axis] - 1, size_px + 1)
        below = np.minimum(edges.astype(int), sums.shape[axis] - 2)
        share = (edges - below).reshape((-1, 1) if axis == 0 else (1, -1))
        sums = np.take(sums, below, axis) * (1 - share) + np.take(sums, below + 1, axis) * share
    areas: NDArray[np.float64] = np.diff(np.diff(sums, axis=0), axis=1)
    return areas * (height_px * width_px / (height * width))


def _has_more_than_eight_bits(data: bytes, image: DecodedImage) -> bool:
    """Whether decoding to eight bits a sample lost precision that the file may hold."""
    if image.mode.startswith(("I", "F")) or image.bits_per_sample > 8:
        return True
    if image.image_format == "png":
        return data[24] == 16  # IHDR: bit depth
    return False
