"""What a file's container announces, read off its structure in a few milliseconds, without a codec or a copy of the pixels."""

import re
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from model.av1 import item_extents, sequence_sizes
from model.tiff_directory import TIFF_HEADER, directory_bytes

MAX_STEPS = 25_000  # what looking at one file may cost; about a fifth of a microsecond each
_MAX_EXIF_BYTES = 4 << 20
_SHORT_BYTES = 2048  # encoders cut a picture into pieces of 4 KiB and more
# Inside entropy-coded data FF is followed by 00 or by a restart marker D0-D7 (ITU-T T.81, B.1.1.5).
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_GIF_FULL_BLOCKS = re.compile(rb"(?s:\xff.{255})++")
# Deflate's longest match, 258 bytes, costs two bits at the least.
_MOST_DEFLATED = 1032
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


@dataclass
class Layout:
    """What was found; 0 or None where a damaged file does not say.

    Attributes:
        width_px, height_px: the largest picture announced, None where only the codec can tell.
        n_frames: pictures in the file, 1 for formats or pages that are not looked at.
        n_scans: scans of a JPEG.
        n_steps: pieces that were looked at, by their cost; above MAX_STEPS the reading ended.
        metadata_bytes: all that is not pixels, as stored; for EXIF and TIFF, what its entries would be copied to.
        missing_bytes: how much the file is surely too short for its pixels.
    """

    width_px: int | None = None
    height_px: int | None = None
    n_frames: int = 1
    n_scans: int = 0
    n_steps: int = 0
    metadata_bytes: int = 0
    missing_bytes: int = 0

    def announce(self, width_px: int, height_px: int) -> None:
        """Takes a size if it is the largest so far."""
        if self.width_px is None or self.height_px is None or width_px * height_px > self.width_px * self.height_px:
            self.width_px, self.height_px = width_px, height_px


def read_layout(data: bytes, image_format: str) -> Layout:
    """What a file of that format announces; damage ends the reading, it raises nothing.

    Args:
        data: the whole file.
        image_format: one of guard.FORMATS.
    """
    layout = Layout()
    with suppress(struct.error, IndexError):  # the file ends inside a field; the codec will say so
        _READERS[image_format](data, layout)
    return layout


