"""EXIF and XMP: orientation, camera, program, thumbnail."""

import re
import struct
from contextlib import suppress

from genloss.dataset.file_facts import FileFacts

_MAKER, _MODEL, _ORIENTATION, _SOFTWARE, _THUMBNAIL_BYTES = 0x010F, 0x0110, 0x0112, 0x0131, 0x0202
_MOST_ENTRIES = 512
_CREATOR_TOOL = re.compile(rb"xmp:CreatorTool(?:>|=\")([^<\"]{1,120})")


def read_exif(exif: bytes, facts: FileFacts) -> None:
    """The first two directories of a TIFF structure (CIPA DC-008, 4.6); damage ends the reading.

    Args:
        exif: with or without "Exif\\0\\0" before it.
        facts: filled.
    """
    data = exif.removeprefix(b"Exif\0\0")
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return
    order = "<" if data[0] == 0x49 else ">"
    with suppress(struct.error):
        (first,) = struct.unpack_from(order + "I", data, 4)
        second = _read_directory(data, first, order, facts)
        if second:  # describes the thumbnail
            _read_directory(data, second, order, facts, is_thumbnail=True)


def read_xmp(xmp: bytes, facts: FileFacts) -> None:
    """The program that XMP names."""
    found = _CREATOR_TOOL.search(xmp)
    if found:
        facts.add_editor(found[1].decode("utf-8", "replace"))


def _read_directory(data: bytes, at: int, order: str, facts: FileFacts, is_thumbnail: bool = False) -> int:
    """Takes the wanted entries; returns where the next directory is, 0 for none."""
    (n_entries,) = struct.unpack_from(order + "H", data, at)
    unpack = struct.Struct(order + "HHII").unpack_from
    maker = model = ""
    for entry in range(at + 2, at + 2 + 12 * min(n_entries, _MOST_ENTRIES), 12):
        tag, kind, count, value = unpack(data, entry)
        if is_thumbnail:
            if tag == _THUMBNAIL_BYTES:
                facts.thumbnail_bytes = min(value, len(data))
        elif tag == _ORIENTATION and kind == 3:
            (orientation,) = struct.unpack_from(order + "H", data, entry + 8)
            facts.orientation = orientation if 1 <= orientation <= 8 else 0
        elif tag == _MAKER:
            maker = _text(data, entry, count, value)
        elif tag == _MODEL:
            model = _text(data, entry, count, value)
        elif tag == _SOFTWARE:
            facts.add_editor(_text(data, entry, count, value))
    if maker or model:  # many models begin with the maker's name
        facts.camera = model if maker and model.lower().startswith(maker.split()[0].lower()) else f"{maker} {model}".strip()
    if n_entries > _MOST_ENTRIES:
        return 0
    (following,) = struct.unpack_from(order + "I", data, at + 2 + 12 * n_entries)
    return following


def _text(data: bytes, entry: int, count: int, value: int) -> str:
    start = entry + 8 if count <= 4 else value
    raw = data[start : start + min(count, 120)].split(b"\0")[0]
    text = raw.decode("utf-8", "replace")
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
