"""Sizes, formats and JPEG settings of a real collection: measured, stored as JSON, and drawn from."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genloss.model.errors import DatagenError
from genloss.model.images.facts import Facts
from genloss.model.json_text import parse_json

SAMPLINGS = ("4:2:0", "4:4:4", "4:2:2", "4:4:0", "4:1:1")  # as JPEG originals may be written


@dataclass(frozen=True)
class Profile:
    """Distribution of originals.

    Attributes:
        longest_side_px: quantiles at evenly spaced shares, in increasing order.
        aspect_ratio: quantiles of longest over shortest side, at least 1.
        lossless_share: share of lossless files; the others are JPEG.
        jpeg_quality: quantiles of the IJG quality in [1, 100].
        sampling: share of each chroma subsampling among JPEG files.
        progressive_share: share of progressive files among JPEG files.
    """

    longest_side_px: tuple[float, ...]
    aspect_ratio: tuple[float, ...]
    lossless_share: float
    jpeg_quality: tuple[float, ...]
    sampling: dict[str, float]
    progressive_share: float


def measure(facts: list[Facts]) -> Profile:
    """Measures the profile of files.

    Raises:
        DatagenError: there are no files.
    """
    if not facts:
        raise DatagenError("a profile needs at least one readable picture")
    jpegs = [one for one in facts if one.image_format == "jpeg" and one.jpeg_quality is not None]
    sides = [(max(one.width_px, one.height_px), min(one.width_px, one.height_px)) for one in facts]
    samplings = Counter(one.sampling for one in jpegs if one.sampling in SAMPLINGS) or Counter({"4:2:0": 1})
    return Profile(
        longest_side_px=_quantiles([float(longest) for longest, _ in sides]),
        aspect_ratio=_quantiles([longest / shortest for longest, shortest in sides]),
        lossless_share=sum(one.lossless for one in facts) / len(facts),
        jpeg_quality=_quantiles([float(one.jpeg_quality or 0) for one in jpegs] or [90.0]),
        sampling={name: count / samplings.total() for name, count in sorted(samplings.items())},
        progressive_share=sum(one.progressive for one in jpegs) / max(1, len(jpegs)),
    )


def load(path: Path) -> Profile:
    """Reads a profile that collection_profile.py wrote.

    Raises:
        DatagenError: the file is missing or no JSON, or a value is out of its range.
    """
    try:
        document = parse_json(path.read_text(encoding="utf-8"))["profile"]
        profile = Profile(
            longest_side_px=tuple(map(float, document["longest_side_px"])),
            aspect_ratio=tuple(map(float, document["aspect_ratio"])),
            lossless_share=float(document["lossless_share"]),
            jpeg_quality=tuple(map(float, document["jpeg_quality"])),
            sampling={str(key): float(value) for key, value in document["sampling"].items()},
            progressive_share=float(document["progressive_share"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatagenError(
            f"{path} is not a profile written by datagen/collection_profile.py: {type(error).__name__}: {error}"
        ) from error
    ranges = {
        "longest_side_px": (profile.longest_side_px, 1, 100_000),
        "aspect_ratio": (profile.aspect_ratio, 1, 1000),
        "jpeg_quality": (profile.jpeg_quality, 1, 100),
        "shares": ((profile.lossless_share, profile.progressive_share, *profile.sampling.values()), 0, 1),
    }
    for name, (values, low, high) in ranges.items():
        if not values or not all(low <= value <= high for value in values):
            raise DatagenError(f"{path}: {name} must lie in [{low}, {high}], got {values}")
    if not sum(profile.sampling.values()) > 0 or not set(profile.sampling) <= set(SAMPLINGS):
        raise DatagenError(f"{path}: sampling must give shares of {', '.join(SAMPLINGS)}")
    return profile


def draw_quantile(generator: np.random.Generator, quantiles: tuple[float, ...]) -> float:
    """Draws a value from the distribution with these quantiles, linear between them."""
    return float(np.interp(generator.random(), np.linspace(0, 1, len(quantiles)), quantiles))


def _quantiles(values: list[float]) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in np.quantile(values, np.linspace(0, 1, 11)))
