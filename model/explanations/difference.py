"""Where two versions of a picture differ most, for people to look at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THUMBNAIL_PX = 32  # what orientations are compared at
CLEARLY = 0.3  # correlation by which another orientation has to beat the stored one
LEAST_LIKENESS_OF_CUT = 0.8  # correlation of a part with the version that was cut out there
MOST_SHIFT_PX = 24  # at the size the two are compared at; larger crops are not lined up


@dataclass(frozen=True)
class Window:
    """One place in both versions.

    Attributes:
        left, right: (S, S, 3) uint8 crops of the two versions, brought to the larger one's scale, the right one turned
            like the left.
        left_px, top_px: first pixel of the crop, at the larger version's scale.
        difference: mean absolute difference of the crops' luma, in [0, 255].
    """

    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    left_px: int
    top_px: int
    difference: float


def differing_windows(left: NDArray[np.uint8], right: NDArray[np.uint8], most: int, side_px: int = 96) -> list[Window]:
    """At most `most` windows that do not overlap, the most different first.

    A version that was turned or mirrored is turned back. Of a version that was cut out of the other, only that part is
    compared, pixel by pixel. Otherwise the smaller version is enlarged to the larger one's size by
    repeating pixels, so nothing is smoothed; a shift of some pixels, as a crop leaves it, is found by phase correlation
    and taken back.

    Args:
        left, right: (H, W, 3) uint8, of any sizes.
        side_px: of a window; smaller where the pictures are.
    """
    right = _turned_like(left, right)
    left, right, origin_top, origin_left = _common_part(left, right)
    height, width = max(left.shape[0], right.shape[0]), max(left.shape[1], right.shape[1])
    first, second = (_enlarged(one, height, width) for one in (left, right))
    down, across = _shift(_luma(first), _luma(second))
    second = np.roll(second, (down, across), axis=(0, 1))
    side = min(side_px, height, width)
    distance = np.abs(_luma(first) - _luma(second))
    # What was rolled around the edge belongs nowhere.
    for axis, amount in ((0, down), (1, across)):
        edge = np.s_[:amount] if amount > 0 else np.s_[amount:] if amount < 0 else np.s_[:0]
        distance[(edge, slice(None)) if axis == 0 else (slice(None), edge)] = 0
    sums = np.pad(distance.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    totals = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    windows = []
    for _ in range(most):
        top, start = (int(index) for index in np.unravel_index(int(totals.argmax()), totals.shape))
        if totals[top, start] < 0:
            break
        place = np.s_[top : top + side, start : start + side]
        windows.append(
            Window(first[place], second[place], origin_left + start, origin_top + top, float(distance[place].mean()))
        )
        totals[max(0, top - side + 1) : top + side, max(0, start - side + 1) : start + side] = -1
    return windows


def _turned_like(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The second version in the one of eight orientations that lies best on the first, as stored where none clearly does."""
    target, small = _thumbnail(first), _thumbnail(second)
    likeness = [float((target * np.rot90(one, turns)).mean()) for one in (small, small[:, ::-1]) for turns in range(4)]
    mirrored, turns = divmod(int(np.argmax(likeness)), 4)
    if max(likeness) <= likeness[0] + CLEARLY:
        return second
    return np.rot90(second[:, ::-1] if mirrored else second, turns)


def _thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Luma of a few pixels with zero mean and unit deviation, (THUMBNAIL_PX, THUMBNAIL_PX)."""
    values = _luma(pixels).astype(np.float64)
    for axis, length in enumerate(values.shape):
        starts = np.arange(THUMBNAIL_PX) * length // THUMBNAIL_PX
        n_added = np.maximum(1, np.diff(starts, append=length))
        values = np.add.reduceat(values, starts, axis=axis) / (n_added[:, None] if axis == 0 else n_added)
    return (values - values.mean()) / (values.std() + 1e-6)


def _common_part(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int, int]:
    """Both as they are, or, where one was cut out of the other at the same scale, the larger one's part of it.

    Returns:
        The two, and the first row and column of the part in the larger one.
    """
    large, small = (first, second) if first.size >= second.size else (second, first)
    (height, width), (small_height, small_width) = large.shape[:2], small.shape[:2]
    if large.shape == small.shape or small_height > height or small_width > width:
        return first, second, 0, 0
    ours, theirs = _luma(large), _luma(small)
    padded = np.full(ours.shape, theirs.mean(), np.float32)
    padded[:small_height, :small_width] = theirs
    correlation = _phase_correlation(ours - ours.mean(), padded - padded.mean())
    allowed = correlation[: height - small_height + 1, : width - small_width + 1]
    top, left = (int(index) for index in np.unravel_index(int(allowed.argmax()), allowed.shape))
    part = np.s_[top : top + small_height, left : left + small_width]
    as_cut, as_scaled = _likeness(ours[part], theirs), _likeness(ours, _luma(_enlarged(small, height, width)))
    if as_cut < LEAST_LIKENESS_OF_CUT or as_cut <= as_scaled:
        return first, second, 0, 0
    return (large[part], small, top, left) if large is first else (small, large[part], top, left)


def _likeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Correlation of two planes of one size, in [-1, 1]."""
    first, second = first - first.mean(), second - second.mean()
    return float((first * second).mean() / (first.std() * second.std() + 1e-6))


def _enlarged(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    rows = (np.arange(height) * pixels.shape[0]) // height
    columns = (np.arange(width) * pixels.shape[1]) // width
    return pixels[rows[:, None], columns]


def _shift(first: NDArray[np.float32], second: NDArray[np.float32]) -> tuple[int, int]:
    """How far the second plane has to be rolled down and right to lie on the first; (0, 0) where that is unclear."""
    window = np.outer(np.hanning(first.shape[0]), np.hanning(first.shape[1]))
    correlation = _phase_correlation(*((plane - plane.mean()) * window for plane in (first, second)))
    down, across = (int(index) for index in np.unravel_index(int(correlation.argmax()), correlation.shape))
    down, across = (
        value - size if value > size // 2 else value for value, size in zip((down, across), first.shape, strict=True)
    )
    clear = correlation.max() > 8 * correlation.std()
    return (down, across) if clear and max(abs(down), abs(across)) <= MOST_SHIFT_PX else (0, 0)


def _phase_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.floating]:
    """Highest at the place that the second plane's first pixel has in the first; planes of one size and zero mean.

    Source: Kuglin and Hines, "The phase correlation image alignment method", 1975.
    """
    cross = np.fft.rfft2(first) * np.conj(np.fft.rfft2(second))
    return np.fft.irfft2(cross / (np.abs(cross) + 1e-9), s=first.shape)


def _luma(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    luma: NDArray[np.float32] = rgb.astype(np.float32) @ weights
    return luma
