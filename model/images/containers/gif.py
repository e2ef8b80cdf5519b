"""GIF: blocks, their chains of sub-blocks, and frames."""

import re
import struct

from genloss.model.images.containers.layout import MAX_STEPS, Layout

_GIF_FULL_BLOCKS = re.compile(rb"(?s:\xff.{255})++")


def read_gif(data: bytes, layout: Layout) -> None:
    """Blocks and their chains of sub-blocks up to the trailer (GIF89a, 15 to 27)."""
    layout.missing_bytes = 1
    width_px, height_px, flags = struct.unpack_from("<HHB", data, 6)
    layout.announce(width_px, height_px)
    layout.n_frames = 0
    position = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    while layout.n_steps <= MAX_STEPS:
        layout.n_steps += 2
        kind = data[position]
        if kind == 0x2C:
            left, top, width_px, height_px, flags = struct.unpack_from("<HHHHB", data, position + 1)
            if layout.n_frames == 0:  # only the first frame may enlarge the canvas that is decoded
                layout.announce(left + width_px, top + height_px)
            layout.n_frames += 1
            position += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
        elif kind == 0x21:
            position += 2
        else:  # the trailer, or garbage that decoders take for it
            layout.missing_bytes, layout.is_closed = 0, kind == 0x3B
            break
        start = position
        while (length := data[position]) and layout.n_steps <= MAX_STEPS:
            layout.n_steps += 1
            if length == 255 and (full := _GIF_FULL_BLOCKS.match(data, position)):
                position = full.end()
            else:
                position += 1 + length
        position += 1
        if kind == 0x21:
            layout.metadata_bytes += position - start
