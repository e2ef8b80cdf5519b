"""The header of an ordinary JPEG, read as Pillow reads it. Loading Pillow takes longer than scoring a small picture."""

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_Table = NDArray[np.uint16]
_MOST_PIXELS = 89_478_485  # of pictures larger than this, Pillow has an opinion of its own
_SEQUENTIAL, _PROGRESSIVE = (0xC0, 0xC1), 0xC2
_SKIPPED = (0xC4, 0xDD, 0xFE)  # Huffman codes, restart interval, comment
_LEAST_JFIF_BYTES, _LEAST_ADOBE_BYTES, _TRANSFORM = 14, 12, 11
_EXIF, _ICC, _N_PARTS = b"Exif\0\0", b"ICC_PROFILE\0", 13
_LEFT_TO_PILLOW = (b"MPF\0", b"Photoshop 3.0\0")  # several pictures in one file; blocks that may be damaged
# Place of each coefficient in zigzag order (ITU-T T.81, figure A.6).
_ZIGZAG = [
    0, 1, 5, 6, 14, 15, 27, 28, 2, 4, 7, 13, 16, 26, 29, 42, 3, 8, 12, 17, 25, 30, 41, 43, 9, 11, 18, 24, 31, 40, 44, 53,
    10, 19, 23, 32, 39, 45, 52, 54, 20, 22, 33, 38, 46, 51, 55, 60, 21, 34, 37, 47, 50, 56, 59, 61,
    35, 36, 48, 49, 57, 58, 62, 63,
]  # fmt: skip


class JpegHeader(NamedTuple):
    """What the header of a JPEG states.

    Attributes:
        size: width and height in pixels.
        mode: Pillow's name of the pixels, "RGB" or "L".
        tables: (8, 8) quantisation steps of the first two tables in natural order; None if missing.
        sampling: horizontal and vertical luma sampling relative to chroma.
        progressive: whether the frame is progressive.
        is_rgb: whether an Adobe segment says that the three channels are red, green and blue.
        exif: content of the EXIF segments, or nothing.
        profile: the ICC profile, or nothing.
    """

    size: tuple[int, int]
    mode: str
    tables: tuple[_Table | None, _Table | None]
    sampling: tuple[int, int]
    progressive: bool
    is_rgb: bool
    exif: bytes
    profile: bytes


def jpeg_coding(
    tables: dict[int, list[int]] | None, layers: list[tuple[int, int, int, int]]
) -> tuple[tuple[_Table | None, _Table | None], tuple[int, int]]:
    """The tables and the sampling of JpegHeader.

    Args:
        tables: 64 quantisation steps in natural order, by number of the table.
        layers: of each component its name, sampling factors across and down, and the number of its table.
    """
    if not tables:
        return (None, None), (1, 1)
    ordered = [np.array(tables[key], dtype=np.uint16).reshape(8, 8) for key in sorted(tables)]
    sampling = (1, 1)
    if len(layers) >= 3 and layers[1][1] and layers[1][2]:
        sampling = (max(1, layers[0][1] // layers[1][1]), max(1, layers[0][2] // layers[1][2]))
    return (ordered[0], ordered[1] if len(ordered) > 1 else None), sampling


def read_header(data: bytes) -> JpegHeader | None:
    """Reads segments up to the first scan; None for a file with anything unusual, which Pillow must look at.

    Args:
        data: the whole file.
    """
    found, position = _Segments(), 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4])
        body = data[position + 4 : position + 2 + length]
        if len(body) != length - 2:
            return None
        if marker == 0xDA:
            return found.header()
        if not found.add(marker, body):
            return None
        position += 2 + length
    return None


class _Segments:
    """What was read of a header so far."""

    def __init__(self) -> None:
        self._frame, self._is_progressive = b"", False
        self._tables: dict[int, list[int]] = {}
        self._exif, self._profile, self._profiles = b"", b"", list[bytes]()
        self._is_rgb = False

    def add(self, marker: int, body: bytes) -> bool:
        """Reads one segment; False if it is unusual."""
        if marker == 0xDB:
            return self._add_tables(body)
        if marker in (*_SEQUENTIAL, _PROGRESSIVE):
            return self._add_frame(marker, body)
        return marker in _SKIPPED or (0xE0 <= marker <= 0xEF and self._add_application(marker, body))

    def header(self) -> JpegHeader | None:
        if not self._frame:
            return None
        _, height, width, n_components = struct.unpack_from(">BHHB", self._frame)
        parts = [self._frame[6 + 3 * one : 9 + 3 * one] for one in range(n_components)]
        layers = [(name, factors >> 4, factors & 15, steps) for name, factors, steps in parts]
        tables, sampling = jpeg_coding(self._tables, layers)
        mode = "RGB" if n_components == 3 else "L"
        return JpegHeader(
            (width, height), mode, tables, sampling, self._is_progressive, self._is_rgb, self._exif, self._profile
        )

    def _add_tables(self, body: bytes) -> bool:
        while body:
            size, number = 1 + (body[0] >> 4 != 0), body[0] & 15
            steps = body[1 : 1 + 64 * size]
            if len(steps) < 64 * size:
                return False
            values = steps if size == 1 else struct.unpack(">64H", steps)
            self._tables[number] = [values[place] for place in _ZIGZAG]
            body = body[1 + 64 * size :]
        return True

    def _add_frame(self, marker: int, body: bytes) -> bool:
        if self._frame or len(body) < 6 or body[0] != 8 or body[5] not in (1, 3) or len(body) != 6 + 3 * body[5]:
            return False
        height, width = struct.unpack_from(">HH", body, 1)
        if not 0 < width * height <= _MOST_PIXELS:
            return False
        self._frame, self._is_progressive = body, marker == _PROGRESSIVE
        parts = sorted(self._profiles)  # by their numbers
        if parts and parts[0][_N_PARTS] == len(parts):
            self._profile = b"".join(part[_N_PARTS + 1 :] for part in parts)
        return True

    def _add_application(self, marker: int, body: bytes) -> bool:
        if body.startswith(_LEFT_TO_PILLOW):
            return False
        if marker == 0xE0 and body.startswith(b"JFIF"):
            return len(body) >= _LEAST_JFIF_BYTES
        if marker == 0xE1 and body.startswith(_EXIF):
            self._exif += body[len(_EXIF) :] if self._exif else body
        elif marker == 0xE2 and body.startswith(_ICC):
            self._profiles.append(body)
            return len(body) > _N_PARTS
        elif marker == 0xEE and body.startswith(b"Adobe"):
            self._is_rgb = len(body) >= _LEAST_ADOBE_BYTES and body[_TRANSFORM] == 0
            return len(body) >= _LEAST_ADOBE_BYTES
        return True
