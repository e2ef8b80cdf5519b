"""Extracts the metadata of a picture file as bytes: EXIF, XMP, IPTC and colour profiles."""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

from genloss.model.images.containers.av1 import item_extents
from genloss.model.images.containers.layout import MAX_STEPS
from genloss.model.images.containers.tiff_directory import TIFF_HEADER

EXIF, XMP, MORE_XMP, IPTC, ICC = "exif", "xmp", "extended.xmp", "iptc", "icc"
MAX_BYTES = 16 << 20  # limit for each kind of metadata; decoders reject more
_XMP_START = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF_START = b"Exif\0\0"
_JPEG_STARTS = {
    _EXIF_START: EXIF, _XMP_START: XMP, b"http://ns.adobe.com/xmp/extension/\0": MORE_XMP,
    b"Photoshop 3.0\0": IPTC, b"ICC_PROFILE\0": ICC,
}  # fmt: skip
_PART_HEADERS = {MORE_XMP: 40, ICC: 2}  # bytes before each part that tell its position in the whole
_PNG_XMP = b"XML:com.adobe.xmp\0"
_RAW_PROFILE = b"Raw profile type "
_RAW_PROFILES = {b"exif": EXIF, b"app1": EXIF, b"xmp": XMP, b"iptc": IPTC, b"8bim": IPTC, b"icc": ICC, b"icm": ICC}
_GIF_XMP, _GIF_XMP_END = b"!\xff\x0bXMP DataXMP", b"\x01\xff\xfe"
_TIFF_TAGS = {700: XMP, 34675: ICC, 33723: IPTC}
_TIFF_POINTERS = (34665, 34853)  # EXIF and GPS: directories of their own, spread over the file
_TIFF_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}

Parts = Iterator[tuple[str, bytes]]


class InseparableError(Exception):
    """The file has metadata that cannot be extracted in one piece."""


def picture_metadata(data: bytes, image_format: str) -> dict[str, bytes]:
    """The metadata of a file, by kind: EXIF, XMP, MORE_XMP, IPTC or ICC.

    Args:
        data: the whole file.
        image_format: one of formats.FORMATS.

    Raises:
        InseparableError: a TIFF has EXIF, a PNG has a raw profile of another kind, or the file has more than MAX_BYTES of
            one kind.
    """
    found: dict[str, bytes] = {}
    reader = _READERS.get(image_format)
    if reader is not None:
        with suppress(struct.error, IndexError, zlib.error):  # the file is damaged from here; metadata found before is kept
            for kind, piece in reader(data):
                found[kind] = found.get(kind, b"") + piece
                if len(found[kind]) > MAX_BYTES:
                    raise InseparableError(f"more than {MAX_BYTES} bytes of {kind}")
    if EXIF in found:
        found[EXIF] = found[EXIF].removeprefix(_EXIF_START)  # which WebP and texts of PNG may have, and files of EXIF lack
    return {kind: content for kind, content in found.items() if content}


def _read_jpeg(data: bytes) -> Parts:
    """APP1, APP2 and APP13 up to the first scan (ITU-T T.81, B.2; Exif 3.0; XMP part 3, 1.1.3; ICC.1, B.4)."""
    parts: list[tuple[str, bytes, bytes]] = []
    position = 2
    for _ in range(MAX_STEPS):
        if position + 4 > len(data) or data[position] != 0xFF or data[position + 1] in (0xD9, 0xDA):
            break
        if data[position + 1] in (0x01, 0xFF) or 0xD0 <= data[position + 1] <= 0xD8:  # padding, and markers without a segment
            position += 1 if data[position + 1] == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4])
        body = data[position + 4 : position + 2 + length]
        for start, kind in _JPEG_STARTS.items():
            if body.startswith(start):
                header = len(start) + _PART_HEADERS.get(kind, 0)
                parts.append((kind, body[len(start) : header], body[header:]))
        position += 2 + max(length, 2)
    for kind, _, piece in sorted(parts, key=lambda part: part[:2] if part[0] in _PART_HEADERS else (part[0], b"")):
        yield kind, piece


