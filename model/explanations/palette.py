"""Whether a picture was reduced to a palette, or had few colours from the start."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.explanations.dither import pack_colours

# Drawings and screenshots have areas of one colour: of their neighbouring pixels three in four are equal and more. Of 470
# photographs reduced to a palette, half have less than this share.
MOST_EQUAL = 0.6
LEAST_COLOURS = 8  # fewer are met in codes, patterns and line art as fine as any photograph
LEAST_PIXELS_PER_COLOUR = 32
MOST_GREYS = 64  # a flat or hazy grey picture has as few levels, but next to each other:
LEAST_HOLES = 0.5  # share of the levels between the darkest and the lightest that are not met
# Scales of heat and other measures, gradients and tinted photographs have colours in a line, with two ends. Of 56 photographs
# reduced to 65 to 256 colours, the tree of their colours has 19 % ends and more.
MOST_ENDS = 0.04


def has_palette(rgb: NDArray[np.uint8], n_colours: int) -> bool:
    """Whether a picture of few colours has the texture of a picture of many colours.

    Args:
        rgb: (H, W, 3) pixels.
        n_colours: number of distinct colours, at most a few hundred.
    """
    height, width = rgb.shape[:2]
    if n_colours < LEAST_COLOURS or min(height, width) < 2 or height * width < LEAST_PIXELS_PER_COLOUR * n_colours:
        return False
    if is_grey(rgb):
        levels = np.flatnonzero(np.bincount(rgb[..., 0].ravel(), minlength=256))
        if n_colours > MOST_GREYS or 1 - len(levels) / (levels[-1] - levels[0] + 1) < LEAST_HOLES:
            return False
    codes = pack_colours(rgb)
    equal = min(float((codes[:, 1:] == codes[:, :-1]).mean()), float((codes[1:] == codes[:-1]).mean()))
    return equal <= MOST_EQUAL and not (n_colours > MOST_GREYS and _share_of_ends(np.unique(codes)) <= MOST_ENDS)


def _share_of_ends(codes: NDArray[np.uint32]) -> float:
    """Share of leaves in the shortest tree that connects (N,) packed colours, N at least 2 (Prim's algorithm)."""
    colours = (codes[:, None] >> np.array([16, 8, 0], np.uint32) & 255).astype(np.int64)
    parents, n_edges = np.zeros(len(colours), int), np.zeros(len(colours), int)
    distances = ((colours - colours[0]) ** 2).sum(axis=1)
    is_outside = np.arange(len(colours)) > 0
    while is_outside.any():
        nearest = int(np.argmin(np.where(is_outside, distances, np.iinfo(np.int64).max)))
        is_outside[nearest] = False
        n_edges[[nearest, parents[nearest]]] += 1
        from_nearest = ((colours - colours[nearest]) ** 2).sum(axis=1)
        parents[from_nearest < distances] = nearest
        distances = np.minimum(distances, from_nearest)
    return float((n_edges == 1).mean())


def is_grey(rgb: NDArray[np.uint8]) -> bool:
    """Whether red, green and blue are equal in every pixel."""
    return bool((rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all())
