"""Reads the quality setting that Photoshop stores in JPEG files."""

import struct

_JPEG_QUALITY = 0x0406  # image resource "JPEG quality"


def read_ducky(body: bytes) -> str:
    """Quality from the APP12 segment of Save for Web, as in "Photoshop, Save for Web 60"; empty if cut off or missing."""
    at = 5
    while at + 4 <= len(body):
        tag, n_bytes = struct.unpack_from(">HH", body, at)
        if tag == 1 and n_bytes == 4 and at + 8 <= len(body):
            return f"Photoshop, Save for Web {int.from_bytes(body[at + 4 : at + 8])}"
        if tag == 0:
            break
        at += 4 + n_bytes
    return ""


def read_resources(body: bytes) -> str:
    """Quality from the image resources in APP13 of Save As, 0 to 12, as in "Photoshop 10"; "Photoshop" without a quality.

    Source: Adobe Photoshop File Formats Specification, "Image Resource Blocks". Resource 0x0406 holds the quality less 4.
    """
    at = 0
    while at + 12 <= len(body) and body[at : at + 4] == b"8BIM":
        (identifier,) = struct.unpack_from(">H", body, at + 4)
        start = at + 6 + (2 + body[at + 6] & ~1)  # the name with its length byte is padded to an even length
        if start + 4 > len(body):
            break
        (n_bytes,) = struct.unpack_from(">I", body, start)
        if identifier == _JPEG_QUALITY and n_bytes >= 2 and start + 6 <= len(body):
            (quality,) = struct.unpack_from(">h", body, start + 4)
            return f"Photoshop {quality + 4}" if -4 <= quality <= 8 else "Photoshop"
        at = start + 4 + n_bytes + (n_bytes & 1)
    return "Photoshop" if body[:4] == b"8BIM" else ""
