"""Random mirroring, turning and shifting of training pictures."""

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.networks.config import Augmentation

_SHIFT = 8  # the largest shift is the side divided by this


def augment(pictures: NDArray[np.uint8], how: Augmentation, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Transforms each picture at random; a shift fills the uncovered margin by reflection.

    Args:
        pictures: (B, S, S, 3).
        how: see FitConfig.augmentation.
        generator: draws the transforms.

    Returns:
        (B, S, S, 3) uint8.
    """
    if how == "none":
        return pictures
    side = pictures.shape[1]
    margin = max(1, side // _SHIFT)
    padded = np.pad(pictures, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="reflect")
    places = generator.integers(0, 2 * margin + 1, (len(pictures), 2))
    mirrored = generator.integers(0, 2, len(pictures)).astype(bool)
    turns = generator.integers(0, 4, len(pictures)) if how == "turned" else np.zeros(len(pictures), int)
    shifted = np.empty_like(pictures)
    for number, (top, left) in enumerate(places):
        picture = padded[number, top : top + side, left : left + side]
        picture = picture[:, ::-1] if mirrored[number] else picture
        shifted[number] = np.rot90(picture, turns[number])
    return shifted
