"""Where results may be written: never over an input, never over a picture."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from genloss.model.errors import OutputRefusedError, UnsupportedFormatError
from genloss.model.images.formats import check_kind

# An empty or damaged file of such a name was a picture once, or is meant to become one.
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".heic", ".jxl")
OWN_MARK = b"Software\0genloss"  # PNG text chunk of pictures that genloss itself draws, which may be drawn again
_HEAD_BYTES = 4096


def check_output(path: Path | None, inputs: Iterable[str | Path] = ()) -> None:
    """Refuses a place for results before anything is read or computed.

    Args:
        path: of the file to be written; None and paths where nothing is are fine.
        inputs: files that the same command reads; folders and patterns among them do not count.

    Raises:
        OutputRefusedError: the path is one of the inputs, a folder, or an existing picture that genloss did not draw.
    """
    if path is None or not os.path.lexists(path):
        return
    if path.is_dir():
        raise OutputRefusedError(f"{path} is a folder; name a file to write")
    for name in inputs:
        with suppress(OSError):  # the input is missing, which is said when it is read
            if os.path.samefile(path, name):
                raise OutputRefusedError(f"{path} is also an input; results would replace it")
    if _is_picture(path):
        raise OutputRefusedError(f"{path} is a picture; results would replace it. Name another file, or remove it first")


def check_folder(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuses a folder for results before anything is read or computed.

    Args:
        path: of the folder; made later where nothing is.
        inputs: folders that the same command reads: results in one of them would be read as inputs the next time.

    Raises:
        OutputRefusedError: the path is a file, or lies in one of the inputs.
    """
    if path.exists() and not path.is_dir():
        raise OutputRefusedError(f"{path} is a file; results go into a folder")
    for folder in inputs:
        if path.resolve() == folder.resolve() or folder.resolve() in path.resolve().parents:
            raise OutputRefusedError(f"{path} lies in {folder}, which is read; results would count as inputs the next time")


def _is_picture(path: Path) -> bool:
    try:
        with open(path, "rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return path.suffix.lower() in PICTURE_SUFFIXES
    if OWN_MARK in head:
        return False
    try:
        check_kind(head)
    except UnsupportedFormatError:
        return path.suffix.lower() in PICTURE_SUFFIXES
    return True
