"""What a container states about its picture, as typed facts and as numbers for the network."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.decode import DecodedImage
from genloss.model.images.formats import FORMATS
from genloss.model.images.jpeg_tables import estimate_quality

# Mean relative deviation from the nearest IJG table above which a table is called non-standard.
STANDARD_DEVIATION = 0.02
WHOLE_REST = 0.75  # share of what follows a damaged place that is damaged, too, where all of it is said to be


@dataclass(frozen=True)
class Facts:
    """What a file states about itself.

    Attributes:
        image_format: "jpeg", "png", "gif", "webp", "avif", "bmp" or "tiff".
        width_px: width as stored.
        height_px: height as stored.
        n_bytes: size of the file.
        bits_per_pixel: bits of the file for each pixel.
        jpeg_quality: IJG quality in [1, 100] with the nearest luma table; None for other formats.
        standard_table: whether the luma table equals that of jpeg_quality, nearly or exactly.
        sampling: "4:4:4", "4:2:0" and so on for a JPEG with colour, else "".
        progressive: whether a JPEG is progressive.
        lossless: whether the container surely stores pixels without loss. The pixels may still come from a JPEG.
        n_frames: number of frames; only the first is measured.
        damaged: whether data is missing or wrong inside a JPEG, or a grey area shows that it was in an earlier file.
        damaged_from: where damage begins, as a share of the height in [0, 1]; None if intact or unknown.
        damaged_share: damaged share of the area, in (0, 1]; None if intact or unknown.
        bits_per_sample: number of bits that carry information: 8 for a file of 16 bits whose lower bits repeat the upper
            ones. For AVIF and for 32 bits, as the header states.
        transparent: whether a pixel is not opaque.
        colour_space: "CMYK", or the name of a colour profile other than sRGB; else "".
    """

    image_format: str
    width_px: int
    height_px: int
    n_bytes: int
    bits_per_pixel: float
    jpeg_quality: int | None
    standard_table: bool
    sampling: str
    progressive: bool
    lossless: bool
    n_frames: int
    damaged: bool = False
    damaged_from: float | None = None
    damaged_share: float | None = None
    bits_per_sample: int = 8
    transparent: bool = False
    colour_space: str = ""


def read_facts(image: DecodedImage) -> Facts:
    """The facts of a decoded file."""
    height, width = image.luma.shape
    quality, deviation = (None, 0.0) if image.luma_table is None else estimate_quality(image.luma_table)
    return Facts(
        image_format=image.image_format,
        width_px=width,
        height_px=height,
        n_bytes=image.n_bytes,
        bits_per_pixel=8.0 * image.n_bytes / (width * height),
        jpeg_quality=quality,
        standard_table=quality is not None and deviation <= STANDARD_DEVIATION,
        sampling=_sampling_name(image) if image.chroma_table is not None or image.sampling != (1, 1) else "",
        progressive=image.progressive,
        lossless=bool(image.lossless),
        n_frames=image.n_frames,
        damaged=image.damage is not None,
        damaged_from=None if image.damage is None else image.damage.start,
        damaged_share=None if image.damage is None else image.damage.share,
        bits_per_sample=image.bits_per_sample,
        transparent=image.alpha is not None,
        colour_space=image.colour_space,
    )


def describe_facts(facts: Facts) -> str:
    """The facts in a few words: "JPEG 640x480, 81 kB, quality 85, 4:2:0"."""
    words = [f"{facts.image_format.upper()} {facts.width_px}x{facts.height_px}", _size_text(facts.n_bytes)]
    if facts.jpeg_quality is not None:
        words.append(f"quality {'' if facts.standard_table else 'about '}{facts.jpeg_quality}")
    if facts.sampling:
        words.append(facts.sampling)
    if facts.image_format == "webp":
        words.append("lossless" if facts.lossless else "lossy")
    elif facts.image_format == "avif" and facts.lossless:  # of others it may be unknown
        words.append("lossless")
    if facts.bits_per_sample > 8:
        words.append(f"{facts.bits_per_sample} bits per sample")
    if facts.colour_space:
        words.append(facts.colour_space)
    if facts.transparent:
        words.append("transparent")
    if facts.n_frames > 1:
        words.append(f"first of {facts.n_frames} frames")
    if facts.damaged:
        words.append(f"damaged{describe_place(facts.damaged_from, facts.damaged_share)}")
    return ", ".join(words)


def describe_place(start: float | None, share: float | None) -> str:
    """The place of the damage, to follow another word: " from 43 % of its height on", " at 43 % of its height", or ""."""
    if start is None:
        return ""
    whole_rest = share is None or share >= (1 - start) * WHOLE_REST
    return f" from {100 * start:.0f} % of its height on" if whole_rest else f" at {100 * start:.0f} % of its height"


def facts_vector(image: DecodedImage) -> NDArray[np.float32]:
    """The facts as (23,) float32 for the metadata branch; their order is part of FEATURE_VERSION."""
    height, width = image.luma.shape
    pixels = width * height
    is_jpeg = image.luma_table is not None
    luma = np.ones((8, 8)) if image.luma_table is None else image.luma_table.astype(float)
    chroma = luma if image.chroma_table is None else image.chroma_table.astype(float)
    quality = 1.0 if image.luma_table is None else estimate_quality(image.luma_table)[0] / 100
    numbers = [
        np.log2(width), np.log2(height), np.log2(pixels), np.log2(image.n_bytes), np.log2(8 * image.n_bytes / pixels),
        *(float(image.image_format == name) for name in FORMATS),
        np.log2(luma.mean()), np.log2(chroma.mean()), np.log2(max(1.0, luma[0, 0])), quality, float(is_jpeg and quality > 0.9),
        np.log2(image.sampling[0]), np.log2(image.sampling[1]),
        float(image.progressive), float(image.lossless_webp), float(image.mode == "P"),
        np.log2(quality),  # the lowest qualities lie close together without the logarithm
    ]  # fmt: skip
    return np.array(numbers, dtype=np.float32)


def _sampling_name(image: DecodedImage) -> str:
    names = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1", (1, 2): "4:4:0"}
    return names.get(image.sampling, f"{image.sampling[0]}x{image.sampling[1]}")


def _size_text(n_bytes: int) -> str:
    return f"{n_bytes} B" if n_bytes < 1000 else f"{n_bytes / 1000:.0f} kB" if n_bytes < 10**6 else f"{n_bytes / 10**6:.1f} MB"
