"""Whether two files show the same picture, by their thumbnails, even if turned, mirrored, cropped, framed or squeezed.

Thumbnails are band-passed and normalised in contrast, so that tone, compression and palettes hardly matter. Normalised
cross-correlation then compares them at every offset. The smaller the overlap, the higher a correlation by chance, so the
threshold rises as the overlap shrinks.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.fingerprint import average_areas, integral

Plane = NDArray[np.float64]

SQUARE_PX = 48
# benchmarks/accuracy/same_picture.py measures both sides. Calibrated on 46 pictures in 15 guises each.
LEAST_OF_SQUARES = 0.4  # different pictures stayed below 0.26
_CHANCE, _CHANCE_PER_SIDE = 0.1, 18.0  # bound: 0.1 + 18 / sqrt(overlapping pixels)
# Of the larger one's side that a crop covers; only every second one is tried on turned pictures.
SCALES = (1.0, 0.96, 0.92, 0.88, 0.84, 0.8, 0.755, 0.71, 0.665, 0.62, 0.575, 0.53, 0.49, 0.45, 0.41)
_LEAST_SIDE_PX = 12
_RADIUS_PX = 6


def shows_same_picture(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Whether two thumbnails show the same picture.

    Args:
        first: (h, w) thumbnail from fingerprint.py.
        second: (h, w) thumbnail of the other file.
    """
    if np.array_equal(first, second):
        return True
    # Cheap, and enough for most versions: both squeezed into one square.
    if min(*first.shape, *second.shape) >= SQUARE_PX:
        square, other = (_evened(average_areas(integral(one), SQUARE_PX, SQUARE_PX)) for one in (first, second))
        if max(_correlation(square, turned) for turned in (*_turns(other), *_turns(other.T))) > LEAST_OF_SQUARES:
            return True
    return _lies_inside(first, second) or _lies_inside(second, first)


def group_by_picture(thumbnails: Sequence[NDArray[np.uint8]], n_pixels: Sequence[int], most: int) -> list[int]:
    """Numbers the picture that each version shows, from 0; larger groups first, then in order of appearance.

    Compares each version with the largest version of each picture found so far.

    Args:
        thumbnails: thumbnails of N versions.
        n_pixels: size of each version; a larger version shows more detail.
        most: most pictures to compare with. A further version that matches none of them gets a number of its own.

    Returns:
        N picture numbers.
    """
    largest: list[int] = []
    found = [0] * len(thumbnails)
    n_pictures = 0
    for index in sorted(range(len(thumbnails)), key=lambda index: -n_pixels[index]):
        for picture, other in enumerate(largest):
            if shows_same_picture(thumbnails[other], thumbnails[index]):
                found[index] = picture
                break
        else:
            if len(largest) < most:
                largest.append(index)
            found[index] = n_pictures
            n_pictures += 1
    order = sorted(set(found), key=lambda picture: (-found.count(picture), found.index(picture)))
    return [order.index(picture) for picture in found]


def _lies_inside(large: NDArray[np.uint8], small: NDArray[np.uint8]) -> bool:
    """Whether the smaller one, shrunk to some size and turned or mirrored, is found at some place of the larger one."""
    evened = _evened(large)
    spectrum = np.fft.rfft2(evened)
    sums, squares = integral(evened), integral(evened**2)
    upright = integral(small)
    for number, scale in enumerate(SCALES):
        for lying, sums_of_small in enumerate((upright, upright.T)):
            template = _template(evened.shape, sums_of_small, scale)
            if template is None or (lying and number % 2):
                continue
            template -= template.mean()
            height, width = template.shape
            variance = _inside(squares, height, width) - _inside(sums, height, width) ** 2 / template.size
            deviation = np.sqrt(np.maximum(variance, 1e-9) * (template**2).sum() + 1e-9)
            turns = np.stack(list(_turns(template))[: 1 if number % 2 else 4])
            products = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(turns, evened.shape)), evened.shape)
            found = products[:, : deviation.shape[0], : deviation.shape[1]] / deviation
            if found.max() > _CHANCE + _CHANCE_PER_SIDE / np.sqrt(template.size):
                return True
    return False


def _template(shape: tuple[int, ...], sums: Plane, scale: float) -> Plane | None:
    """The smaller thumbnail, scaled to a share of the larger one's shape; None if that enlarges it, or makes it too small.

    Args:
        shape: of the larger one.
        sums: integral of the smaller one.
        scale: share of the larger one's side that it is to fill.
    """
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    factor = min(shape[0] * scale / height, shape[1] * scale / width)
    size = min(height, round(height * factor)), min(width, round(width * factor))
    if factor > 1.02 or min(size) < _LEAST_SIDE_PX:
        return None
    return _evened(average_areas(sums, *size))


def _turns(plane: Plane) -> Iterator[Plane]:
    """As it is, upside down, and mirrored both ways; the other four ways to lay a picture are those of its transpose."""
    yield from (plane, plane[::-1, ::-1], plane[:, ::-1], plane[::-1])


def _inside(sums: Plane, height: int, width: int) -> Plane:
    return sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]


def _evened(plane: NDArray) -> Plane:
    """Less its surroundings, over their contrast; two levels of contrast count as none."""
    radius = max(1, min(_RADIUS_PX, min(plane.shape) // 2 - 1))
    detail = plane - _blurred(plane, radius)
    evened: Plane = detail / (np.sqrt(np.maximum(_blurred(detail**2, radius), 0.0)) + 2.0)
    return evened


def _blurred(plane: NDArray, radius: int) -> Plane:
    side = 2 * radius + 1
    rows, columns = (_mirrored(length, radius) for length in plane.shape)
    return _inside(integral(plane[rows][:, columns]), side, side) / side**2


@lru_cache(maxsize=512)
def _mirrored(length: int, radius: int) -> NDArray[np.intp]:
    """Places along an axis with `radius` more on both sides, mirrored at its ends."""
    return np.pad(np.arange(length), radius, mode="reflect")


def _correlation(first: Plane, second: Plane) -> float:
    first, second = first - first.mean(), second - second.mean()
    return float((first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum() + 1e-9))
