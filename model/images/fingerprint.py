"""What tells two pictures apart before anything is judged: their pixels, and a small picture of what they show."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage

THUMBNAIL_PX = 96  # the longest side


@dataclass(frozen=True)
class Fingerprint:
    """A digest of the pixels and a thumbnail.

    Attributes:
        pixels_sha256: of size, orientation, transparency and RGB as decoded; None where eight bits a sample do not hold
            all that the file has, so that equal digests always mean equal pixels.
        thumbnail: (h, w) uint8 luma, as stored (not turned), the longest side THUMBNAIL_PX or less.
    """

    pixels_sha256: str | None
    thumbnail: NDArray[np.uint8]


def take_fingerprint(data: bytes, image: DecodedImage) -> Fingerprint:
    """The fingerprint of a file.

    Args:
        data: the whole file.
        image: the same, decoded.
    """
    pixels = None
    if not _has_more_than_eight_bits(data, image):
        height, width = image.luma.shape
        digest = hashlib.sha256(f"{width}x{height} {image.orientation} {image.has_alpha} {image.n_frames}:".encode())
        digest.update(np.ascontiguousarray(image.rgb).data)
        pixels = digest.hexdigest()
    return Fingerprint(pixels, _thumbnail(image.luma))


def average_areas(plane: NDArray, height_px: int, width_px: int) -> NDArray[np.float64]:
    """A plane shrunk by averaging, every pixel counted by the share of it that falls into an area.

    Args:
        plane: (H, W), any real dtype, H >= height_px and W >= width_px.

    Returns:
        (height_px, width_px) float64.
    """
    sums = np.pad(plane.astype(np.float64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    for axis, size_px in ((0, height_px), (1, width_px)):
        edges = np.linspace(0, plane.shape[axis], size_px + 1)
        below = np.minimum(edges.astype(int), plane.shape[axis] - 1)
        share = (edges - below).reshape((-1, 1) if axis == 0 else (1, -1))
        sums = np.take(sums, below, axis) * (1 - share) + np.take(sums, below + 1, axis) * share
        sums = np.diff(sums, axis=axis)
    averages: NDArray[np.float64] = sums * (height_px * width_px / plane.size)
    return averages


def _thumbnail(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = luma.shape
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size = (min(height, max(8, round(height * scale))), min(width, max(8, round(width * scale))))
    return np.rint(average_areas(luma, *size)).astype(np.uint8)


def _has_more_than_eight_bits(data: bytes, image: DecodedImage) -> bool:
    """Whether decoding to eight bits a sample lost precision that the file may hold."""
    if image.mode.startswith(("I", "F")):
        return True
    if image.image_format == "png":
        return data[24] == 16  # IHDR: bit depth
    if image.image_format == "avif":
        found = data.find(b"av1C")  # AV1 codec configuration: high_bitdepth follows the tier
        return found < 0 or bool(data[found + 6] & 0x40)
    return False
