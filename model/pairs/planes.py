"""Planes of a version for comparisons: luma and chroma, as stored and as an encoder would see them."""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage, decode
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.jpeg_planes import chroma_as_stored
from genloss.model.pairs.palettes import find_palette
from genloss.model.pairs.placement import Size

THUMBNAIL_PX = 256  # the longest side
BLUR_PX = 1.5
SQUARE_PX = 96
FEATURES_PX = 512
N_FEATURES, FEATURE_BYTES = 1500, 40
MIDDLE_PX = 448
_PARTS = 10  # along each side, of which features are taken in turn
BAND_PX = 128  # rows that are converted at a time

cv2.setNumThreads(1)  # pairs are compared side by side; threads inside a picture only wait for each other

Bytes = NDArray[np.uint8]
Plane = NDArray[np.float32]
Keypoints = tuple[NDArray[np.float32], Bytes]
Strengths = NDArray[np.float32]
Order = NDArray[np.intp]


class LumaViews:
    """A version's luma in the sizes that registration needs; each is computed on first use.

    Args:
        stored_luma: (H, W) uint8: of a JPEG as stored, on its own 8x8 grid.
    """

    def __init__(self, stored_luma: Bytes) -> None:
        self.stored_luma = stored_luma
        self.size: Size = (stored_luma.shape[0], stored_luma.shape[1])

    @cached_property
    def thumbnail(self) -> Plane:
        """(h, w) of levels, the longest side THUMBNAIL_PX."""
        return self.shrunk(THUMBNAIL_PX)

    @cached_property
    def blurred_thumbnail(self) -> Plane:
        """The thumbnail without its finest detail, for rough placements."""
        return np.asarray(cv2.GaussianBlur(self.thumbnail, (0, 0), BLUR_PX), np.float32)

    @cached_property
    def square(self) -> Plane:
        """(SQUARE_PX, SQUARE_PX) band pass of the whole picture, squeezed into a square."""
        return band_pass(cv2.resize(self.stored_luma, (SQUARE_PX, SQUARE_PX), interpolation=cv2.INTER_AREA))

    @cached_property
    def middle(self) -> tuple[Plane, Plane]:
        """The middle MIDDLE_PX square or less of the stored luma, (h, w), and its band pass."""
        (height, width), side = self.size, MIDDLE_PX
        top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
        levels = self.stored_luma[top : top + side, left : left + side].astype(np.float32)
        return levels, band_pass(levels)

    @cached_property
    def keypoints(self) -> Keypoints:
        """Places of local features in pixels of this version, (N, 2) x and y, and their descriptors, (N, 32)."""
        return self._features[0]

    @cached_property
    def mirrored_keypoints(self) -> Keypoints:
        """The same with the descriptors that they have in a mirror; places are those of the version as it is."""
        return self._mirrored_features[0]

    @cached_property
    def spread_features(self) -> Order:
        """(N,) positions in `keypoints`: the strongest of every part of the picture, then the second ones, and so on."""
        return _spread(self._features, self.size)

    @cached_property
    def mirrored_spread_features(self) -> Order:
        """(N,) positions in `mirrored_keypoints`, in this order."""
        return _spread(self._mirrored_features, self.size)

    @cached_property
    def _features(self) -> tuple[Keypoints, Strengths]:
        return self._find_features(self.shrunk(FEATURES_PX))

    @cached_property
    def _mirrored_features(self) -> tuple[Keypoints, Strengths]:
        (places, descriptors), strengths = self._find_features(np.ascontiguousarray(self.shrunk(FEATURES_PX)[:, ::-1]))
        return (np.stack([np.float32(self.size[1]) - places[:, 0], places[:, 1]], axis=1), descriptors), strengths

    def _find_features(self, small: Plane) -> tuple[Keypoints, Strengths]:
        none = (np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)), np.zeros(0, np.float32)
        if min(small.shape) == 1:  # ORB fails, because its smaller copies would have no pixel
            return none
        points, descriptors = cv2.ORB.create(N_FEATURES).detectAndCompute(small.astype(np.uint8), None)
        if descriptors is None:
            return none
        scale = np.array([self.size[1] / small.shape[1], self.size[0] / small.shape[0]], np.float32)
        places = np.array([point.pt for point in points], np.float32) * scale
        strengths = np.array([point.response for point in points], np.float32)
        return (places, np.asarray(descriptors, np.uint8)), strengths

    def shrunk(self, side_px: int) -> Plane:
        """(h, w) float32 luma, the longest side at most `side_px`."""
        factor = min(1.0, side_px / max(self.size))
        size = (max(1, round(self.size[1] * factor)), max(1, round(self.size[0] * factor)))
        small = self.stored_luma if factor == 1 else cv2.resize(self.stored_luma, size, interpolation=cv2.INTER_AREA)
        return small.astype(np.float32)


