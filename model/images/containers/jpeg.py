"""JPEG: marker segments, scans, EXIF and thumbnails, without decoding."""

import re
import struct
from contextlib import suppress

from genloss.model.images.containers.layout import MAX_STEPS, Layout
from genloss.model.images.containers.tiff_directory import directory_bytes

_MAX_EXIF_BYTES = 4 << 20
# Inside entropy-coded data FF is followed by 00 or by a restart marker D0-D7 (ITU-T T.81, B.1.1.5).
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")

_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)


def read_jpeg(data: bytes, layout: Layout) -> None:
    """Reads marker segments up to the end of the image (ITU-T T.81, B.2); skips thumbnails and appended files by length."""
    position, exif, pictures = 2, b"", b""
    while position + 4 <= len(data) and data[position] == 0xFF and layout.n_steps <= MAX_STEPS:
        layout.n_steps += 8
        marker = data[position + 1]
        if marker == 0xD9:
            break
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:  # padding, and markers without a segment
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height_px, width_px = struct.unpack_from(">HH", data, position + 5)
            layout.announce(width_px, height_px)
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            layout.metadata_bytes += length
            start = data[position + 4 : position + 8]
            if start == b"Exif" and len(exif) <= _MAX_EXIF_BYTES:  # decoders join what is spread over segments
                exif += data[position + 10 : position + 2 + length]
            elif start == b"MPF\0":
                pictures = data[position + 8 : position + 2 + length]
        position += 2 + length
        if marker == 0xDA:
            layout.n_scans += 1
            position = end_of_scan(data, position)
    if len(exif) > _MAX_EXIF_BYTES:
        layout.metadata_bytes += len(exif) * (len(exif) // 12)  # what its entries could be made to cost
    else:
        layout.metadata_bytes += directory_bytes(exif) + directory_bytes(pictures)


def end_of_scan(data: bytes, position: int) -> int:
    """Position of the next marker other than a restart marker; the end of the file if there is none."""
    following = _JPEG_MARKER.search(data, position)
    return len(data) if following is None else following.start()


def lacks_scans(data: bytes) -> bool:
    """Whether a progressive JPEG lacks the scan that completes a component's DC or lowest AC coefficients.

    Every encoder writes these scans, so the file was truncated before them (ITU-T T.81, G.1.1.1).
    """
    whole: set[tuple[int, int]] = set()
    components: list[int] = []
    position = 2
    with suppress(IndexError):
        for _ in range(MAX_STEPS):
            marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4])
            if data[position] != 0xFF or marker == 0xD9:
                break
            if marker in _PROGRESSIVE:
                components = [data[position + 10 + 3 * one] for one in range(data[position + 9])]
            position += 2 + length
            if marker == 0xDA:
                first, _, bits = data[position - 3 : position]
                named = [data[position - length + 3 + 2 * one] for one in range(data[position - length + 2])]
                if bits & 15 == 0:
                    whole.update((name, min(first, 1)) for name in named)
                position = end_of_scan(data, position)
    return any((name, band) not in whole for name in components for band in (0, 1))
