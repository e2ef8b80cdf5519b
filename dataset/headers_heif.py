"""Reads the facts of AVIF and HEIC files from their meta box."""

import struct

from genloss.dataset.exif_facts import read_exif
from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow
from genloss.dataset.icc_name import UNNAMED, profile_name

_MOST_BOXES = 1000
_MOST_META_BYTES = 1 << 20
_HEIC_SAMPLING = {1: "4:2:0", 2: "4:2:2", 3: "4:4:4"}


def read_heif_headers(window: FileWindow, facts: FileFacts) -> None:
    """Reads the top-level boxes and the item properties.

    Source: ISO/IEC 14496-12, 4.2; ISO/IEC 23008-12, 6.5.
    """
    facts.mode = "colour"
    facts.animated = window.read(8, 4) in (b"avis", b"hevc", b"msf1")
    position = 0
    for _ in range(_MOST_BOXES):
        start = window.read(position, 16)
        if len(start) < 8:
            break
        length, kind = struct.unpack_from(">I4s", start)
        if length == 1 and len(start) == 16:
            length = int.from_bytes(start[8:16])
        if not kind.isalnum() or (length < 8 and length != 0):
            facts.trailing_bytes = window.n_bytes - position
            break
        if position + length > window.n_bytes:
            facts.break_off("the file ends before its pixels")
        if kind == b"meta":
            _read_meta(window.read(position, min(length or window.n_bytes, _MOST_META_BYTES)), facts)
        elif kind == b"moov":
            _read_movie(window.read(position, min(length or window.n_bytes, _MOST_META_BYTES)), facts)
        if length == 0:
            break
        position += length
    if not facts.width_px or not facts.height_px:
        facts.break_off("no size in its headers")


def _read_meta(meta: bytes, facts: FileFacts) -> None:
    """Finds properties by their names. The largest size is that of the picture; others are tiles, thumbnails and alpha."""
    at = meta.find(b"ispe")
    while at >= 0 and at + 16 <= len(meta):
        width_px, height_px = struct.unpack_from(">II", meta, at + 8)
        if width_px * height_px > (facts.width_px or 0) * (facts.height_px or 0):
            facts.width_px, facts.height_px = width_px, height_px
        at = meta.find(b"ispe", at + 4)
    if b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" in meta or b"urn:mpeg:hevc:2015:auxid:1" in meta:
        facts.mode = "colour + alpha"
    _read_coding(meta, facts)
    at = meta.find(b"colr")
    while at >= 0:
        if meta[at + 4 : at + 8] in (b"prof", b"rICC"):
            facts.icc_profile = profile_name(meta[at + 8 :]) or UNNAMED
        at = meta.find(b"colr", at + 4)
    at = meta.find(b"Exif\0\0")  # some writers store EXIF inside the meta box
    if at >= 0:
        read_exif(meta[at:], facts)


def _read_coding(meta: bytes, facts: FileFacts) -> None:
    """Reads bit depth and subsampling from the first configuration record.

    Source: AV1-ISOBMFF, 2.3.3; ISO/IEC 14496-15, 8.3.3.
    """
    at = meta.find(b"av1C")
    if at >= 0 and at + 7 <= len(meta):
        flags = meta[at + 6]
        facts.bit_depth = 12 if flags & 0x20 else 10 if flags & 0x40 else 8
        if flags & 0x10:
            facts.mode = facts.mode.replace("colour", "grey")
        else:
            facts.subsampling = {0: "4:4:4", 0x08: "4:2:2", 0x0C: "4:2:0"}.get(flags & 0x0C, "")
        return
    at = meta.find(b"hvcC")
    if at >= 0 and at + 22 <= len(meta):
        facts.subsampling = _HEIC_SAMPLING.get(meta[at + 20] & 3, "")
        facts.bit_depth = 8 + (meta[at + 21] & 7)


def _read_movie(movie: bytes, facts: FileFacts) -> None:
    at = movie.find(b"stsz")  # table of sample sizes; each frame is a sample
    if at >= 0 and at + 16 <= len(movie):
        facts.n_frames = max(1, int.from_bytes(movie[at + 12 : at + 16]))
        facts.animated = facts.n_frames > 1
    if not facts.subsampling:
        _read_coding(movie, facts)
