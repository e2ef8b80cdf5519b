"""The kind of dither in a picture of few colours."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Dither = Literal["ordered", "error diffusion"]

PERIODS_PX = (4, 8)  # of threshold matrices; those of 2 pixels look like a texture
# Calibrated on 40 pictures of each kind; error diffusion has no more than 0.55, and a grainy picture of few colours without
# dither up to 0.37.
LEAST_ORDERED_SHARE, LEAST_DIFFUSED_SHARE, MOST_DIFFUSED_SHARE = 0.3, 0.2, 0.5
LEAST_REPETITION = 0.018  # all other pictures stay below 0.017
MOST_DIFFUSED_REPETITION = 0.004  # between the two it may be either
# None of 888 pictures without dither reaches it (Pillow, ImageMagick; 8 to 256 colours), 39 % of those with error diffusion do.
LEAST_DIAGONAL_RATIO = 1.0
# Adjacent pixels of noise are equal as often as two pixels from anywhere in the picture, and within a twentieth of that.
# Pixels of a dithered picture are equal more often than that, because neighbours show the same thing.
LEAST_OVER_NOISE = 1.05


def find_dither(rgb: NDArray[np.uint8]) -> Dither | None:
    """The kind of dither in the pixels; None if no kind is clear.

    Dither makes neighbouring pixels alternate between colours. A threshold matrix alternates periodically; error diffusion
    (Floyd-Steinberg, Riemersma and others) does not. Grain alternates too, but then adjacent pixels are the most similar.
    Error diffusion moves its errors into adjacent pixels, so that diagonal neighbours are equal more often.

    Args:
        rgb: (H, W, 3) pixels of a picture with at most a few hundred colours. With more colours, few pixels alternate.
    """
    codes = pack_colours(rgb)
    if min(codes.shape) <= max(PERIODS_PX) + 2:
        return None
    share = min(_alternating(plane) for plane in (codes, codes.T))
    if share < LEAST_DIFFUSED_SHARE:
        return None
    repetition = _repetition(codes)
    if repetition >= LEAST_REPETITION:
        return "ordered" if share >= LEAST_ORDERED_SHARE else None
    if share > MOST_DIFFUSED_SHARE or repetition > MOST_DIFFUSED_REPETITION or _diagonal_ratio(codes) < LEAST_DIAGONAL_RATIO:
        return None
    return None if _is_noise(codes) else "error diffusion"


def pack_colours(rgb: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Packs (H, W, 3) colours into integers, (H, W); equal colours give equal numbers."""
    return (rgb.astype(np.uint32) << np.array([16, 8, 0], np.uint32)).sum(axis=2, dtype=np.uint32)


def _alternating(codes: NDArray[np.uint32]) -> float:
    """Of the changes of colour along rows, the share that is undone by the next pixel."""
    changes = codes[:, 1:] != codes[:, :-1]
    undone = changes[:, 1:] & (codes[:, 2:] == codes[:, :-2])
    return float(undone.sum() / max(1, changes.sum()))


def _diagonal_ratio(codes: NDArray[np.uint32]) -> float:
    """How often diagonal neighbours have one colour, over how often adjacent ones do."""
    adjacent = (codes[:, 1:] == codes[:, :-1]).mean() + (codes[1:] == codes[:-1]).mean()
    diagonal = (codes[1:, 1:] == codes[:-1, :-1]).mean() + (codes[1:, :-1] == codes[:-1, 1:]).mean()
    return float(diagonal / max(adjacent, 1e-6))


def _is_noise(codes: NDArray[np.uint32]) -> bool:
    """Whether the colours of adjacent pixels have nothing to do with each other."""
    shares = np.unique(codes, return_counts=True)[1] / codes.size
    equal = ((codes[:, 1:] == codes[:, :-1]).mean() + (codes[1:] == codes[:-1]).mean()) / 2
    return bool(equal < LEAST_OVER_NOISE * (shares**2).sum())


def _repetition(codes: NDArray[np.uint32]) -> float:
    """How much better the places where colours change agree one period further than a pixel less or more further.

    In variances of the map of changes, at the period where it is largest both across and down.
    """
    changes = (codes[:, 1:] != codes[:, :-1]).astype(np.float32)
    share = float(changes.mean())
    found = []
    for period in PERIODS_PX:
        excess = []
        for plane in (changes, changes.T):
            less, same, more = (float((plane[:-lag] * plane[lag:]).mean()) for lag in (period - 1, period, period + 1))
            excess.append(same - (less + more) / 2)
        found.append(min(excess))
    return max(found) / max(share * (1 - share), 1e-6)
