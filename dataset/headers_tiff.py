"""Reads the facts of a TIFF from its directories, and of a BMP from its two headers."""

import struct

from genloss.dataset.exif_facts import read_exif
from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow
from genloss.dataset.icc_name import UNNAMED

_MOST_PAGES = 1000
_MOST_ENTRIES = 512
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _ORIENTATION, _SAMPLES, _ICC = 256, 257, 258, 259, 262, 274, 277, 34675
_PIXELS = ((273, 279), (324, 325))  # offsets and lengths of strips, and of tiles
_LOSSY = (6, 7, 34892, 33003, 33005)  # variants of JPEG
_MODES = {0: "grey", 1: "grey", 2: "colour", 3: "palette", 5: "cmyk", 6: "colour", 8: "colour"}
_USUAL_SAMPLES = {"grey": 1, "colour": 3, "palette": 1, "cmyk": 4}


def read_tiff_headers(window: FileWindow, facts: FileFacts) -> None:
    """Reads the first directory and counts the others.

    Source: TIFF 6.0, section 2.
    """
    order = "<" if window.head[:1] == b"I" else ">"
    (at,) = struct.unpack_from(order + "I", window.head, 4)
    facts.n_frames = 0
    while at and facts.n_frames < _MOST_PAGES:
        start = window.read(at, 2)
        n_entries = int.from_bytes(start, "little" if order == "<" else "big")
        directory = window.read(at, 6 + 12 * min(n_entries, _MOST_ENTRIES))
        if len(directory) < 6 or n_entries > _MOST_ENTRIES:
            facts.break_off("the file ends inside its headers")
            break
        if not facts.n_frames:
            _read_page(directory, n_entries, order, window, facts)
        facts.n_frames += 1
        (at,) = struct.unpack_from(order + "I", directory, len(directory) - 4)
    facts.n_frames = max(1, facts.n_frames)
    if not facts.width_px or not facts.height_px:
        facts.break_off("no size in its headers")
    read_exif(window.head, facts)


def _read_page(directory: bytes, n_entries: int, order: str, window: FileWindow, facts: FileFacts) -> None:
    values = _values(directory, n_entries, order, window)
    if any(values.get(offset, 0) + values.get(length, 0) > window.n_bytes for offset, length in _PIXELS):
        facts.break_off("the file ends before its pixels")
    facts.width_px, facts.height_px = values.get(_WIDTH), values.get(_HEIGHT)
    facts.bit_depth = values.get(_BITS, 1)
    facts.mode = _MODES.get(values.get(_PHOTOMETRIC, 1), "")
    if values.get(_SAMPLES, 1) > _USUAL_SAMPLES.get(facts.mode, 99):
        facts.mode += " + alpha"
    facts.lossless = values.get(_COMPRESSION, 1) not in _LOSSY
    orientation = values.get(_ORIENTATION, 0)
    facts.orientation = orientation if 1 <= orientation <= 8 else 0
    facts.icc_profile = UNNAMED if _ICC in values else ""


def _values(directory: bytes, n_entries: int, order: str, window: FileWindow) -> dict[int, int]:
    """Tag -> number; the first of several, but of strips and tiles the last."""
    values: dict[int, int] = {}
    for entry in range(2, 2 + 12 * n_entries, 12):
        tag, kind, count, value = struct.unpack_from(order + "HHII", directory, entry)
        if any(tag in pair for pair in _PIXELS):
            value = _last_of(directory[entry : entry + 12], order, window)
        elif kind == 3 and count <= 2:
            (value,) = struct.unpack_from(order + "H", directory, entry + 8)
        elif kind == 3 and tag == _BITS:
            data = window.read(value, 2)
            value = int.from_bytes(data, "little" if order == "<" else "big")
        values[tag] = value
    return values


def _last_of(entry: bytes, order: str, window: FileWindow) -> int:
    """The last of an entry's numbers: strips and tiles lie in the file in order. More than the file has if it is cut off."""
    kind, count, value = struct.unpack_from(order + "HII", entry, 2)
    code, size = ("H", 2) if kind == 3 else ("I", 4)
    if not count:
        return 0
    before = (count - 1) * size
    data = entry[8 + before :] if count * size <= 4 else window.read(value + before, size)
    return int(struct.unpack_from(order + code, data)[0]) if len(data) >= size else window.n_bytes + 1


def read_bmp_headers(window: FileWindow, facts: FileFacts) -> None:
    """Reads the file header and the BITMAPINFOHEADER or the 16-bit BITMAPCOREHEADER."""
    facts.lossless = True
    announced_bytes, _, pixels_at, header_bytes = struct.unpack_from("<IIII", window.head, 2)
    compression = 0
    if header_bytes == 12:
        width_px, height_px, _, depth = struct.unpack_from("<HHHH", window.head, 18)
    else:
        width_px, height_px, _, depth, compression = struct.unpack_from("<iiHHI", window.head, 18)
    facts.width_px, facts.height_px = width_px, abs(height_px)
    facts.bit_depth = 8 if depth >= 8 else depth
    facts.mode = "palette" if depth <= 8 else "colour + alpha" if depth == 32 and compression == 3 else "colour"
    if width_px <= 0 or not height_px:
        facts.break_off("no size in its headers")
        return
    needed = pixels_at + abs(height_px) * ((width_px * depth + 31) // 32 * 4) if compression in (0, 3) else announced_bytes
    if needed > window.n_bytes:
        facts.break_off("the file ends before its pixels")
    facts.trailing_bytes = max(0, window.n_bytes - max(needed, announced_bytes))
