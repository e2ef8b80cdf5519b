"""Items of an AVIF file and the frame sizes in their AV1 headers. The boxes of a file may announce less than it decodes to."""

import struct
from collections.abc import Iterator

SEQUENCE_HEADER = 1
_HEADER_BYTES = 128  # a sequence header is a dozen bytes; with 32 operating points some eighty
_MAX_ITEMS = 256
_MAX_UNITS = 64


def item_extents(data: bytes, box: int, box_end: int) -> Iterator[tuple[int, int]]:
    """Start and end of the items and chunks that a `meta` or `moov` box lists, clipped to the file.

    From `iloc` (ISO/IEC 14496-12, 8.11.3), and the first chunk of `stco` and `co64` (8.7.5).

    Args:
        data: the whole file.
        box, box_end: where the box lies.

    Raises:
        struct.error, IndexError: the box is damaged.
    """
    found = data.find(b"iloc", box, box_end)
    if found != -1:
        version = data[found + 4]
        offset_bytes, length_bytes = data[found + 8] >> 4, data[found + 8] & 15
        base_bytes, index_bytes = data[found + 9] >> 4, data[found + 9] & 15 if version else 0
        wide = 4 if version == 2 else 2
        position = found + 10 + wide
        for _ in range(min(_MAX_ITEMS, int.from_bytes(data[found + 10 : position]))):
            position += wide + (2 if version else 0) + 2
            base = int.from_bytes(data[position : position + base_bytes])
            position += base_bytes
            (n_extents,) = struct.unpack_from(">H", data, position)
            position += 2
            for _ in range(min(_MAX_ITEMS, n_extents)):
                position += index_bytes
                start = base + int.from_bytes(data[position : position + offset_bytes])
                position += offset_bytes
                length = int.from_bytes(data[position : position + length_bytes])
                position += length_bytes
                if position > box_end:
                    return
                yield min(len(data), start), min(len(data), start + length if length else len(data))
    for name, layout in ((b"stco", ">I"), (b"co64", ">Q")):
        found = data.find(name, box, box_end)
        if found != -1:
            yield min(len(data), struct.unpack_from(layout, data, found + 12)[0]), len(data)


def open_units(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Kind, start and end of the body of every open bitstream unit (AV1, 5.3) of an item.

    Raises:
        IndexError: the units are cut off.
    """
    position = start
    for _ in range(_MAX_UNITS):
        if position >= min(end, len(data)):
            break
        header = data[position]
        position += 2 if header & 4 else 1
        if not header & 2:  # without a size: up to the end
            n_bytes = end - position
        else:
            n_bytes, position = _leb128(data, position)
        yield header >> 3 & 15, position, position + n_bytes
        position += n_bytes


def sequence_sizes(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Width and height of every sequence header among the units of an item.

    Raises:
        IndexError: the units are cut off.
    """
    for kind, body, body_end in open_units(data, start, end):
        if kind == SEQUENCE_HEADER:
            yield _sequence_size(data[body : min(body_end, body + _HEADER_BYTES)])


def _leb128(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for number in range(8):
        value |= (data[position] & 127) << 7 * number
        position += 1
        if not data[position - 1] & 128:
            break
    return value, position


def _sequence_size(header: bytes) -> tuple[int, int]:
    """Largest frame of a sequence (AV1, 5.5.1); (0, 0) where the header is cut off."""
    bits = int.from_bytes(header)
    left = 8 * len(header)

    def take(n_bits: int) -> int:
        nonlocal left
        left -= n_bits
        return bits >> left & (1 << n_bits) - 1 if left >= 0 else 0

    take(4)  # profile, still picture
    if take(1):  # reduced still picture header
        take(5)
    else:
        delay_bits = 0
        if take(1):  # timing
            take(64)
            if take(1):
                zeros = 0
                while left > 0 and not take(1):
                    zeros += 1
                take(zeros)
            if take(1):  # decoder model
                delay_bits = take(5) + 1
                take(42)
        display_delay = take(1)
        for _ in range(take(5) + 1):
            take(12)
            if take(5) > 7:
                take(1)
            if delay_bits and take(1):
                take(2 * delay_bits + 1)
            if display_delay and take(1):
                take(4)
    width_bits, height_bits = take(4) + 1, take(4) + 1
    width_px, height_px = take(width_bits) + 1, take(height_bits) + 1
    return (width_px, height_px) if left >= 0 else (0, 0)
