"""Comparison of two files in a worker process. OpenCV is loaded with the first pair."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from genloss.model.errors import FileUnreadableError
from genloss.model.images.reading import read_file

if TYPE_CHECKING:
    from genloss.model.pairs.findings import Found, KeptPlanes
    from genloss.model.pairs.planes import VersionPlanes
    from genloss.model.pairs.registration import Registration

PLANES_BYTES = 256 << 20  # decoded versions that wait in a worker for their next comparison
PLANES_SECONDS = 30.0  # after the last comparison they are forgotten
_planes: "KeptPlanes | None" = None
_forgetting: threading.Timer | None = None


def find_in_bytes(first: bytes, second: bytes, max_pixels: int) -> "Found":
    """As pairs.findings.find.

    Raises:
        ImageError: one of both cannot be decoded.
    """
    from genloss.model.pairs.findings import find

    with _kept_planes(first, second, max_pixels) as sides:
        return find(*sides)


def align_bytes(first: bytes, second: bytes, max_pixels: int) -> "Registration | None":
    """As pairs.registration.register, of the two pictures turned as their EXIF orientations say.

    Raises:
        ImageError: one of both cannot be decoded.
    """
    from genloss.model.pairs.orientation import as_seen
    from genloss.model.pairs.registration import Registration, register

    with _kept_planes(first, second, max_pixels) as sides:
        found = register(*sides)
        if found is None:
            return None
        seen = as_seen(found.placement, *(side.image.orientation for side in sides))
        return Registration(seen, found.likeness)


def find_in_files(files: tuple[str, str], digests: tuple[str | None, str | None], max_pixels: int) -> "Found":
    """As find_in_bytes, for files on disk.

    Args:
        files: two paths.
        digests: sha256 that each file must have; None for any.

    Raises:
        ImageError: a file cannot be read or decoded, or it changed since it was scored.
    """
    first, second = (read_version(Path(file), digest) for file, digest in zip(files, digests, strict=True))
    return find_in_bytes(first, second, max_pixels)


def read_version(path: Path, digest: str | None) -> bytes:
    """Reads a file and checks that it is the one that was scored.

    Raises:
        FileUnreadableError: the file cannot be read, or its bytes differ.
    """
    data = read_file(path)
    if digest is not None and hashlib.sha256(data).hexdigest() != digest:
        raise FileUnreadableError("the file was changed while it was ranked")
    return data


def forget_planes() -> None:
    """Frees the decoded versions that are kept for a next comparison."""
    _forget_later(0)
    if _planes is not None:
        _planes.clear()


@contextmanager
def _kept_planes(first: bytes, second: bytes, max_pixels: int) -> "Iterator[tuple[VersionPlanes, VersionPlanes]]":
    """Those of two files, kept for the next comparison."""
    from genloss.model.pairs.findings import KeptPlanes
    from genloss.model.pairs.planes import VersionPlanes

    global _planes
    if _planes is None:
        _planes = KeptPlanes(PLANES_BYTES)
    kept = _planes
    _forget_later(0)
    try:
        one, other = (
            kept.get(hashlib.sha256(data).digest(), partial(VersionPlanes.read, data, max_pixels)) for data in (first, second)
        )
        yield one, other
    finally:
        _forget_later(PLANES_SECONDS)


def _forget_later(seconds: float) -> None:
    """Has the planes forgotten after so long; 0 takes that back."""
    global _forgetting
    if _forgetting is not None:
        _forgetting.cancel()
        _forgetting = None
    if seconds and _planes is not None:
        _forgetting = threading.Timer(seconds, _planes.clear)
        _forgetting.daemon = True
        _forgetting.start()
