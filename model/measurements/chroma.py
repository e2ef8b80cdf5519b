"""Measurements of the two chroma planes: their coefficients on the usual grid and on a shifted grid."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.pixels import RgbPixels
from genloss.model.images.squares import square_places
from genloss.model.kernels.compiled import split_chroma
from genloss.model.measurements.dct import block_dct, profile
from genloss.model.measurements.lattice import chroma_lattices

CHROMA_PATCHES = 192  # of 16x16 pixels: four blocks each, or one of halved chroma
_CHROMA_OF_RGB = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)  # ITU-T T.871


def chroma(image: DecodedImage) -> list[NDArray]:
    """Coefficient profiles of Cb and Cr, (256,); the same minus those of a shifted grid, (256,); lattices, (20,).

    Cb and Cr are computed from RGB even if the file stores them, so that they are comparable with those of other formats.
    """
    height, width = image.luma.shape
    pixels = image.pixels
    if height < 16 or width < 16:
        pixels = RgbPixels(np.pad(image.rgb, ((0, max(0, 16 - height)), (0, max(0, 16 - width)), (0, 0)), mode="edge"))
    top, left = square_places(max(16, height), max(16, width), CHROMA_PATCHES, 16)
    squares = np.ascontiguousarray(pixels.squares(top, left, 16)).reshape(3, -1, 256)
    n = squares.shape[1]
    blocks, middle, half = (np.empty((2, each, 64), np.float32) for each in (4 * n, n, n))
    split_chroma(squares, _CHROMA_OF_RGB, blocks, middle, half)
    full, shifted, halved = ([block_dct(plane) for plane in planes] for planes in (blocks, middle, half))
    profiles = [profile(one) for one in full]
    beside = [profile(one) for one in shifted]
    lattices = chroma_lattices(full, halved)
    return [np.concatenate([usual, usual - other]) for usual, other in zip(profiles, beside, strict=True)] + [lattices]
