"""Scales pictures as Pillow does, with the rounding between its two passes."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC, "Lanczos": Image.Resampling.LANCZOS, "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX, "Hamming": Image.Resampling.HAMMING,
}  # fmt: skip


def resize(rgb: NDArray[np.uint8], size: tuple[int, int], kernel: str) -> NDArray[np.uint8]:
    """Scales an (H, W, 3) picture to (height, width, 3).

    Args:
        size: height and width.
        kernel: one of "bicubic", "Lanczos", "bilinear", "box" and "Hamming".
    """
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize((size[1], size[0]), _FILTERS[kernel]))
