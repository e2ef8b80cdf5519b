"""TIFF directories, as in TIFF files and in EXIF: the cost of reading one, and a few of its tags."""

import re
import struct
from collections.abc import Callable
from contextlib import suppress

TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*")
_TIFF_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_MAX_ENTRIES = 4096


def exif_orientation(exif: bytes) -> int:
    """EXIF orientation, 1 to 8; 1 if it is missing or damaged.

    Args:
        exif: a TIFF structure, with or without "Exif\\0\\0" before it.
    """
    found: dict[int, int] = {}
    directory_bytes(exif.removeprefix(b"Exif\0\0"), lambda tag, value: found.__setitem__(tag, value))
    value = found.get(0x0112, 1)
    return value if 1 <= value <= 8 else 1


def directory_bytes(data: bytes, take: Callable[[int, int], None] | None = None) -> int:
    """Bytes that a reader of all values of the first directory of a TIFF structure would copy.

    Entries may share their values: a kilobyte of entries that point to the same megabyte would be copied to a gigabyte.
    Structures inside values, such as notes of camera makers, are not looked at.

    Args:
        data: begins with the structure; if it does not, the result is 0.
        take: called with the tag and the last value of every entry of integers.
    """
    copied = 0
    if not TIFF_HEADER.match(data):
        return 0
    order = "<" if data[0] == 0x49 else ">"
    with suppress(struct.error):  # the directory is cut off
        (at,) = struct.unpack_from(order + "I", data, 4)
        (n_entries,) = struct.unpack_from(order + "H", data, at)
        if n_entries > _MAX_ENTRIES:  # not worth the time: the most they could cost
            return len(data) * n_entries
        for entry in range(at + 2, at + 2 + 12 * n_entries, 12):
            tag, kind, count, value = struct.unpack_from(order + "HHII", data, entry)
            n_bytes = count * _TIFF_TYPE_BYTES.get(kind, 0)
            if n_bytes > 4:
                copied += max(0, min(n_bytes, len(data) - value))
            if take is not None and kind in (3, 4) and count:
                last = (value if n_bytes > 4 else entry + 8) + n_bytes - n_bytes // count
                take(tag, *struct.unpack_from(order + ("H" if kind == 3 else "I"), data, last))
    return copied
