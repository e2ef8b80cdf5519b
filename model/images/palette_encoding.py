"""Reduces colours as Pillow does: with its octree's palette, or with any palette and error diffusion."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


def listed_colours(data: bytes) -> Bytes | None:
    """The palette of a file, (N, 3), with unused entries, in file order; None for files without a palette.

    Args:
        data: a file that could be decoded.
    """
    with Image.open(io.BytesIO(data)) as image:
        listed = image.getpalette("RGB") if image.mode == "P" else None
    return None if listed is None else np.array(listed, np.uint8).reshape(-1, 3)


def quantise_by_octree(rgb: Bytes, n_colours: int) -> Bytes:
    """Reduces a picture to at most n_colours by Pillow's fast octree, without dither; (H, W, 3).

    Args:
        rgb: (H, W, 3).
        n_colours: 1 to 256.
    """
    return _as_rgb(_picture(rgb).quantize(n_colours, Image.Quantize.FASTOCTREE))


def dither(rgb: Bytes, palette: Bytes) -> Bytes:
    """Reduces an (H, W, 3) picture to a palette, (N, 3), with Pillow's Floyd-Steinberg error diffusion.

    A row of the result depends only on that row and the rows above.
    """
    listed = Image.new("P", (1, 1))
    listed.putpalette(np.ascontiguousarray(palette).tobytes())
    return _as_rgb(_picture(rgb).quantize(palette=listed, dither=Image.Dither.FLOYDSTEINBERG))


def dither_to_web_palette(rgb: Bytes) -> Bytes:
    """Reduces a picture to the 216 colours of Pillow's convert("P"), with error diffusion; (H, W, 3)."""
    return _as_rgb(_picture(rgb).convert("P"))


def _picture(rgb: Bytes) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(rgb))


def _as_rgb(image: Image.Image) -> Bytes:
    return np.asarray(image.convert("RGB"))
