"""TIFF directories, which TIFF files and EXIF share: what reading them would cost, and the few tags wanted of them."""

import re
import struct
from collections.abc import Callable

_TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*")
_TIFF_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_MAX_ENTRIES = 4096


def exif_orientation(exif: bytes) -> int:
    """EXIF orientation, 1 to 8; 1 where it is missing or damaged.

    Args:
        exif: a TIFF structure, with or without "Exif\\0\\0" before it.
    """
    found: dict[int, int] = {}
    directory_bytes(exif.removeprefix(b"Exif\0\0"), lambda tag, value: found.__setitem__(tag, value), whole=True)
    value = found.get(0x0112, 1)
    return value if 1 <= value <= 8 else 1


def directory_bytes(data: bytes, take: Callable[[int, int], None] | None = None, whole: bool = False) -> int:
    """Bytes that reading all values of the TIFF directories in `data` would copy; entries may share theirs.

    A kilobyte of entries that all point to the same megabyte would become a gigabyte.

    Args:
        data: anything that holds TIFF structures.
        take: called with tag and last value of every entry of whole numbers.
        whole: whether `data` is one TIFF file, and nothing in it but the first directory counts.
    """
    copied = n_seen = 0
    for number, header in enumerate(_TIFF_HEADER.finditer(data)):
        start = header.start()
        if (whole and start) or number > 64:
            break
        order = "<" if data[start] == 0x49 else ">"
        try:
            (at,) = struct.unpack_from(order + "I", data, start + 4)
            (n_entries,) = struct.unpack_from(order + "H", data, start + at)
            n_seen += n_entries
            if n_seen > _MAX_ENTRIES:  # not worth more time: the most they could cost
                return copied + len(data) * n_entries
            for entry in range(start + at + 2, start + at + 2 + 12 * n_entries, 12):
                tag, kind, count, value = struct.unpack_from(order + "HHII", data, entry)
                n_bytes = count * _TIFF_TYPE_BYTES.get(kind, 0)
                if n_bytes > 4:
                    copied += max(0, min(n_bytes, len(data) - start - value))
                if take is not None and kind in (3, 4) and count:
                    at = start + value if n_bytes > 4 else entry + 8
                    take(tag, *struct.unpack_from(order + ("H" if kind == 3 else "I"), data, at + n_bytes - n_bytes // count))
        except struct.error:
            continue
    return copied
