"""TIFF: the first image file directory, strips and tiles."""

import struct

from genloss.model.images.containers.layout import Layout
from genloss.model.images.containers.tiff_directory import directory_bytes

_COMPRESSION = 259
# None, CCITT, LZW, Deflate, PackBits, LZMA, Zstandard; JPEG in two ways (TIFF 6.0 and its technical note 2).
_EXACT, _LOSSY = (1, 2, 3, 4, 5, 8, 32773, 32946, 34925, 50000), (6, 7)


def read_tiff(data: bytes, layout: Layout) -> None:
    """The first image file directory (TIFF 6.0, section 2)."""
    found: dict[int, int] = {}
    layout.metadata_bytes = directory_bytes(data, lambda tag, value: found.__setitem__(tag, value))
    order = "<" if data[0] == 0x49 else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    layout.missing_bytes = max(0, at + 2 - len(data))
    if not layout.missing_bytes:
        (n_entries,) = struct.unpack_from(order + "H", data, at)
        layout.missing_bytes = max(0, at + 2 + 12 * n_entries + 4 - len(data))
    if found.get(256) and found.get(257):
        layout.announce(found[256], found[257])
    for offsets, lengths in ((273, 279), (324, 325)):  # of strips and of tiles; the last one ends last
        layout.missing_bytes = max(layout.missing_bytes, found.get(offsets, 0) + found.get(lengths, 0) - len(data))


def is_lossless_tiff(data: bytes) -> bool | None:
    """Whether the first picture of a TIFF is compressed without loss; None for a codec that can be lossy or lossless."""
    found = {_COMPRESSION: 1}
    directory_bytes(data, lambda tag, value: found.__setitem__(tag, value))
    return True if found[_COMPRESSION] in _EXACT else False if found[_COMPRESSION] in _LOSSY else None
