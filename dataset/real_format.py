"""Format of a file by the first bytes, and by the suffix of the name."""

from pathlib import PurePath

from genloss.model.errors import UnsupportedFormatError
from genloss.model.images.formats import check_kind

# Formats without a reader of headers; only their name is reported.
_OTHER_STARTS = (
    (b"\xff\x0a", "jxl"), (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"), (b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg 2000"), (b"8BPS", "psd"),
    (b"\0\0\x01\0", "ico"), (b"%PDF", "pdf"), (b"II+\0", "bigtiff"), (b"MM\0+", "bigtiff"), (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"), (b"P4", "netpbm"), (b"P5", "netpbm"), (b"P6", "netpbm"), (b"#?RADIANCE", "hdr"), (b"DDS ", "dds"),
)  # fmt: skip
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_FORMAT_OF_SUFFIX = {
    ".jpg": "jpeg", ".jpeg": "jpeg", ".jpe": "jpeg", ".jfif": "jpeg", ".png": "png", ".apng": "png", ".gif": "gif",
    ".webp": "webp", ".avif": "avif", ".bmp": "bmp", ".dib": "bmp", ".tif": "tiff", ".tiff": "tiff",
    ".heic": "heic", ".heif": "heic", ".jxl": "jxl", ".jp2": "jpeg 2000", ".psd": "psd",
    ".ico": "ico", ".ppm": "netpbm", ".pgm": "netpbm", ".pbm": "netpbm", ".svg": "svg",
}  # fmt: skip
# Formats with the suffix of another one: BigTIFF files are called .tif, and HEIF is the container of AVIF.
_ALSO_CALLED = {"bigtiff": "tiff", "avif": "heic"}
# Formats that are pictures, whatever the file name.
PICTURES = frozenset(_FORMAT_OF_SUFFIX.values()) | {"bigtiff", "hdr", "dds"}


def sniff(head: bytes) -> str:
    """Format by the first kilobytes of a file; "" if unknown."""
    try:
        return check_kind(head)
    except UnsupportedFormatError:
        pass
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in _HEIC_BRANDS else "video"
    for start, name in _OTHER_STARTS:
        if head.startswith(start):
            return name
    text = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "html"
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in head):
        return "svg"
    return ""


def format_of_name(path: str) -> str:
    """Format by the suffix of a file name; "" for an unknown suffix."""
    return _FORMAT_OF_SUFFIX.get(PurePath(path).suffix.lower(), "")


def may_be_called(real_format: str, named_format: str) -> bool:
    """Whether a file of a format may have a suffix that stands for `named_format`; "" for an unknown suffix."""
    return named_format in ("", real_format, _ALSO_CALLED.get(real_format))
