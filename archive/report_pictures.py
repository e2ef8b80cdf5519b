"""Draws previews of a file, and crops where it differs most from the kept file; runs in worker processes."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genloss.archive.report_spots import cut_spot, find_spot
from genloss.model.errors import ImageError
from genloss.model.explanations.earlier_jpeg import find_earlier_jpeg
from genloss.model.images.decode import DecodedImage, decode
from genloss.model.images.facts import describe_facts, read_facts
from genloss.model.pairs.grounds import pixels_on_one_ground
from genloss.model.pairs.orientation import as_seen, seen_turn
from genloss.model.pairs.placement import Placement, turn_matrix, turn_plane
from genloss.model.scoring.compare_in_worker import read_version

DRAWN_VERSION = 1  # of all code in this file; pictures of other versions are drawn again
SMALL_PX, LARGE_PX = 256, 1280  # longest sides of the previews
_SMALL_QUALITY, _LARGE_QUALITY = 80, 92
_EXACT: dict[str, Any] = {"lossless": True, "method": 0, "quality": 20}  # a fifth of the time for a twentieth more bytes
_KEPT = 2  # decoded files that a worker caches for their next pair
# Up to this quality, 99 in 100 earlier JPEGs are found in lossless files (docs/about/reasons.md).
_MOST_QUALITY = 90

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """A file to draw.

    Attributes:
        path: of the file.
        sha256: that the file must still have.
    """

    path: str
    sha256: str


@dataclass(frozen=True)
class DrawnFile:
    """Facts about a drawn file.

    Attributes:
        sha256: of the file.
        facts: for people, such as "JPEG 640x480, 81 kB, quality 85, 4:2:0".
        width_px, height_px: size after the turn for EXIF orientation.
        orientation: EXIF orientation, 1 to 8.
        jpeg_quality: quality of the earlier JPEG that a lossless file was made from, at most 90; None if none is found.
        jpeg_bytes: size of a JPEG of this quality with these pixels; None if none is found.
    """

    sha256: str
    facts: str
    width_px: int
    height_px: int
    orientation: int
    jpeg_quality: int | None = None
    jpeg_bytes: int | None = None


@dataclass(frozen=True)
class DrawnPair:
    """The spot where two versions differ most.

    Attributes:
        kept, other: sha256 of both files.
        x_px, y_px: middle of the spot in the kept picture, after the turn for EXIF orientation.
        side_px: side of each crop, in pixels of the finer version.
        levels: mean difference of luma in the spot, in [0, 255].
    """

    kept: str
    other: str
    x_px: float
    y_px: float
    side_px: int
    levels: float


def small_name(sha256: str) -> str:
    """Path of the thumbnail, relative to the folder of pictures."""
    return f"{sha256[:2]}/{sha256[:32]}-small.webp"


def large_name(sha256: str) -> str:
    """Path of the large preview, relative to the folder of pictures."""
    return f"{sha256[:2]}/{sha256[:32]}-large.webp"


def crop_name(kept: str, other: str) -> str:
    """Path of the two crops side by side, the kept file's on the left; relative to the folder of pictures."""
    return f"{other[:2]}/{other[:32]}-{kept[:16]}.webp"


def draw_member(
    source: Source, kept: Source | None, placement: Placement | None, degrees: float, folder: str, max_pixels: int
) -> tuple[DrawnFile, DrawnPair | None]:
    """Writes the previews of a file, and its crops beside the kept file; for worker processes.

    No crops are written if the kept file cannot be decoded or has changed.

    Args:
        source: the file.
        kept: the file that stays; None for that file itself, and for files with equal pixels.
        placement: of the kept file on this file, without EXIF turns; None if unknown.
        degrees: angle by which the kept file was turned before its alignment.
        folder: of pictures.
        max_pixels: largest width times height to accept.

    Raises:
        ImageError: the file cannot be decoded, or its bytes have changed.
        OSError: a picture cannot be written.
    """
    drawn = _draw_file(source, Path(folder), max_pixels)
    if kept is None or placement is None:
        return drawn, None
    try:
        _decoded(kept, max_pixels)
    except ImageError:
        return drawn, None
    return drawn, _draw_pair(kept, source, placement, degrees, Path(folder), max_pixels)


