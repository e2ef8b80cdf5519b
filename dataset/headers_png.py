"""Reads the facts of a PNG from the chunks before the pixels, and from the end of the file."""

import struct
import zlib
from contextlib import suppress

from genloss.dataset.exif_facts import read_exif, read_xmp
from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow
from genloss.dataset.icc_name import UNNAMED

_END = b"\0\0\0\0IEND\xaeB`\x82"
_TAIL_BYTES = 4096
_MODES = {0: "grey", 2: "colour", 3: "palette", 4: "grey + alpha", 6: "colour + alpha"}
_MOST_CHUNKS = 1000
_MOST_CHUNK_BYTES = 1 << 16


def read_png_headers(window: FileWindow, facts: FileFacts) -> None:
    """Reads the chunks up to the first IDAT, then the last bytes of the file.

    Source: W3C PNG, 5.3.
    """
    facts.lossless = True
    start = window.read(8, 25)
    if len(start) < 25 or start[4:8] != b"IHDR":
        facts.break_off("no header chunk")
        return
    facts.width_px, facts.height_px, facts.bit_depth, colour = struct.unpack_from(">IIBB", start, 8)
    facts.mode = _MODES.get(colour, "")
    facts.coding = "interlaced" if start[20] else ""
    if not facts.mode or not facts.width_px or not facts.height_px:
        facts.break_off("no valid size or colour type")
    if zlib.crc32(start[4:21]).to_bytes(4) != start[21:]:
        facts.break_off("wrong checksum of its header")
    position = 33
    for _ in range(_MOST_CHUNKS):
        start = window.read(position, 8)
        if len(start) < 8:
            facts.break_off("the file ends before its pixels")
            return
        length, kind = int.from_bytes(start[:4]), start[4:]
        if kind == b"IDAT":
            break
        if kind == b"IEND":
            facts.break_off("no pixels between its headers")
            return
        _read_chunk(kind, window.read(position + 8, min(length, _MOST_CHUNK_BYTES)), facts)
        position += 12 + length
    _read_end(window, facts)


def _read_chunk(kind: bytes, body: bytes, facts: FileFacts) -> None:
    match kind:
        case b"PLTE":
            if facts.mode == "palette" and body[::3] == body[1::3] == body[2::3]:
                facts.mode = "palette of greys"
        case b"tRNS":
            facts.mode += " + alpha"
        case b"acTL":
            facts.n_frames = max(1, int.from_bytes(body[:4]))
            facts.animated = facts.n_frames > 1
        case b"iCCP":
            facts.icc_profile = body[:80].split(b"\0")[0].decode("latin-1").strip() or UNNAMED
        case b"eXIf":
            read_exif(body, facts)
        case b"tEXt":
            name, _, text = body.partition(b"\0")
            if name in (b"Software", b"software"):
                facts.add_editor(text[:80].decode("latin-1"))
        case b"iTXt":
            if body.startswith(b"XML:com.adobe.xmp\0"):
                read_xmp(body, facts)


def _read_end(window: FileWindow, facts: FileFacts) -> None:
    tail = window.read_end(_TAIL_BYTES)
    signed = tail.find(b"tEXtSoftware\0")
    if signed >= 4:  # some programs sign after the pixels
        with suppress(UnicodeDecodeError):
            length = int.from_bytes(tail[signed - 4 : signed])
            facts.add_editor(tail[signed + 13 : signed + 4 + min(length, 80)].decode("ascii"))
    if tail.endswith(_END):
        return
    at = tail.rfind(_END)
    if at >= 0:
        facts.trailing_bytes = len(tail) - at - len(_END)
        return
    at = window.pieces(0).find(_END)
    if at >= 0:
        facts.trailing_bytes = window.n_bytes - at - len(_END)
    elif window.reaches_end(0):
        facts.break_off("the file ends before its last chunk")
