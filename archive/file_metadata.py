"""Metadata of a file in the file system: mode, owner, times, extended attributes."""

import base64
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FileMetadata:
    """Metadata to restore on a file.

    Attributes:
        mode: permission bits, as in stat.
        uid, gid: owner and group.
        atime_ns, mtime_ns: times of last access and modification.
        xattrs: extended attributes by name; empty if the file system has none.
    """

    mode: int
    uid: int
    gid: int
    atime_ns: int
    mtime_ns: int
    xattrs: dict[str, bytes]

    def to_json(self) -> str:
        """JSON for from_json."""
        xattrs = {name: base64.b64encode(value).decode() for name, value in self.xattrs.items()}
        return json.dumps({**vars(self), "xattrs": xattrs})

    @classmethod
    def from_json(cls, text: str) -> "FileMetadata":
        """The metadata that to_json wrote."""
        fields = json.loads(text)
        xattrs = {name: base64.b64decode(value) for name, value in fields.pop("xattrs").items()}
        return cls(xattrs=xattrs, **fields)


def read_file_metadata(descriptor: int) -> FileMetadata:
    """The metadata of an open file, without extended attributes that cannot be read."""
    status = os.fstat(descriptor)
    xattrs: dict[str, bytes] = {}
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(descriptor):
                with suppress(OSError):
                    xattrs[name] = os.getxattr(descriptor, name)
    return FileMetadata(status.st_mode & 0o7777, status.st_uid, status.st_gid, status.st_atime_ns, status.st_mtime_ns, xattrs)


def write_file_metadata(path: Path, metadata: FileMetadata) -> None:
    """Sets the metadata of a file, as far as the file system and the user's rights allow.

    Raises:
        OSError: mode or times cannot be set.
    """
    if hasattr(os, "chown"):
        with suppress(OSError):  # only root may change the owner
            os.chown(path, metadata.uid, metadata.gid)
    for name, value in metadata.xattrs.items():
        with suppress(OSError):
            os.setxattr(path, name, value)
    os.chmod(path, metadata.mode)
    os.utime(path, ns=(metadata.atime_ns, metadata.mtime_ns))
