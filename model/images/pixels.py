"""Colours of chosen places of a decoded picture. A JPEG's planes are converted to RGB only there."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_planes import pixels_of_planes, squares_scaled_up, to_rgb
from genloss.model.images.squares import take_squares


class Pixels(Protocol):
    """Gives red, green and blue at chosen places of an H x W picture."""

    def at(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Red, green and blue of single pixels, (3, N); places are row * W + column, (N,)."""
        ...

    def squares(self, top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int) -> NDArray[np.uint8]:
        """Red, green and blue of squares inside the picture, (3, N, side, side); their first rows and columns are even."""
        ...


class RgbPixels:
    """(H, W, 3) uint8: red, green and blue."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels

    def at(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        whole = np.ascontiguousarray(self._pixels).reshape(-1, 3).view("V3")[:, 0]  # quicker to pick than three bytes each
        return self._to_rgb(whole[places].view(np.uint8).reshape(-1, 3))

    def squares(self, top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int) -> NDArray[np.uint8]:
        return self._to_rgb(take_squares(self._pixels, top_px, left_px, side_px))

    def _to_rgb(self, some: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.moveaxis(some, -1, 0)


class StoredPixels(RgbPixels):
    """(H, W, 3) uint8: Y, Cb and Cr of a JPEG, chroma scaled up already."""

    def _to_rgb(self, some: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return to_rgb(*np.moveaxis(some, -1, 0))


class StoredPlanes:
    """Y, (H, W), and Cb and Cr of a JPEG as stored, at the same or a smaller size."""

    def __init__(self, planes: list[NDArray[np.uint8]], scale: tuple[int, int]) -> None:
        self._planes = planes
        self._scale = scale

    def at(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        return pixels_of_planes(self._planes, places, self._scale)

    def squares(self, top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int) -> NDArray[np.uint8]:
        luma = take_squares(self._planes[0], top_px, left_px, side_px)
        return to_rgb(luma, *(squares_scaled_up(plane, top_px, left_px, side_px, self._scale) for plane in self._planes[1:]))
