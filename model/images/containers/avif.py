"""AVIF: boxes, image spatial extents, and the frame sizes inside its AV1 data."""

import struct
from collections.abc import Iterator
from contextlib import suppress

from genloss.model.images.containers.av1 import item_extents, sequence_sizes
from genloss.model.images.containers.av1_frame import IDENTITY, Coding, UnusualHeaderError, read_coding
from genloss.model.images.containers.layout import MAX_STEPS, Layout
from genloss.model.images.containers.tiff_directory import TIFF_HEADER, directory_bytes

_FIRST_BYTES = (0x0A, 0x12)  # of an AV1 item: a sequence header or a temporal delimiter, with its size
_MOST_STATED = 64


def read_avif(data: bytes, layout: Layout) -> None:
    """Reads the boxes of an AVIF file (ISO/IEC 14496-12, 4.2).

    Sizes come from image spatial extents (ISO/IEC 23008-12, 6.5.3), from track headers and from the AV1 headers.
    """
    position = 0
    while position + 8 <= len(data) and layout.n_steps <= MAX_STEPS:
        layout.n_steps += 1
        length, kind = struct.unpack_from(">I4s", data, position)
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, position + 8)
        layout.missing_bytes = max(0, position + length - len(data))
        end = min(len(data), position + length) if length else len(data)
        if kind in (b"meta", b"moov"):
            layout.metadata_bytes += end - position
            for name, width_at in ((b"ispe", 8), (b"tkhd", None)):
                found = data.find(name, position, end)
                while found != -1 and layout.n_steps <= MAX_STEPS:
                    layout.n_steps += 1
                    if width_at is None:  # 16.16 fixed point, at the end of the box
                        (box,) = struct.unpack_from(">I", data, found - 4)
                        width_px, height_px = (value >> 16 for value in struct.unpack_from(">II", data, found - 4 + box - 8))
                    else:
                        width_px, height_px = struct.unpack_from(">II", data, found + width_at)
                    layout.announce(width_px, height_px)
                    found = data.find(name, found + 4, end)
            with suppress(struct.error, IndexError):
                for item, item_end in item_extents(data, position, end):
                    layout.n_steps += 2
                    for width_px, height_px in sequence_sizes(data, item, item_end):
                        layout.announce(width_px, height_px)
                    exif = TIFF_HEADER.search(data, item, item_end)  # an item among the pixels
                    if exif is not None:
                        layout.metadata_bytes += directory_bytes(data[exif.start() : item_end])
            found = data.find(b"stsz", position, end)  # sample sizes: one sample a frame
            if found != -1:
                layout.n_frames = max(1, struct.unpack_from(">I", data, found + 12)[0])
        elif kind not in (b"ftyp", b"mdat"):
            layout.metadata_bytes += end - position
        if length < 8 and length != 0:
            break
        position = end


def is_lossless_avif(data: bytes) -> bool | None:
    """Whether a file is an AVIF that stores its pixels exactly; None if its headers do not say.

    A picture is exact if all its parts are coded without loss, as RGB (identity matrix) or as grey of the full range.
    Lossless coding of Y, Cb and Cr in eight bits still rounds colours; then the answer is None.
    """
    found: list[bool | None] = []
    with suppress(struct.error, IndexError, UnusualHeaderError):
        for kind, start, end in _boxes(data):
            if kind == b"moov":
                found.append(None)  # frames after the first are not looked at
            elif kind == b"meta":
                stated = _stated_colours(data, start, end)
                for item, item_end in item_extents(data, start, end):
                    if data[item] in _FIRST_BYTES:
                        found.append(_is_exact(read_coding(data, item, item_end), stated))
        return False if False in found else True if found and all(found) else None
    return None


def coded_items(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of the AV1 items of the still pictures in a file.

    Raises:
        struct.error, IndexError: a box is damaged.
    """
    for kind, start, end in _boxes(data):
        if kind == b"meta":
            yield from ((item, item_end) for item, item_end in item_extents(data, start, end) if data[item] in _FIRST_BYTES)


def stored_bits(data: bytes) -> int:
    """Bits per sample from the AV1 codec configuration: 8, 10 or 12 (AV1-ISOBMFF 1.2, 2.3.3)."""
    found = data.find(b"av1C")
    if found < 0 or found + 6 >= len(data) or not data[found + 6] & 0x40:
        return 8
    return 12 if data[found + 6] & 0x20 else 10


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the boxes of a file."""
    position = 0
    for _ in range(MAX_STEPS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, position + 8)
        end = min(len(data), position + length) if length else len(data)
        yield kind, position, end
        if end - position < 8:
            break
        position = end


def _stated_colours(data: bytes, start: int, end: int) -> list[tuple[int, bool]]:
    """Matrix coefficients and full range of all `colr` boxes with them, which outrank those of the AV1 headers."""
    found: list[tuple[int, bool]] = []
    at = data.find(b"colrnclx", start, end)
    while at != -1 and len(found) < _MOST_STATED:
        matrix, flags = struct.unpack_from(">HB", data, at + 12)
        found.append((matrix, flags >= 128))
        at = data.find(b"colrnclx", at + 8, end)
    return found


def _is_exact(coding: Coding, stated: list[tuple[int, bool]]) -> bool | None:
    if not coding.lossless:
        return False
    if coding.monochrome:
        return True if coding.full_range and all(full for _, full in stated) else None
    return True if set(stated or [(coding.matrix, coding.full_range)]) == {(IDENTITY, True)} else None
