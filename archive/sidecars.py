"""Sidecars: files beside the kept picture with metadata that only the file put away has."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from genloss.archive.hashing import hash_file
from genloss.archive.journal import Sidecar
from genloss.archive.moving import move, sync_folders
from genloss.archive.picture_metadata import InseparableError, picture_metadata
from genloss.model.errors import ActionRefusedError, FileUnreadableError, ImageError
from genloss.model.images.formats import check_kind
from genloss.model.images.reading import read_file


@dataclass(frozen=True)
class PlannedSidecar:
    """A sidecar that is not written yet, with its content."""

    sidecar: Sidecar
    content: bytes


def plan_sidecars(path: Path, sha256: str, kept: Path) -> list[PlannedSidecar]:
    """Sidecars `KEPT.SHA.KIND` for the metadata that the kept file lacks or has in another form.

    KIND is exif, xmp, extended.xmp, icc or iptc.

    Args:
        path, sha256: the file to be put away; the first 12 digits of sha256 are the SHA in the names.
        kept: the file that stays.

    Raises:
        ActionRefusedError: metadata_not_carried: the metadata cannot be extracted, or another file has the sidecar's name.
    """
    try:
        mine, others = (_metadata(one) for one in (path, kept))
    except (ImageError, InseparableError) as error:
        raise ActionRefusedError("metadata_not_carried", f"{path}: its metadata cannot be carried: {error}") from error
    planned = []
    for kind, content in mine.items():
        if others.get(kind) == content:
            continue
        sidecar = Sidecar(kept.with_name(f"{kept.name}.{sha256[:12]}.{kind}"), hashlib.sha256(content).hexdigest())
        if not os.path.lexists(sidecar.path):
            planned.append(PlannedSidecar(sidecar, content))
        elif not _is_there(sidecar):
            raise ActionRefusedError("metadata_not_carried", f"{path}: {sidecar.path} exists and is another file")
    return planned


def write_sidecar(planned: PlannedSidecar) -> None:
    """Writes a sidecar and syncs it to the disk; never overwrites another file.

    Raises:
        OSError: the sidecar cannot be written; no partial file remains.
    """
    path = planned.sidecar.path
    fresh = _fresh(path)
    try:
        with open(fresh, "wb") as stream:
            stream.write(planned.content)
            stream.flush()
            os.fsync(stream.fileno())
        move(fresh, path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise
    sync_folders(path.parent)


def remove_sidecar(sidecar: Sidecar) -> None:
    """Removes a sidecar unless it has changed, and the temporary file that a killed process may have left."""
    fresh = _fresh(sidecar.path)
    if os.path.lexists(fresh):  # in a read-only file system, removing a missing file is an error, too
        fresh.unlink(missing_ok=True)
    if _is_there(sidecar):
        sidecar.path.unlink(missing_ok=True)
        sync_folders(sidecar.path.parent)


def _fresh(path: Path) -> Path:
    return path.with_name(f".{path.name}.genloss.tmp")


def _metadata(path: Path) -> dict[str, bytes]:
    data = read_file(path, follow_links=False)
    return picture_metadata(data, check_kind(data))


def _is_there(sidecar: Sidecar) -> bool:
    try:
        return hash_file(sidecar.path).sha256 == sidecar.sha256
    except FileUnreadableError:
        return False
