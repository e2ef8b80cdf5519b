"""Cheap checks on raw bytes before any codec sees them: format, size, scans, frames, metadata."""

from genloss.model.errors import (
    FileEmptyError,
    ImageTooLargeError,
    ImageTooSmallError,
    ImageTruncatedError,
    MetadataTooLargeError,
    TooComplexError,
)
from genloss.model.images.containers.layout import MAX_STEPS, Layout
from genloss.model.images.containers.reader import read_layout
from genloss.model.images.formats import check_kind

MAX_PIXELS = 100_000_000
# For reading, decoding and scoring one file in a worker process.
DEADLINE_SECONDS = 10.0
# A progressive photograph has about ten scans; a thousand empty ones hold a decoder for a minute.
MAX_JPEG_SCANS = 256
MAX_FRAMES = 4096
# Depth maps in XMP and colour profiles take a few megabytes.
MAX_METADATA_BYTES = 16 << 20
# A flat picture in WebP or AVIF takes some forty bytes whatever its size: beyond this the file is not worth the memory.
MAX_PIXELS_PER_BYTE = 20_000
UNSUSPICIOUS_PIXELS = 4_000_000
MIN_SIDE_PX = 8  # one 8x8 block


def check(data: bytes, max_pixels: int = MAX_PIXELS) -> str:
    """Checks a file against the limits, and returns its container format.

    Takes a few milliseconds and little memory, whatever the file announces.

    Args:
        data: the whole file.
        max_pixels: largest width times height to accept.

    Returns:
        One of formats.FORMATS, from the first bytes; the file's name plays no part.

    Raises:
        FileEmptyError: the file has no bytes.
        UnsupportedFormatError: the file has no supported format.
        ImageTooSmallError: a side is below 8 pixels.
        ImageTooLargeError: the picture has more than `max_pixels`.
        ImageTruncatedError: the pixels need more bytes than the file has.
        TooComplexError: more than 256 JPEG scans, more than 4096 frames, thousands of tiny pieces, or a huge picture in
            very few bytes.
        MetadataTooLargeError: more than 16 MiB of metadata.
    """
    if not data:
        raise FileEmptyError("the file is empty")
    image_format = check_kind(data)
    layout = read_layout(data, image_format)
    if layout.width_px is not None and layout.height_px is not None:
        check_size(layout.width_px, layout.height_px, max_pixels)
        _check_proportion(layout.width_px * layout.height_px, len(data))
    _check_layout(layout, image_format)
    return image_format


def check_size(width_px: int, height_px: int, max_pixels: int = MAX_PIXELS) -> None:
    """Refuses pictures without a whole 8x8 block, or with more pixels than the limit.

    Raises:
        ImageTooSmallError: a side is below 8 pixels.
        ImageTooLargeError: the picture has more than `max_pixels`.
    """
    if min(width_px, height_px) < MIN_SIDE_PX:
        raise ImageTooSmallError(f"{width_px}x{height_px} px; both sides must be at least {MIN_SIDE_PX}")
    if width_px * height_px > max_pixels:
        raise ImageTooLargeError(f"{width_px}x{height_px} px is more than the limit of {max_pixels} pixels")


def _check_proportion(n_pixels: int, n_bytes: int) -> None:
    if n_pixels > UNSUSPICIOUS_PIXELS and n_pixels > MAX_PIXELS_PER_BYTE * n_bytes:
        raise TooComplexError(f"{n_pixels} pixels in {n_bytes} bytes, more than {MAX_PIXELS_PER_BYTE} in each")


def _check_layout(layout: Layout, image_format: str) -> None:
    if layout.n_scans > MAX_JPEG_SCANS:
        raise TooComplexError(f"more than {MAX_JPEG_SCANS} JPEG scans")
    if layout.n_frames > MAX_FRAMES:
        raise TooComplexError(f"{layout.n_frames} frames, more than {MAX_FRAMES}")
    if layout.n_steps > MAX_STEPS:
        raise TooComplexError("cut into thousands of tiny pieces")
    if layout.metadata_bytes > MAX_METADATA_BYTES:
        raise MetadataTooLargeError(f"{layout.metadata_bytes} bytes of metadata, more than {MAX_METADATA_BYTES}")
    if layout.missing_bytes:
        raise ImageTruncatedError(f"the {image_format.upper()} data ends {layout.missing_bytes} bytes or more too early")
