"""A decoded picture, and what its container states."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_damage import Damage
from genloss.model.images.jpeg_library import decode_jpeg
from genloss.model.images.pixels import Pixels

Decoded = tuple[Pixels, NDArray[np.uint8], NDArray[np.uint8] | bytes]  # pixels, luma and whole of DecodedImage


@dataclass(frozen=True, eq=False, repr=False)
class DecodedImage:
    """A decoded picture and what its container states.

    Attributes:
        pixels: red, green and blue of chosen places.
        luma: (H, W) uint8, full range (ITU-T T.871); for a JPEG, the stored luma.
        whole: (H, W, 3) uint8, sRGB; or the file's bytes, if a JPEG must be decoded again for it.
        image_format: one of formats.FORMATS.
        n_bytes: size of the file.
        mode: Pillow's name of the stored pixels, such as "RGB", "P", "L", "CMYK", "I;16".
        luma_table: (8, 8) quantisation steps of a JPEG in natural order, else None.
        chroma_table: likewise for chroma.
        sampling: horizontal and vertical luma sampling relative to chroma, (2, 2) for 4:2:0.
        progressive: whether a JPEG has progressive scans.
        lossless_webp: whether a WebP uses the lossless codec, by its first 4096 bytes; part of FEATURE_VERSION.
        lossless: whether the container stores its pixels exactly; None if its headers do not say.
        damage: the part of the picture that is missing or wrong, in this file or in an earlier one; None if intact.
        n_frames: number of frames; only the first is decoded.
        orientation: EXIF orientation 1-8. It is reported and not applied, because a turn would move the 8x8 grid of the
            pixels.
        has_alpha: whether the file has an alpha channel; it is laid over white.
        alpha: (H, W) uint8 if a pixel is not opaque, else None.
        bits_per_sample: number of bits that carry information, if the samples can be read; else as the header states.
        deep: (H, W, C) uint16 samples if they carry more than eight bits and can be read, else None; C is 1, 3 or 4.
        colour_space: "CMYK", or the name of a colour profile other than sRGB; else "".
    """

    pixels: Pixels
    luma: NDArray[np.uint8]
    whole: NDArray[np.uint8] | bytes
    image_format: str
    n_bytes: int
    mode: str
    luma_table: NDArray[np.uint16] | None
    chroma_table: NDArray[np.uint16] | None
    sampling: tuple[int, int]
    progressive: bool
    lossless_webp: bool
    lossless: bool | None
    damage: Damage | None
    n_frames: int
    orientation: int
    has_alpha: bool
    alpha: NDArray[np.uint8] | None
    bits_per_sample: int
    deep: NDArray[np.uint16] | None
    colour_space: str

    @property
    def is_all_read(self) -> bool:
        """Whether decoding kept all that the samples hold."""
        return self.bits_per_sample <= 8 or self.deep is not None

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, sRGB as stored; colour profiles are not applied. A JPEG is decoded again for it."""
        return decode_jpeg(self.whole, "RGB") if isinstance(self.whole, bytes) else self.whole
