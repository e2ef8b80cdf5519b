"""WebP: RIFF chunks, and the codec of the pixels."""

import struct

from genloss.model.images.containers.layout import MAX_STEPS, Layout
from genloss.model.images.containers.tiff_directory import directory_bytes


def read_webp(data: bytes, layout: Layout) -> None:
    """RIFF chunks (RFC 9649, 2.3 to 2.7)."""
    layout.missing_bytes = max(0, 8 + struct.unpack_from("<I", data, 4)[0] - len(data))
    position, n_animated = 12, 0
    while position + 8 <= len(data) and layout.n_steps <= MAX_STEPS:
        layout.n_steps += 3
        kind, length = struct.unpack_from("<4sI", data, position)
        body = position + 8
        if kind == b"VP8X":
            low_width, high_width, low_height, high_height = struct.unpack_from("<4xHBHB", data, body)
            layout.announce(1 + low_width + (high_width << 16), 1 + low_height + (high_height << 16))
        elif kind == b"VP8L":
            (bits,) = struct.unpack_from("<I", data, body + 1)
            layout.announce(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        elif kind == b"VP8 ":
            width_px, height_px = struct.unpack_from("<HH", data, body + 6)
            layout.announce(width_px & 0x3FFF, height_px & 0x3FFF)
        elif kind == b"ANMF":
            n_animated += 1
        elif kind not in (b"ALPH", b"ANIM"):
            layout.metadata_bytes += min(length, len(data) - position)
            if kind == b"EXIF":
                layout.metadata_bytes += directory_bytes(data[body : body + length].removeprefix(b"Exif\0\0"))
        position = body + length + (length & 1)
    layout.n_frames = max(1, n_animated)


def is_lossless_webp(data: bytes) -> bool:
    """Whether a file is a WebP whose pixels use the lossless codec."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and (data[12:16] == b"VP8L" or b"VP8L" in data[12:4096])


def is_exact_webp(data: bytes) -> bool | None:
    """Whether the first picture of a WebP uses the lossless codec; None if no chunk has pixels.

    It also finds pixels behind a large colour profile. is_lossless_webp, which the features use, does not.
    """
    position = 12
    for _ in range(MAX_STEPS):
        if position + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind in (b"VP8L", b"VP8 "):
            return kind == b"VP8L"
        position += 8 + (16 if kind == b"ANMF" else length + (length & 1))
    return None
