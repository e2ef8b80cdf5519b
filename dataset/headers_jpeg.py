"""Reads the facts of a JPEG from the segments before the first scan, and from the end of the file."""

import re
from dataclasses import dataclass, field

from genloss.dataset.exif_facts import read_exif, read_xmp
from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow
from genloss.dataset.icc_name import profile_name
from genloss.dataset.jpeg_encoders import name_tables
from genloss.dataset.jpeg_end import read_end
from genloss.dataset.photoshop import read_ducky, read_resources
from genloss.model.images.containers.tiff_directory import directory_bytes

_MOST_SEGMENTS = 4096
_MOST_READ_BYTES = 65535
_N_MPF_PICTURES = 0xB001  # CIPA DC-007, 5.2.3.2
_CODINGS = {0: "baseline", 1: "extended", 2: "progressive", 3: "lossless"}
# Programs that sign their files in a comment.
_SIGNED = re.compile(
    rb"(?i)CREATOR: [^,\0]{3,60}|LEAD Technologies[^,\0]{0,20}|AppleMark|Lavc[\d.]+|ACD Systems[^\0]{0,40}"
    rb"|[^\0]{0,20}GIMP[^\0]{0,20}|Intel\(R\) JPEG Library[^\0]{0,30}|Handmade Software[^\0]{0,40}|Paint Shop Pro[^\0]{0,20}"
    rb"|Photoshop[^\0]{0,20}|IrfanView|XnView|Optimized by JPEGmini[^\0]{0,20}|Compressed by[^\0]{0,30}"
)


@dataclass(slots=True)
class _Segments:
    """Contents of the segments, to be interpreted together."""

    tables: dict[int, bytes] = field(default_factory=dict)
    components: list[tuple[int, int, int]] = field(default_factory=list)  # horizontal and vertical factor, table number
    huffman: dict[int, bytes] = field(default_factory=dict)  # class and slot -> symbols
    adobe_transform: int | None = None
    photoshop: str = ""


def read_jpeg_headers(window: FileWindow, facts: FileFacts) -> None:
    """Reads the marker segments up to the first scan, then the last bytes of the file.

    Source: ITU-T T.81, B.2.
    """
    found = _Segments()
    position = 2
    for _ in range(_MOST_SEGMENTS):
        start = window.read(position, 4)
        if len(start) < 4:
            facts.break_off("the file ends inside its headers")
            break
        marker = start[1]
        if start[0] != 0xFF:
            facts.break_off("no marker where a segment should begin")
            break
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:  # padding, and markers without a segment
            position += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            facts.break_off("no picture between its headers")
            break
        length = int.from_bytes(start[2:])
        if marker == 0xDA:
            read_end(window, position, facts)
            break
        # Profiles and further pictures may take megabytes; their first segments suffice.
        _read_segment(marker, window.read(position + 4, min(length - 2, _MOST_READ_BYTES)), found, facts)
        position += 2 + length
    else:
        facts.break_off("thousands of segments before the picture")
    _interpret(found, facts)


def _read_segment(marker: int, body: bytes, found: _Segments, facts: FileFacts) -> None:
    if marker == 0xDB:
        _read_tables(body, found.tables)
    elif marker == 0xC4:
        _read_huffman(body, found.huffman)
    elif marker == 0xDD:
        facts.restart_interval = int.from_bytes(body[:2])
    elif 0xC0 <= marker <= 0xCF and marker not in (0xC8, 0xCC):
        _read_frame(marker, body, found, facts)
    elif marker == 0xFE:
        signed = _SIGNED.search(body)
        if signed:
            facts.add_editor(signed[0].decode("ascii", "ignore"))
    elif marker >= 0xE0:
        _read_application(marker, body, found, facts)


def _read_tables(body: bytes, tables: dict[int, bytes]) -> None:
    at = 0
    while at < len(body):
        n_bytes = 128 if body[at] >> 4 else 64
        tables[body[at] & 15] = body[at + 1 : at + 1 + n_bytes]
        at += 1 + n_bytes


def _read_huffman(body: bytes, huffman: dict[int, bytes]) -> None:
    at = 0
    while at + 17 <= len(body):
        n_symbols = sum(body[at + 1 : at + 17])
        huffman[body[at]] = body[at + 17 : at + 17 + n_symbols]
        at += 17 + n_symbols


