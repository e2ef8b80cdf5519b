"""The colours of a decoded picture where they are asked for; a JPEG's stay as stored until then."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_planes import pixels_of_planes, squares_scaled_up, to_rgb
from genloss.model.images.squares import take_squares


class Pixels(Protocol):
    """Red, green and blue of some places of a picture of H x W pixels."""

    def at(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Of single pixels, given as row * W + column, (N,); (3, N)."""
        ...

    def squares(self, top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int) -> NDArray[np.uint8]:
        """Of squares inside the picture with given first pixels, all of them even; (3, N, side, side)."""
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
    """Y, (H, W), and Cb and Cr of a JPEG as they are stored, of as many pixels or fewer."""

    def __init__(self, planes: list[NDArray[np.uint8]], scale: tuple[int, int]) -> None:
        self._planes = planes
        self._scale = scale

    def at(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        return pixels_of_planes(self._planes, places, self._scale)

    def squares(self, top_px: NDArray[np.int64], left_px: NDArray[np.int64], side_px: int) -> NDArray[np.uint8]:
        luma = take_squares(self._planes[0], top_px, left_px, side_px)
        return to_rgb(luma, *(squares_scaled_up(plane, top_px, left_px, side_px, self._scale) for plane in self._planes[1:]))
