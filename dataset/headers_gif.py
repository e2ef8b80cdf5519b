"""Reads the facts of a GIF from its blocks, up to the trailer."""

import re

from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow

_FULL_BLOCKS = re.compile(rb"(?s:\xff.{255})++")
_MOST_BLOCKS = 200_000


def read_gif_headers(window: FileWindow, facts: FileFacts) -> None:
    """Walks all blocks and their chains of sub-blocks. Only this format has to be read in full.

    Source: GIF89a, 15 to 27.
    """
    data = window.pieces(0)
    facts.mode, facts.bit_depth, facts.lossless = "palette", 8, True
    facts.n_frames = 0
    try:
        facts.width_px, facts.height_px = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
        if not facts.width_px or not facts.height_px:
            facts.break_off("no size in its headers")
        palette = _palette(data, 10, 13)
        if palette and palette[::3] == palette[1::3] == palette[2::3]:
            facts.mode = "palette of greys"
        _walk(data, 13 + len(palette), window.n_bytes, facts)
    except IndexError:
        if window.reaches_end(0):
            facts.break_off("the file ends before its trailer")
    facts.animated = facts.n_frames > 1
    if not facts.n_frames:
        facts.n_frames = 1
        facts.break_off("no picture between its headers")


def _palette(data: bytes, flags_at: int, start: int) -> bytes:
    return data[start : start + (3 << (data[flags_at] & 7) + 1)] if data[flags_at] & 0x80 else b""


def _walk(data: bytes, position: int, n_bytes: int, facts: FileFacts) -> None:
    for _ in range(_MOST_BLOCKS):
        kind = data[position]
        if kind == 0x3B:
            facts.trailing_bytes = n_bytes - position - 1
            return
        if kind == 0x2C:
            facts.n_frames += 1
            if data[position + 9] & 0x40:
                facts.coding = "interlaced"
            local = _palette(data, position + 9, position + 10)
            if local and not local[::3] == local[1::3] == local[2::3]:
                facts.mode = facts.mode.replace("palette of greys", "palette")
            position += 11 + len(local)
        elif kind == 0x21:
            if data[position + 1] == 0xF9 and data[position + 3] & 1 and "alpha" not in facts.mode:
                facts.mode += " + alpha"
            position += 2
        else:
            facts.break_off("garbage between its blocks")
            return
        position = _skip_chain(data, position)


def _skip_chain(data: bytes, position: int) -> int:
    while length := data[position]:
        full = _FULL_BLOCKS.match(data, position) if length == 255 else None
        position = full.end() if full else position + 1 + length
    return position + 1