def _read_frame(marker: int, body: bytes, found: _Segments, facts: FileFacts) -> None:
    facts.coding = _CODINGS[marker & 3]
    facts.arithmetic = marker >= 0xC8
    facts.lossless = marker & 3 == 3
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        facts.break_off("the file ends inside its headers")
        return
    facts.bit_depth = body[0]
    facts.height_px, facts.width_px = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    if not facts.height_px or not facts.width_px:
        facts.break_off("no size in its headers")
    found.components = [(body[at + 1] >> 4, body[at + 1] & 15, body[at + 2]) for at in range(6, 6 + 3 * body[5], 3)]


def _read_application(marker: int, body: bytes, found: _Segments, facts: FileFacts) -> None:
    if marker == 0xE0 and body[:5] == b"JFIF\0" and len(body) >= 14:
        facts.thumbnail_bytes = facts.thumbnail_bytes or 3 * body[12] * body[13]
    elif marker == 0xE1 and body[:5] == b"Exif\0":
        read_exif(body, facts)
    elif marker == 0xE1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        read_xmp(body, facts)
    elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0") and not facts.icc_profile:
        facts.icc_profile = profile_name(body[14:])
    elif marker == 0xE2 and body[:4] == b"MPF\0":
        directory_bytes(body[4:], lambda tag, value: _take_pictures(tag, value, facts))
    elif marker == 0xEC and body[:5] == b"Ducky":
        found.photoshop = read_ducky(body) or found.photoshop
        facts.add_editor("Adobe Photoshop, Save for Web")
    elif marker == 0xED and body.startswith(b"Photoshop 3.0\0"):
        found.photoshop = read_resources(body[14:]) or found.photoshop
    elif marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
        found.adobe_transform = body[11]


def _take_pictures(tag: int, value: int, facts: FileFacts) -> None:
    if tag == _N_MPF_PICTURES and 1 <= value <= 1000:
        facts.n_frames = value


def _interpret(found: _Segments, facts: FileFacts) -> None:
    """Sets mode, subsampling, quality and tables from all segments."""
    n_components = len(found.components)
    if not n_components:
        facts.break_off("no frame header")
        return
    facts.mode = {1: "grey", 3: "colour", 4: "cmyk"}.get(n_components, f"{n_components} channels")
    if n_components >= 3:
        facts.subsampling = name_subsampling([factors[:2] for factors in found.components])
    if n_components == 3 and facts.coding in ("baseline", "extended") and _is_grey(found.huffman):
        facts.mode = "grey stored as colour"
    if facts.coding == "lossless":
        return
    luma = found.tables.get(found.components[0][2], b"")
    chroma = found.tables.get(found.components[1][2], b"") if n_components >= 3 else None
    if any(table is not None and len(table) not in (64, 128) for table in (luma, chroma)):
        return
    named = name_tables(luma, chroma)
    facts.jpeg_quality, facts.chroma_quality = named.luma_quality, named.chroma_quality
    facts.standard_tables, facts.tables = named.standard, named.family
    if not facts.tables:
        facts.tables = found.photoshop or (facts.camera and f"camera: {facts.camera.split()[0]}") or "unknown"


def _is_grey(huffman: dict[int, bytes]) -> bool:
    """Whether the chroma Huffman codes have no symbol but zero, so that the picture is grey.

    Only codes optimised for the file show this. Files with the codes of Annex K would have to be decoded.
    """
    return huffman.get(0x01) == b"\0" and huffman.get(0x11) == b"\0"


def name_subsampling(factors: list[tuple[int, int]]) -> str:
    """4:a:b from the sampling factors of luma and both chroma components; the factors if 4:a:b cannot express them.

    `a` is the number of chroma samples in a row of four pixels, `b` how many of them change in the second row.

    Args:
        factors: (horizontal, vertical) of at least three components.
    """
    (width, height), (chroma_width, chroma_height) = factors[0], factors[1]
    if factors[1] == factors[2] and chroma_width and chroma_height:
        across, remainder = divmod(4 * chroma_width, width) if width else (0, 1)
        if not remainder and across in (1, 2, 4) and height in (chroma_height, 2 * chroma_height):
            return f"4:{across}:{across if height == chroma_height else 0}"
    return ",".join(f"{across}x{down}" for across, down in factors[:3])
