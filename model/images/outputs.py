"""Checks of output paths: never an input, never a picture, never a file of a kind that genloss does not write."""

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from genloss.model.errors import OutputError, OutputRefusedError, UnsupportedFormatError
from genloss.model.files import is_device
from genloss.model.images.formats import check_kind

# An empty or damaged file of such a name was a picture once, or is meant to become one.
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".heic", ".jxl")
_FURTHER_SUFFIXES = (  # of pictures that are not read here, and that an empty file or text may be
    ".svg", ".heif", ".jp2", ".psd", ".xcf", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".ppm", ".pgm",
    ".xpm",
)  # fmt: skip
OWN_MARK = b"Software\0genloss"  # PNG text chunk of pictures that genloss itself draws, which may be drawn again
_PARQUET = b"PAR1"
_HEAD_BYTES = 4096


def check_output(path: Path | None, inputs: Iterable[str | Path | None] = ()) -> None:
    """Checks an output path before anything is read or computed.

    Args:
        path: file to be written; None, devices and pipes are allowed.
        inputs: files that the same command reads; None, folders and patterns are ignored.

    Raises:
        OutputRefusedError: the path is an input, a folder, or an existing file other than text, Parquet or a picture that
            genloss drew. Photographs, raw files, films, catalogs and journals are never replaced.
        OutputError: the folder of the path is missing.
    """
    if path is None or is_device(path):
        return
    if not os.path.isdir(path.parent):
        raise OutputError(f"{path} cannot be written: {path.parent} is not a folder")
    if os.path.isdir(path):
        raise OutputRefusedError(f"{path} is a folder; name a file to write")
    if any(name is not None and _is_same(path, Path(name)) for name in inputs):
        raise OutputRefusedError(f"{path} is also an input; results would replace it")
    if os.path.lexists(path) and (what := _what_would_be_lost(path)):
        raise OutputRefusedError(f"{path} is {what}; results would replace it. Name another file, or remove it first")


def check_outputs(paths: Iterable[Path | None], inputs: Iterable[str | Path | None] = ()) -> None:
    """Checks the output paths of a command that writes several files.

    Raises:
        OutputRefusedError: as check_output, or two paths name the same file.
        OutputError: as check_output.
    """
    given = [path for path in paths if path is not None]
    for first, second in combinations(given, 2):
        if _is_same(first, second) and not is_device(first):
            raise OutputRefusedError(f"{first} is named twice as an output; one would replace the other")
    inputs = list(inputs)
    for path in given:
        check_output(path, inputs)


def check_folder(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Checks an output folder before anything is read or computed.

    Args:
        path: the folder; it need not exist yet.
        inputs: folders that the same command reads. Results inside one of them would be read as inputs the next time.

    Raises:
        OutputRefusedError: the path is a file, or lies in one of the inputs.
    """
    if path.exists() and not path.is_dir():
        raise OutputRefusedError(f"{path} is a file; results go into a folder")
    for folder in inputs:
        if path.resolve() == folder.resolve() or folder.resolve() in path.resolve().parents:
            raise OutputRefusedError(f"{path} lies in {folder}, which is read; results would count as inputs the next time")


def make_folder(path: Path) -> None:
    """Creates an output folder, with the folders above it, unless it exists.

    Raises:
        OutputError: it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be created: {error.strerror}") from error


def _is_same(path: Path, other: Path) -> bool:
    """Whether both name one file, which need not be there yet."""
    with suppress(OSError):
        return os.path.samefile(path, other)
    return os.path.realpath(path) == os.path.realpath(other)


def _what_would_be_lost(path: Path) -> str:
    """Describes an existing file that results must not replace; "" if they may replace it."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except PermissionError as error:
        return f"a file that cannot be looked at ({error.strerror})"
    except OSError:  # a link that leads nowhere
        head = b""
    if OWN_MARK in head or head.startswith(_PARQUET):
        return ""
    try:
        check_kind(head)
        return "a picture"
    except UnsupportedFormatError:
        if path.suffix.lower() in PICTURE_SUFFIXES + _FURTHER_SUFFIXES:
            return "a picture"
        return "no text" if b"\0" in head else ""
