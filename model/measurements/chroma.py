"""The two chroma planes: what their coefficients look like on the usual grid and beside it."""

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
    """Of Cb and Cr: coefficient profiles, the same less those of a shifted grid, lattices. (256,) twice, (20,)

    They are taken from RGB even where the file stores them: what other formats hold has been through RGB too.
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
