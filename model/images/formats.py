"""The container format of a file, from its first bytes. Its name plays no part."""

from genloss.model.errors import UnsupportedFormatError

FORMATS = ("jpeg", "png", "gif", "webp", "avif", "bmp", "tiff")


def check_kind(data: bytes) -> str:
    """The container format of a file, from its first bytes; 64 are enough.

    Raises:
        UnsupportedFormatError: the bytes begin like no supported format.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and _is_avif(data):
        return "avif"
    if data[:2] == b"BM" and len(data) >= 26:
        return "bmp"
    if data[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    if data[:4] in (b"II+\0", b"MM\0+"):
        raise UnsupportedFormatError("BigTIFF is not supported; save it as an ordinary TIFF")
    raise UnsupportedFormatError(f"not a {', '.join(name.upper() for name in FORMATS)} file (judged by its first bytes)")


def _is_avif(data: bytes) -> bool:
    """By major brand, or by a compatible brand where the major one names the family only (AVIF 1.1, 6)."""
    brands = [data[at : at + 4] for at in range(16, min(64, len(data), int.from_bytes(data[:4])), 4)]
    return data[8:12] in (b"avif", b"avis") or (data[8:12] in (b"mif1", b"msf1", b"miaf") and b"avif" in brands)
