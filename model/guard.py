"""Cheap checks on raw bytes before any codec sees them: kind, announced size, scans."""

import struct

from model.errors import FileEmptyError, ImageTooLargeError, ImageTooSmallError, TooComplexError, UnsupportedFormatError

MAX_PIXELS = 100_000_000
# For reading, decoding and scoring one file in a worker process; 100 megapixels take about three.
DEADLINE_SECONDS = 10.0
# A progressive photograph has about ten scans; a thousand empty ones hold a decoder for a minute.
MAX_JPEG_SCANS = 256
MIN_SIDE_PX = 8  # one 8x8 block

FORMATS = ("jpeg", "png", "gif", "webp", "avif", "bmp", "tiff")


def check(data: bytes, max_pixels: int = MAX_PIXELS) -> str:
    """The container format of the bytes, once they are worth decoding.

    Args:
        data: the whole file.
        max_pixels: largest width times height to accept.

    Returns:
        One of FORMATS, from the first bytes; the file's name plays no part.

    Raises:
        FileEmptyError: no bytes.
        UnsupportedFormatError: none of the supported formats.
        ImageTooSmallError: a side below 8 pixels.
        ImageTooLargeError: more than `max_pixels`.
        TooComplexError: more than 256 JPEG scans.
    """
    if not data:
        raise FileEmptyError("the file is empty")
    image_format = check_kind(data)
    size = _announced_size(data, image_format)
    if size is not None:
        check_size(*size, max_pixels)
    # Entropy-coded data never holds FF DA (FF is stuffed), so this counts scans, plus those of thumbnails.
    if image_format == "jpeg" and data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise TooComplexError(f"{data.count(bytes([0xFF, 0xDA]))} JPEG scans, more than {MAX_JPEG_SCANS}")
    return image_format


def check_size(width_px: int, height_px: int, max_pixels: int = MAX_PIXELS) -> None:
    """Refuses pictures without a whole 8x8 block, or with more pixels than the limit.

    Raises:
        ImageTooSmallError, ImageTooLargeError: as they say.
    """
    if min(width_px, height_px) < MIN_SIDE_PX:
        raise ImageTooSmallError(f"{width_px}x{height_px} px; both sides must be at least {MIN_SIDE_PX}")
    if width_px * height_px > max_pixels:
        raise ImageTooLargeError(f"{width_px}x{height_px} px is more than the limit of {max_pixels} pixels")


def check_kind(data: bytes) -> str:
    """The container format by its first bytes; 64 of them are enough.

    Raises:
        UnsupportedFormatError: none of the supported formats.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "avif"
    if data[:2] == b"BM" and len(data) >= 26:
        return "bmp"
    if data[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    raise UnsupportedFormatError(f"not a {', '.join(name.upper() for name in FORMATS)} file (judged by its first bytes)")


def _announced_size(data: bytes, image_format: str) -> tuple[int, int] | None:
    """Width and height from the header, or None where only the codec can tell (TIFF, damaged headers)."""
    try:
        if image_format == "png":
            return struct.unpack_from(">II", data, 16)
        if image_format == "gif":
            return struct.unpack_from("<HH", data, 6)
        if image_format == "bmp":
            width, height = struct.unpack_from("<ii", data, 18)
            return width, abs(height)
        if image_format == "webp":
            return _webp_size(data)
        if image_format == "jpeg":
            return _jpeg_size(data)
        if image_format == "avif":
            return _avif_size(data)
    except struct.error:
        pass
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walks the marker segments to the frame header (ITU-T T.81, B.2.2)."""
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    return None


def _avif_size(data: bytes) -> tuple[int, int] | None:
    """The largest image spatial extents property (ISO/IEC 23008-12, 6.5.3), among those before the pixels."""
    sizes: list[tuple[int, int]] = []
    position = data.find(b"ispe")
    while position != -1 and len(sizes) < 64:
        sizes.append(struct.unpack_from(">II", data, position + 8))
        position = data.find(b"ispe", position + 4)
    return max(sizes, key=lambda size: size[0] * size[1]) if sizes else None
