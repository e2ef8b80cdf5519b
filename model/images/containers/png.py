"""PNG: chunks, frames of its animation extension, and the least size of its pixels."""

import struct

from genloss.model.images.containers.layout import MAX_STEPS, Layout
from genloss.model.images.containers.tiff_directory import directory_bytes

_SHORT_BYTES = 2048  # encoders cut a picture into pieces of 4 KiB and more
# Deflate's longest match, 258 bytes, costs two bits at the least.
_MOST_DEFLATED = 1032
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def read_png(data: bytes, layout: Layout) -> None:
    """Reads chunks (W3C PNG, 5.3); n_frames counts the frames of the animation extension."""
    width_px, height_px, depth, colour = struct.unpack_from(">IIBB", data, 16)
    layout.announce(width_px, height_px)
    position, pixel_bytes, end = 8, 0, len(data) - 8
    unpack = struct.Struct(">I4s").unpack_from
    while position <= end and layout.n_steps <= MAX_STEPS:
        length, kind = unpack(data, position)
        if kind not in (b"IDAT", b"fdAT") or length < _SHORT_BYTES:
            layout.n_steps += 4
        if kind == b"IDAT":
            pixel_bytes += length
        elif kind == b"IEND":
            break  # its own end is looked at below
        elif kind == b"acTL":
            layout.n_frames = max(layout.n_frames, struct.unpack_from(">I", data, position + 8)[0])
        elif kind == b"fdAT":
            pass
        else:
            layout.metadata_bytes += min(length, len(data) - position)
            if kind == b"eXIf":
                layout.metadata_bytes += directory_bytes(data[position + 8 : position + 8 + length].removeprefix(b"Exif\0\0"))
        position += 12 + length
    needed = height_px * ((width_px * depth * _PNG_CHANNELS.get(colour, 1) + 7) // 8)
    if layout.n_steps <= MAX_STEPS:
        layout.missing_bytes = max(0, needed // _MOST_DEFLATED - pixel_bytes, position + 12 - len(data))
