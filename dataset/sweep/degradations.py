"""Degrades a picture to a level: compression by an encoder, a small palette, or scaling down and up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.sweep.levels import AS_FOUND, LEVELS, SUBSAMPLINGS, Kind
from genloss.model.errors import DatasetError, ExtraMissingError
from genloss.model.images.decode import decode
from genloss.model.images.reencoding import encode, encode_palette_png, encode_png, has_encoder
from genloss.model.images.resizing import resize

_MOST_PIXELS = 6000  # of a picture, to find a palette


@dataclass(frozen=True)
class Degradation:
    """A kind of degradation and the levels to try, best first.

    Attributes:
        kind: see LEVELS.
        levels: sorted on construction, highest first, without duplicates; empty for the usual levels of the kind.
        subsampling: of JPEG and AVIF.

    Raises:
        DatasetError: unknown kind or subsampling, a level out of bounds, or an encoder that is not installed.
        ExtraMissingError: "palette" without a package of genloss[audit].
    """

    kind: Kind = "jpeg"
    levels: tuple[int, ...] = ()
    subsampling: str = "4:2:0"

    def __post_init__(self) -> None:
        if self.kind not in LEVELS:
            raise DatasetError(f"{self.kind} is none of {', '.join(LEVELS)}")
        unit, usual, (least, most) = LEVELS[self.kind]
        levels = tuple(sorted(set(self.levels or usual), reverse=True))
        object.__setattr__(self, "levels", levels)
        wrong = [level for level in levels if not least <= level <= most]
        if wrong:
            raise DatasetError(f"{self.kind} has levels of {least} to {most} ({unit}), not {wrong[0]}")
        if self.subsampling not in SUBSAMPLINGS:
            raise DatasetError(f"subsampling {self.subsampling} is none of {', '.join(SUBSAMPLINGS)}")
        if self.kind in ("webp", "avif") and not has_encoder(self.kind):
            raise DatasetError(f"the installed Pillow writes no {self.kind}")
        if self.kind == "palette":
            try:
                import genloss.model.images.shared_palettes  # noqa: F401
            except ImportError as error:
                raise ExtraMissingError("finding palettes", "audit", error) from error

    @property
    def unit(self) -> str:
        """Unit of the levels."""
        return LEVELS[self.kind][0]

    def name(self, level: int) -> str:
        """Name of a level."""
        return "as found" if level == AS_FOUND else f"{level} %" if self.kind == "scale" else str(level)

    def trained_on(self, level: int) -> str:
        """Training pictures of a classifier, in words."""
        return f"pictures {'' if level == AS_FOUND else 'at '}{self.name(level)}"


def degrade(rgb: NDArray[np.uint8], degradation: Degradation, level: int) -> tuple[NDArray[np.uint8], int]:
    """Degrades a picture to a level, and measures the size of the file.

    Pictures with palettes and scaled pictures are measured as PNG files.

    Args:
        rgb: (H, W, 3).
        degradation: kind and subsampling.
        level: any but AS_FOUND.

    Returns:
        (H, W, 3) uint8, and the size of the file in bytes.
    """
    match degradation.kind:
        case "palette":
            return _with_palette(rgb, level)
        case "scale":
            height, width = rgb.shape[:2]
            small = resize(rgb, (max(1, round(height * level / 100)), max(1, round(width * level / 100))), "bicubic")
            return resize(small, (height, width), "bicubic"), len(encode_png(small))
        case kind:
            data = encode(rgb, kind, level, degradation.subsampling)
            return decode(data).rgb, len(data)


def _with_palette(rgb: NDArray[np.uint8], n_colours: int) -> tuple[NDArray[np.uint8], int]:
    """Quantises the picture to a palette from k-means in CIELAB; returns it and the bytes of its PNG file."""
    from genloss.model.images.shared_palettes import find_palette, quantise, rgb_to_lab  # needs scipy

    pixels = rgb.reshape(-1, 3)
    some = rgb_to_lab(pixels[:: max(1, len(pixels) // _MOST_PIXELS)])
    palette = find_palette(some, n_colours, np.random.default_rng(n_colours))
    indices = quantise(rgb, palette)
    return palette[indices], len(encode_palette_png(indices, palette))
