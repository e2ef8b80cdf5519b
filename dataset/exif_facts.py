"""Reads orientation, camera, program and thumbnail from EXIF, and the program from XMP."""

import re
import struct
from contextlib import suppress

from genloss.dataset.file_facts import FileFacts

_MAKER, _MODEL, _ORIENTATION, _SOFTWARE, _THUMBNAIL_BYTES = 0x010F, 0x0110, 0x0112, 0x0131, 0x0202
_MOST_ENTRIES = 512
_CREATOR_TOOL = re.compile(rb"xmp:CreatorTool(?:>|=\")([^<\"]{1,120})")


def read_exif(exif: bytes, facts: FileFacts) -> None:
    """Reads the first two directories of a TIFF structure; stops silently at damage.

    Args:
        exif: TIFF structure, with or without "Exif\\0\\0" before it.
        facts: receives orientation, camera, program and size of the thumbnail.

    Source: CIPA DC-008, 4.6.
    """
    data = exif.removeprefix(b"Exif\0\0")
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return
    order = "<" if data[0] == 0x49 else ">"
    with suppress(struct.error):
        (first,) = struct.unpack_from(order + "I", data, 4)
        second = _read_directory(data, first, order, facts)
        if second:  # the second directory describes the thumbnail
            _read_directory(data, second, order, facts, is_thumbnail=True)


def read_xmp(xmp: bytes, facts: FileFacts) -> None:
    """Adds the program that XMP names to the editors."""
    found = _CREATOR_TOOL.search(xmp)
    if found:
        facts.add_editor(found[1].decode("utf-8", "replace"))


def _read_directory(data: bytes, at: int, order: str, facts: FileFacts, is_thumbnail: bool = False) -> int:
    """Reads the wanted entries; returns the offset of the next directory, 0 if there is none."""
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
    if maker or model:
        facts.camera = _camera(maker, model)
    if n_entries > _MOST_ENTRIES:
        return 0
    (following,) = struct.unpack_from(order + "I", data, at + 2 + 12 * n_entries)
    return following


def _camera(maker: str, model: str) -> str:
    """Maker and model; many models begin with the maker's name, which is then said once."""
    if maker and model.lower().startswith(maker.split()[0].lower()):
        return model
    return f"{maker} {model}".strip()


def _text(data: bytes, entry: int, count: int, value: int) -> str:
    start = entry + 8 if count <= 4 else value
    raw = data[start : start + min(count, 120)].split(b"\0")[0]
    text = raw.decode("utf-8", "replace")
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
