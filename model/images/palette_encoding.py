"""A picture with few colours as Pillow makes it: its octree's palette, and any palette with error diffusion."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


def listed_colours(data: bytes) -> Bytes | None:
    """(N, 3) the palette of a file in its order, whether used or not; None for files without one.

    Args:
        data: a file that was decoded before.
    """
    with Image.open(io.BytesIO(data)) as image:
        listed = image.getpalette("RGB") if image.mode == "P" else None
    return None if listed is None else np.array(listed, np.uint8).reshape(-1, 3)


def quantise_by_octree(rgb: Bytes, n_colours: int) -> Bytes:
    """(H, W, 3) with at most so many colours of Pillow's fast octree, without dither.

    Args:
        rgb: (H, W, 3).
        n_colours: 1 to 256.
    """
    return _as_rgb(_picture(rgb).quantize(n_colours, Image.Quantize.FASTOCTREE))


def dither(rgb: Bytes, palette: Bytes) -> Bytes:
    """(H, W, 3) in the colours of a palette, (N, 3), with Floyd and Steinberg's error diffusion, as Pillow does it.

    A row depends on the rows above it alone.
    """
    listed = Image.new("P", (1, 1))
    listed.putpalette(np.ascontiguousarray(palette).tobytes())
    return _as_rgb(_picture(rgb).quantize(palette=listed, dither=Image.Dither.FLOYDSTEINBERG))


def dither_to_web_palette(rgb: Bytes) -> Bytes:
    """(H, W, 3) in the 216 colours that Pillow's convert("P") uses, with error diffusion."""
    return _as_rgb(_picture(rgb).convert("P"))


def _picture(rgb: Bytes) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(rgb))


def _as_rgb(image: Image.Image) -> Bytes:
    return np.asarray(image.convert("RGB"))