def forget_files() -> None:
    """Frees the decoded files that draw_member caches."""
    _files.clear()


def _draw_file(source: Source, folder: Path, max_pixels: int) -> DrawnFile:
    image = _decoded(source, max_pixels)
    seen = _seen(image, image.rgb)
    for name, side, quality in (
        (small_name(source.sha256), SMALL_PX, _SMALL_QUALITY),
        (large_name(source.sha256), LARGE_PX, _LARGE_QUALITY),
    ):
        _write(folder / name, _shrunk(seen, side), quality=quality, method=1)
    height, width = seen.shape[:2]
    facts = describe_facts(read_facts(image))
    return DrawnFile(source.sha256, facts, width, height, image.orientation, *_find_disguise(image))


def _find_disguise(image: DecodedImage) -> tuple[int | None, int | None]:
    """Quality and bytes of the earlier JPEG of a lossless file; (None, None) if none is found or if it is no smaller."""
    earlier = find_earlier_jpeg(image) if image.lossless else None
    if earlier is None or earlier.quality > _MOST_QUALITY:
        return None, None
    size = _jpeg_bytes(image.rgb, earlier.quality)
    return (earlier.quality, size) if size < image.n_bytes else (None, None)


def _draw_pair(kept: Source, other: Source, placement: Placement, degrees: float, folder: Path, max_pixels: int) -> DrawnPair:
    """Writes crops of two versions at their most different spot, pixel for pixel."""
    images = _decoded(kept, max_pixels), _decoded(other, max_pixels)
    pixels = pixels_on_one_ground(*images)
    first, second = (_seen(image, one) for image, one in zip(images, pixels, strict=True))
    if degrees:
        first = np.asarray(Image.fromarray(first).rotate(-degrees, Image.Resampling.BICUBIC))
    seen = as_seen(placement, images[0].orientation, images[1].orientation)
    spot = find_spot(_luma(first), _luma(second), seen)
    _write(folder / crop_name(kept.sha256, other.sha256), cut_spot(first, second, seen, spot), **_EXACT)
    x, y = _on_kept(seen, spot.x_px, spot.y_px)
    return DrawnPair(kept.sha256, other.sha256, x, y, spot.side_px, round(spot.levels, 2))


def _on_kept(placement: Placement, x_px: float, y_px: float) -> tuple[float, float]:
    """Maps a point of a placement's target to its source, (x, y) in pixels."""
    back = placement.inverse
    x, y, _ = turn_matrix(back.source, back.turn) @ np.array([x_px, y_px, 1.0])
    return round(back.scale_x * float(x) + back.shift_x_px, 1), round(back.scale_y * float(y) + back.shift_y_px, 1)


_files: dict[tuple[str, int], DecodedImage] = {}


def _decoded(source: Source, max_pixels: int) -> DecodedImage:
    key = source.sha256, max_pixels
    found = _files.pop(key, None)
    if found is None:
        found = decode(read_version(Path(source.path), source.sha256), max_pixels)
    _files[key] = found
    while len(_files) > _KEPT:
        _files.pop(next(iter(_files)))
    return found


def _seen(image: DecodedImage, pixels: Pixels) -> Pixels:
    """(H, W, 3) pixels of a picture after the turn for EXIF orientation."""
    return np.ascontiguousarray(turn_plane(pixels, seen_turn(image.orientation)))


def _shrunk(pixels: Pixels, side_px: int) -> Pixels:
    factor = side_px / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    height, width = (max(1, round(side * factor)) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX))


def _luma(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def _jpeg_bytes(pixels: Pixels, quality: int) -> int:
    """Bytes of a JPEG of these pixels at the given quality, without chroma subsampling."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality, subsampling=0)
    return stream.tell()


def _write(path: Path, pixels: Pixels, **options: Any) -> None:
    """Writes a WebP atomically. Does not sync: after a power cut, a lost picture is drawn again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        Image.fromarray(pixels).save(temporary, "WEBP", **options)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