def _spread(features: tuple[Keypoints, Strengths], size: Size) -> Order:
    """By their place among the features of their part, for lettering has the strongest ones."""
    (places, _), strengths = features
    parts = np.clip(places / np.array(size[::-1]) * _PARTS, 0, _PARTS - 1).astype(np.intp) @ np.array([1, _PARTS])
    order = np.lexsort((-strengths, parts))
    starts = np.flatnonzero(np.diff(parts[order], prepend=-1))
    ranks = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    return np.asarray(order[np.argsort(ranks, kind="stable")])


class VersionPlanes(LumaViews):
    """A decoded version; everything that comparisons share is computed on first use.

    Args:
        image: the version. Its pixels are kept.
        data: its file; a JPEG's chroma is read from it.
    """

    def __init__(self, image: DecodedImage, data: bytes) -> None:
        super().__init__(image.luma)
        self._data = data
        self.image = image

    @classmethod
    def read(cls, data: bytes, max_pixels: int = MAX_PIXELS) -> "VersionPlanes":
        """Of a file's bytes.

        Raises:
            ImageError: the bytes cannot be decoded.
        """
        return cls(decode(data, max_pixels), data)

    @property
    def data(self) -> bytes:
        """The whole file."""
        return self._data

    @property
    def is_jpeg(self) -> bool:
        return self.image.luma_table is not None

    @cached_property
    def ycc(self) -> tuple[Bytes, Bytes, Bytes]:
        """Y, Cb and Cr of the RGB pixels, each (H, W) uint8, rounded, as an encoder would see them (ITU-T T.871)."""
        rgb = self.image.rgb
        luma, cb, cr = (np.empty(self.size, np.uint8) for _ in range(3))
        for top in range(0, self.size[0], BAND_PX):
            band = slice(top, top + BAND_PX)
            cv2.split(cv2.cvtColor(rgb[band], cv2.COLOR_RGB2YCrCb), [luma[band], cr[band], cb[band]])
        return luma, cb, cr

    @property
    def luma(self) -> Bytes:
        """(H, W) uint8, what an encoder of this version would see."""
        return self.ycc[0]

    @cached_property
    def stored_chroma(self) -> Plane | None:
        """(2, h, w) Cb and Cr of a JPEG as stored, None for others and for a JPEG without colour."""
        if not self.is_jpeg or self.image.mode == "L":
            return None
        return chroma_as_stored(self._data, self.image.sampling)

    @cached_property
    def palette(self) -> Bytes | None:
        """(N, 3) the colours of a picture of at most 256, else None."""
        return None if self.is_jpeg else find_palette(self.image.rgb)

    @cached_property
    def n_bytes_kept(self) -> int:
        """Memory that this version holds at most, in bytes: file, pixels and planes, and the views of its luma."""
        n_pixels = self.size[0] * self.size[1]
        views = 8 * min(n_pixels, MIDDLE_PX**2) + 8 * min(n_pixels, THUMBNAIL_PX**2) + 4 * SQUARE_PX**2
        return len(self._data) + 9 * n_pixels + views + 2 * N_FEATURES * FEATURE_BYTES


def band_pass(plane: NDArray, fine_px: float = 1.0, coarse_px: float = 6.0) -> Plane:
    """Detail between two scales, which tone, noise and gradients change least."""
    levels = plane.astype(np.float32)
    fine, coarse = (cv2.GaussianBlur(levels, (0, 0), sigma) for sigma in (fine_px, coarse_px))
    np.subtract(fine, coarse, out=fine)
    return np.asarray(fine)


def correlation(first: Plane, second: Plane) -> float:
    """Pearson's correlation in [-1, 1]; 0 where one of the two is flat."""
    one, other = first - first.mean(), second - second.mean()
    power = float((one * one).sum()) * float((other * other).sum())
    return float((one * other).sum()) / power**0.5 if power > 1e-6 else 0.0
