"""Digests that are equal if two files hold the same picture, whatever its orientation, compression or format."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage


@dataclass(frozen=True)
class SameContent:
    """Digests of the first frame in a canonical orientation.

    Attributes:
        content_sha256: digest of all that the samples hold, and of transparency if a pixel is not opaque. None if the
            samples cannot be read.
        shown_sha256: digests of the picture in eight bits on white: as decoded, and for deeper samples also rounded.
        pose: turn from the canonical orientation, 0 to 7, and the EXIF orientation.
    """

    content_sha256: str | None
    shown_sha256: tuple[str, ...]
    pose: tuple[int, int]


def digest_content(image: DecodedImage) -> SameContent:
    """The digests of a decoded file."""
    first, turn = _digest(image.rgb)
    shown, content = [first], first if image.is_all_read else None
    if image.deep is not None:
        content = _digest(image.deep)[0]
        if image.deep.shape[2] != 4:
            rounded = ((image.deep.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
            shown.append(_digest(np.broadcast_to(rounded, image.rgb.shape))[0])
    elif image.alpha is not None and content is not None:
        content = _digest(np.dstack([image.rgb, image.alpha]))[0]
    return SameContent(content, tuple(shown), (turn, image.orientation))


def _digest(pixels: NDArray) -> tuple[str, int]:
    """Of (H, W, C) pixels in the pose in which the sums of their quarters are in the highest order; and which turn that is.

    Sums are of whole numbers, and the same after any turn. Where several poses have them, the least digest counts.
    """
    plane = pixels[..., min(1, pixels.shape[2] - 1)]
    height, width = plane.shape
    top, left = height // 2, width // 2
    quarters = np.array(
        [
            [int(part.sum(dtype=np.int64)) for part in (rows[:, :left], rows[:, width - left :])]
            for rows in (plane[:top], plane[height - top :])
        ]
    )
    orders = [tuple(_turned(quarters, turn).ravel().tolist()) for turn in range(8)]
    highest = max(orders)
    return min((_sha256(_turned(pixels, turn)), turn) for turn in range(8) if orders[turn] == highest)


def _turned(pixels: NDArray, turn: int) -> NDArray:
    """Mirrors left to right for a pose of 4 or more, then turns counter-clockwise by pose mod 4 quarters."""
    return np.rot90(pixels[:, ::-1] if turn >= 4 else pixels, turn % 4)


def _sha256(pixels: NDArray) -> str:
    digest = hashlib.sha256(f"{pixels.shape} {pixels.dtype.itemsize}:".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