def _read_png(data: bytes) -> Parts:
    """Chunks eXIf, iCCP, the iTXt with XMP (W3C PNG, 11.3), and the texts that programs used before eXIf existed."""
    position = 8
    for _ in range(MAX_STEPS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + length]
        if kind == b"eXIf":
            yield EXIF, body
        elif kind == b"iCCP":
            _, _, profile = body.partition(b"\0")
            yield ICC, _inflated(profile[1:])
        elif kind == b"iTXt" and body.startswith(_PNG_XMP):
            packed = body[len(_PNG_XMP)]
            _, _, text = body[len(_PNG_XMP) + 2 :].partition(b"\0")  # the language
            _, _, text = text.partition(b"\0")  # the translated keyword
            yield XMP, _inflated(text) if packed else text
        elif kind in (b"tEXt", b"zTXt") and body.startswith(_RAW_PROFILE):
            name, _, text = body[len(_RAW_PROFILE) :].partition(b"\0")
            yield _raw_profile(name, _inflated(text[1:]) if kind == b"zTXt" else text)
        position += 12 + length


def _raw_profile(name: bytes, text: bytes) -> tuple[str, bytes]:
    """Kind and bytes of a text "Raw profile type NAME": a line feed, the name, the length, and hexadecimal digits.

    Raises:
        InseparableError: the text has another form.

    Source: ImageMagick, coders/png.c; exiftool's tags of PNG.
    """
    try:
        content = bytes.fromhex(text.split(b"\n", 3)[3].decode("ascii"))
        kind = _RAW_PROFILES[name.lower()]
    except (IndexError, KeyError, ValueError) as error:
        raise InseparableError(f"a raw profile of type {name!r} in a PNG") from error
    if content.startswith(_XMP_START):
        return XMP, content.removeprefix(_XMP_START)
    return kind, content


def _read_webp(data: bytes) -> Parts:
    """Chunks EXIF, XMP and ICCP (RFC 9649, 2.7)."""
    kinds = {b"EXIF": EXIF, b"XMP ": XMP, b"ICCP": ICC}
    position = 12
    for _ in range(MAX_STEPS):
        if position + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind in kinds:
            yield kinds[kind], data[position + 8 : position + 8 + length]
        position += 8 + length + (length & 1)


def _read_gif(data: bytes) -> Parts:
    """The application extension of XMP (XMP part 3, 1.1.2)."""
    start = data.find(_GIF_XMP)
    end = data.find(_GIF_XMP_END, start)
    if 0 <= start < end:
        yield XMP, data[start + len(_GIF_XMP) : end]


def _read_avif(data: bytes) -> Parts:
    """Items with EXIF and XMP, and the colour profile of the first `colr` box with a profile (ISO/IEC 23008-12, A.2)."""
    position = 0
    for _ in range(MAX_STEPS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        end = min(len(data), position + length) if length else len(data)
        if kind == b"meta":
            yield from _read_meta(data, position, end)
        if end - position < 8:
            break
        position = end


def _read_meta(data: bytes, position: int, end: int) -> Parts:
    at = max(data.find(b"colrprof", position, end), data.find(b"colrrICC", position, end))
    if at != -1:
        yield ICC, data[at + 8 : at - 4 + int.from_bytes(data[at - 4 : at])]
    for item, item_end in item_extents(data, position, end):
        head = data[item : item + 32]
        exif = TIFF_HEADER.search(head)
        if exif is not None:
            yield EXIF, data[item + exif.start() : item_end]
        elif b"<x:xmpmeta" in head or b"<?xpacket" in head:
            yield XMP, data[item:item_end]


def _read_tiff(data: bytes) -> Parts:
    """XMP, ICC and IPTC tags of the first directory (TIFF 6.0, section 2)."""
    order = "<" if data[0] == 0x49 else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (n_entries,) = struct.unpack_from(order + "H", data, at)
    for entry in range(at + 2, at + 2 + 12 * min(n_entries, 4096), 12):
        tag, kind, count, value = struct.unpack_from(order + "HHII", data, entry)
        if tag in _TIFF_POINTERS:
            raise InseparableError("EXIF of a TIFF is spread over the file")
        if tag in _TIFF_TAGS:
            n_bytes = count * _TIFF_TYPE_BYTES.get(kind, 0)
            start = value if n_bytes > 4 else entry + 8
            yield _TIFF_TAGS[tag], data[start : start + n_bytes]


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, MAX_BYTES + 1)


_READERS: dict[str, Callable[[bytes], Parts]] = {
    "jpeg": _read_jpeg, "png": _read_png, "webp": _read_webp, "gif": _read_gif, "avif": _read_avif, "tiff": _read_tiff,
}  # fmt: skip
