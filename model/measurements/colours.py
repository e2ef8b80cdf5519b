"""The number of colours of a picture and their frequencies: traces of a palette."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.squares import spread
from genloss.model.kernels.compiled import count_runs

COLOUR_PIXELS = 1 << 15


def count_colours(rgb: NDArray[np.uint8]) -> int:
    """Number of distinct colours in (H, W, 3) pixels."""
    seen = np.zeros(1 << 24, dtype=bool)
    seen[_packed(rgb.reshape(-1, 3))] = True
    return int(np.count_nonzero(seen))


def colours(image: DecodedImage) -> NDArray[np.float32]:
    """Distinct colours among 32,768 pixels, (7,): log2 of the count and of the count per pixel; the shares of greys, of the
    commonest 1, 16 and 256 colours, and of colours that occur once.

    A palette leaves few colours, each seen often; a codec's rounding leaves many.
    """
    red, green, blue = np.ascontiguousarray(image.pixels.at(spread(image.luma.size, COLOUR_PIXELS)))
    lengths = np.zeros(len(red) + 1, np.int64)
    grey = count_runs(red, green, blue, lengths) / len(red)
    n_colours = int(lengths.sum())
    met = np.flatnonzero(lengths != 0)[::-1]  # of truth values, which takes a third of the time
    runs = np.repeat(met, np.minimum(lengths[met], 256))  # the longest first; of each length as many as can be asked for
    common = [runs[:n].sum() / len(red) for n in (1, 16, 256)]
    numbers = [np.log2(n_colours), np.log2(n_colours / len(red)), grey, *common, lengths[1] / n_colours]
    return np.array(numbers, dtype=np.float32)


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)
    return (wide[:, 0] << np.uint32(16)) | (wide[:, 1] << np.uint32(8)) | wide[:, 2]
