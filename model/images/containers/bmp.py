"""BMP: its two headers."""

import struct

from genloss.model.images.containers.layout import Layout


def read_bmp(data: bytes, layout: Layout) -> None:
    """File and information headers (BITMAPINFOHEADER, or the sixteen-bit BITMAPCOREHEADER)."""
    pixels_at, header_bytes = struct.unpack_from("<II", data, 10)
    if header_bytes == 12:
        width_px, height_px, _, depth = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    else:
        width_px, height_px, _, depth, compression = struct.unpack_from("<iiHHI", data, 18)
    layout.announce(width_px, abs(height_px))
    if compression in (0, 3):
        needed = abs(height_px) * ((width_px * depth + 31) // 32 * 4)
        layout.missing_bytes = max(0, needed - max(0, len(data) - pixels_at))
