"""A plane of luma through a JPEG encoder with given steps and back: what an encoder would have made of it."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def reencode_luma(luma: NDArray[np.uint8], table: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """The same plane after libjpeg's accurate DCT, quantisation and decoding.

    Args:
        luma: (H, W).
        table: (8, 8) quantisation steps in natural order, at most 255 each.

    Returns:
        (H, W).

    Raises:
        ValueError: a step that a baseline table cannot hold.
    """
    if int(table.max()) > 255:
        raise ValueError(f"steps of a baseline JPEG are at most 255, not {int(table.max())}")
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(luma)).save(stream, "JPEG", qtables=[[int(step) for step in table.ravel()]])
    stream.seek(0)
    with Image.open(stream) as image:
        return np.asarray(image)
