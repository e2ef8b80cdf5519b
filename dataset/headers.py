"""Reads the facts of a file of any format, without decoding pixels."""

import os
import struct
from collections.abc import Callable

from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow
from genloss.dataset.headers_gif import read_gif_headers
from genloss.dataset.headers_heif import read_heif_headers
from genloss.dataset.headers_jpeg import read_jpeg_headers
from genloss.dataset.headers_png import read_png_headers
from genloss.dataset.headers_tiff import read_bmp_headers, read_tiff_headers
from genloss.dataset.headers_webp import read_webp_headers
from genloss.dataset.real_format import PICTURES, format_of_name, may_be_called, sniff

_READERS: dict[str, Callable[[FileWindow, FileFacts], None]] = {
    "jpeg": read_jpeg_headers, "png": read_png_headers, "webp": read_webp_headers, "gif": read_gif_headers,
    "avif": read_heif_headers, "heic": read_heif_headers, "tiff": read_tiff_headers, "bmp": read_bmp_headers,
}  # fmt: skip
_NO_PICTURE = {"html": "an HTML page, no picture", "": "no picture that is known, by its first bytes"}


def read_headers(path: str, folder: str) -> tuple[FileFacts, int]:
    """Reads the facts of a file and the time of its last change.

    Args:
        path: of a regular file.
        folder: copied into the facts.

    Returns:
        The facts, with damage in `broken`, and the time of the last change in nanoseconds since 1970.

    Raises:
        OSError: the file cannot be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        facts = FileFacts(path, folder, status.st_size)
        _read(FileWindow(descriptor, status.st_size), facts)
        return facts, status.st_mtime_ns
    finally:
        os.close(descriptor)


def unreadable(path: str, folder: str, error: OSError) -> FileFacts:
    """The facts of a file that cannot be read."""
    named = format_of_name(path)
    return FileFacts(path, folder, is_picture=bool(named), named_format=named, broken=f"unreadable: {error.strerror or error}")


def _read(window: FileWindow, facts: FileFacts) -> None:
    facts.named_format = format_of_name(facts.path)
    if not window.n_bytes:
        facts.is_picture = bool(facts.named_format)
        facts.break_off("the file is empty")
        return
    facts.format = sniff(window.head)
    facts.is_picture = facts.format in PICTURES or bool(facts.named_format)
    facts.false_name = bool(facts.format) and not may_be_called(facts.format, facts.named_format)
    if facts.format in _READERS:
        try:
            _READERS[facts.format](window, facts)
        except (struct.error, IndexError):
            facts.break_off("the file ends inside its headers")
    elif facts.format not in PICTURES:
        facts.break_off(_NO_PICTURE.get(facts.format, f"{facts.format}, no picture"))
