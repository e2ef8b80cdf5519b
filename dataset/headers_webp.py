"""Reads the facts of a WebP from its RIFF chunks."""

import struct

from genloss.dataset.exif_facts import read_exif, read_xmp
from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow
from genloss.dataset.icc_name import profile_name

_MOST_CHUNKS = 10_000
_MOST_CHUNK_BYTES = 1 << 16
_ALPHA, _ANIMATION = 0x10, 0x02


def read_webp_headers(window: FileWindow, facts: FileFacts) -> None:
    """Reads the chunks up to the end that the RIFF header announces.

    Source: RFC 9649, 2.3 to 2.7.
    """
    end = 8 + int.from_bytes(window.read(4, 4), "little")
    facts.mode, facts.bit_depth = "colour", 8
    facts.trailing_bytes = max(0, window.n_bytes - end - (end & 1))
    if end > window.n_bytes:
        facts.break_off("the file ends before its pixels")
    position, n_animated = 12, 0
    for _ in range(_MOST_CHUNKS):
        start = window.read(position, 24)
        if position + 8 > end or len(start) < 8:
            break
        kind, length = struct.unpack_from("<4sI", start)
        if kind == b"ANMF":
            n_animated += 1
            if n_animated == 1:
                _read_picture(window, position + 24, facts)
        elif kind in (b"VP8 ", b"VP8L"):
            _read_picture(window, position, facts)
        elif kind in (b"VP8X", b"ICCP", b"EXIF", b"XMP "):
            _read_chunk(kind, window.read(position + 8, min(length, _MOST_CHUNK_BYTES)), facts)
        position += 8 + length + (length & 1)
    facts.n_frames = max(1, n_animated)
    if not facts.width_px or not facts.height_px:
        facts.break_off("no picture between its headers")


def _read_picture(window: FileWindow, position: int, facts: FileFacts) -> None:
    """Reads the header of the VP8 or VP8L bitstream. In a frame of an animation, an ALPH chunk may precede it."""
    start = window.read(position, 18)
    if start[:4] == b"ALPH":
        length = int.from_bytes(start[4:8], "little")
        start = window.read(position + 8 + length + (length & 1), 18)
    if len(start) < 18:
        return
    if start[:4] == b"VP8L":
        (bits,) = struct.unpack_from("<I", start, 9)
        width_px, height_px = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        facts.lossless = True
        if bits >> 28 & 1 and "alpha" not in facts.mode:
            facts.mode += " + alpha"
    else:
        width_px, height_px = (value & 0x3FFF for value in struct.unpack_from("<HH", start, 14))
        facts.subsampling = "4:2:0"  # VP8 has no other
    if not facts.width_px:
        facts.width_px, facts.height_px = width_px, height_px


def _read_chunk(kind: bytes, body: bytes, facts: FileFacts) -> None:
    if kind == b"VP8X" and len(body) >= 10:
        facts.width_px, facts.height_px = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
        facts.animated = bool(body[0] & _ANIMATION)
        if body[0] & _ALPHA:
            facts.mode = "colour + alpha"
    elif kind == b"ICCP":
        facts.icc_profile = profile_name(body)
    elif kind == b"EXIF":
        read_exif(body, facts)
    elif kind == b"XMP ":
        read_xmp(body, facts)