def _read_jpeg(data: bytes, layout: Layout) -> None:
    """Marker segments up to the end of the image (ITU-T T.81, B.2); thumbnails and appended files are skipped by length."""
    position, exif, pictures = 2, b"", b""
    while position + 4 <= len(data) and data[position] == 0xFF and layout.n_steps <= MAX_STEPS:
        layout.n_steps += 8
        marker = data[position + 1]
        if marker == 0xD9:
            break
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:  # padding, and markers without a segment
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height_px, width_px = struct.unpack_from(">HH", data, position + 5)
            layout.announce(width_px, height_px)
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            layout.metadata_bytes += length
            start = data[position + 4 : position + 8]
            if start == b"Exif" and len(exif) <= _MAX_EXIF_BYTES:  # decoders join what is spread over segments
                exif += data[position + 10 : position + 2 + length]
            elif start == b"MPF\0":
                pictures = data[position + 8 : position + 2 + length]
        position += 2 + length
        if marker == 0xDA:
            layout.n_scans += 1
            following = _JPEG_MARKER.search(data, position)
            if following is None:
                break
            position = following.start()
    if len(exif) > _MAX_EXIF_BYTES:
        layout.metadata_bytes += len(exif) * (len(exif) // 12)  # what its entries could be made to cost
    else:
        layout.metadata_bytes += directory_bytes(exif) + directory_bytes(pictures)


def _read_png(data: bytes, layout: Layout) -> None:
    """Chunks (W3C PNG, 5.3); frames are those of its animation extension."""
    width_px, height_px, depth, colour = struct.unpack_from(">IIBB", data, 16)
    layout.announce(width_px, height_px)
    position, pixel_bytes, end = 8, 0, len(data) - 8
    unpack = struct.Struct(">I4s").unpack_from
    while position <= end and layout.n_steps <= MAX_STEPS:
        length, kind = unpack(data, position)
        if kind not in (b"IDAT", b"fdAT") or length < _SHORT_BYTES:
            layout.n_steps += 4
        if kind == b"IDAT":
            pixel_bytes += length
        elif kind == b"IEND":
            break  # its own end is looked at below
        elif kind == b"acTL":
            layout.n_frames = max(layout.n_frames, struct.unpack_from(">I", data, position + 8)[0])
        elif kind == b"fdAT":
            pass
        else:
            layout.metadata_bytes += min(length, len(data) - position)
            if kind == b"eXIf":
                layout.metadata_bytes += directory_bytes(data[position + 8 : position + 8 + length].removeprefix(b"Exif\0\0"))
        position += 12 + length
    needed = height_px * ((width_px * depth * _PNG_CHANNELS.get(colour, 1) + 7) // 8)
    if layout.n_steps <= MAX_STEPS:
        layout.missing_bytes = max(0, needed // _MOST_DEFLATED - pixel_bytes, position + 12 - len(data))


def _read_gif(data: bytes, layout: Layout) -> None:
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
            layout.missing_bytes = 0
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


def _read_webp(data: bytes, layout: Layout) -> None:
    """RIFF chunks (RFC 9649, 2.3 to 2.7)."""
    layout.missing_bytes = max(0, 8 + struct.unpack_from("<I", data, 4)[0] - len(data))
    position, n_animated = 12, 0
    while position + 8 <= len(data) and layout.n_steps <= MAX_STEPS:
        layout.n_steps += 3
        kind, length = struct.unpack_from("<4sI", data, position)
        body = position + 8
        if kind == b"VP8X":
            low_width, high_width, low_height, high_height = struct.unpack_from("<4xHBHB", data, body)
            layout.announce(1 + low_width + (high_width << 16), 1 + low_height + (high_height << 16))
        elif kind == b"VP8L":
            (bits,) = struct.unpack_from("<I", data, body + 1)
            layout.announce(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        elif kind == b"VP8 ":
            width_px, height_px = struct.unpack_from("<HH", data, body + 6)
            layout.announce(width_px & 0x3FFF, height_px & 0x3FFF)
        elif kind == b"ANMF":
            n_animated += 1
        elif kind not in (b"ALPH", b"ANIM"):
            layout.metadata_bytes += min(length, len(data) - position)
            if kind == b"EXIF":
                layout.metadata_bytes += directory_bytes(data[body : body + length].removeprefix(b"Exif\0\0"))
        position = body + length + (length & 1)
    layout.n_frames = max(1, n_animated)


def _read_avif(data: bytes, layout: Layout) -> None:
    """Boxes (ISO/IEC 14496-12, 4.2).

    The sizes are image spatial extents (ISO/IEC 23008-12, 6.5.3), track headers, and those of the pixels themselves.
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


def _read_bmp(data: bytes, layout: Layout) -> None:
    """File and information headers (BITMAPINFOHEADER, or the sixteen-bit BITMAPCOREHEADER)."""
    pixels_at, header_bytes = struct.unpack_from("<II", data, 10)
    if header_bytes == 12:
        width_px, height_px, _, depth = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    else:
        width_px, height_px, _, depth, compression = struct.unpack_from("<iiHHI", data, 18)
    layout.announce(width_px, abs(height_px))
    if compression in (0, 3):
        needed = abs(height_px) * ((width_px * depth + 31) // 32 * 4)
        layout.missing_bytes = max(0, needed - max(0, len(data) - pixels_at))


def _read_tiff(data: bytes, layout: Layout) -> None:
    """The first image file directory (TIFF 6.0, section 2)."""
    found: dict[int, int] = {}
    layout.metadata_bytes = directory_bytes(data, lambda tag, value: found.__setitem__(tag, value))
    order = "<" if data[0] == 0x49 else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    layout.missing_bytes = max(0, at + 2 - len(data))
    if not layout.missing_bytes:
        (n_entries,) = struct.unpack_from(order + "H", data, at)
        layout.missing_bytes = max(0, at + 2 + 12 * n_entries + 4 - len(data))
    if found.get(256) and found.get(257):
        layout.announce(found[256], found[257])
    for offsets, lengths in ((273, 279), (324, 325)):  # of strips and of tiles; the last one ends last
        layout.missing_bytes = max(layout.missing_bytes, found.get(offsets, 0) + found.get(lengths, 0) - len(data))


_READERS: dict[str, Callable[[bytes, Layout], None]] = {
    "jpeg": _read_jpeg, "png": _read_png, "gif": _read_gif, "webp": _read_webp, "avif": _read_avif, "bmp": _read_bmp,
    "tiff": _read_tiff,
}  # fmt: skip
