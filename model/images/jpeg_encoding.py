"""Encodes and decodes a luma plane as JPEG with given quantisation steps."""

import io

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from genloss.model.images.jpeg_tables import estimate_quality

_ALWAYS_ACCURATE = 96  # the quality from which libjpeg-turbo's own interface leaves the fast DCT


def encoder_luma(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma of (H, W, 3) pixels, (H, W), bit for bit as libjpeg's encoder computes it (jccolor.c)."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).convert("L"))


def has_fast_dct(table: NDArray[np.uint16]) -> bool:
    """Whether reencode_luma can use the fast DCT with these steps; it can below quality 96."""
    quality, deviation = estimate_quality(table)
    return deviation == 0 and quality < _ALWAYS_ACCURATE


def reencode_luma(luma: NDArray[np.uint8], table: NDArray[np.uint16], fast_dct: bool = False) -> NDArray[np.uint8]:
    """The plane after libjpeg's DCT, quantisation and decoding.

    Args:
        luma: (H, W).
        table: (8, 8) quantisation steps in natural order, at most 255 each.
        fast_dct: whether to use the encoder's fast DCT, as ImageMagick and libjpeg-turbo's own interface do, or the accurate
            one.

    Returns:
        (H, W).

    Raises:
        ValueError: a step is above 255, or `fast_dct` is asked for and has_fast_dct is False.
    """
    if int(table.max()) > 255:
        raise ValueError(f"steps of a baseline JPEG are at most 255, not {int(table.max())}")
    if fast_dct:
        if not has_fast_dct(table):
            raise ValueError("the fast DCT is only there for the steps of a quality below 96")
        grey = np.ascontiguousarray(luma)[..., None]
        data = simplejpeg.encode_jpeg(grey, estimate_quality(table)[0], "GRAY", "Gray", fastdct=True)
        stream = io.BytesIO(data)
    else:
        stream = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(luma)).save(stream, "JPEG", qtables=[[int(step) for step in table.ravel()]])
        stream.seek(0)
    with Image.open(stream) as image:
        return np.asarray(image)
