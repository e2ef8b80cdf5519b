"""Finds the end of a JPEG, and counts the bytes after it."""

from genloss.dataset.file_facts import FileFacts
from genloss.dataset.file_window import FileWindow
from genloss.model.images.containers.jpeg import end_of_scan

_TAIL_BYTES = 64
_END = b"\xff\xd9"
_MOST_SCANS = 5000


def read_end(window: FileWindow, first_scan: int, facts: FileFacts) -> None:
    """Counts the trailing bytes, or notes that the end of image is missing.

    A file whose last two bytes are an end of image is not read further. A JPEG appended to another therefore goes
    unnoticed.

    Args:
        window: of the file.
        first_scan: offset of the first SOS marker.
        facts: receives `trailing_bytes` or `broken`.
    """
    if window.read_end(_TAIL_BYTES).endswith(_END):
        return
    data = window.pieces(first_scan)
    end = _find_end(data)
    if end is not None:
        facts.trailing_bytes = window.n_bytes - first_scan - end
    elif window.reaches_end(first_scan):
        facts.break_off("the file ends before its end of image")


def _find_end(data: bytes) -> int | None:
    """Offset after the end of image; None if there is no end of image."""
    position = 0
    for _ in range(_MOST_SCANS):
        if data[position : position + 2] == _END:
            return position + 2
        if position + 4 > len(data):
            return None
        is_scan = data[position + 1] == 0xDA
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
        if is_scan or data[position : position + 1] != b"\xff":
            position = end_of_scan(data, position)
    return None
