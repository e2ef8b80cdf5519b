"""Reads formats and sha256 of new and changed files of an inventory, in shards."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from genloss.archive.catalog_run import FileContent
from genloss.archive.engine import Item, Stage, run_stage
from genloss.archive.inventory import failed_content, is_settled, read_content, read_kind_and_digest
from genloss.archive.listing import LeftOut, Listed
from genloss.archive.sharding import Sharding
from genloss.model.errors import FileUnreadableError, ImageError


def read_exact(paths: Sequence[str], key: str) -> bytes:
    """Format, sha256, size in bytes and mtime in ns of a file, as JSON; the `run` of a Stage.

    Raises:
        ImageError: the file is no picture, or cannot be read.
    """
    try:
        image_format, digest = read_kind_and_digest(paths[0])
    except OSError as error:
        raise FileUnreadableError(f"{paths[0]}: {error.strerror or error}") from error
    return json.dumps([image_format, digest.sha256, digest.status.st_size, digest.status.st_mtime_ns]).encode()


EXACT = Stage("exact-1", "reading", read_exact, 1000)


def read_in_shards(
    entries: Iterable[Listed | FileContent | LeftOut],
    sharding: Sharding,
    watch: Callable[[Iterable[Any], int, str], Iterable[Any]],
) -> Iterator[FileContent | LeftOut]:
    """Contents of all entries: known contents at once, those read in shards last.

    Args:
        entries: from a listing, with known contents filled in.
        sharding: engine and folder of the shards.
        watch: receives the shards as they pass, for a progress bar.

    Raises:
        EngineError: a shard could not be made or read.
    """
    wanted: dict[str, Listed] = {}
    for entry in entries:
        if not isinstance(entry, Listed):
            yield entry
        elif entry.size_bytes and is_settled(entry, time.time_ns()):
            wanted[_key(entry)] = entry
        else:  # may change and keep its mtime, so no shard may be named after it
            yield read_content(entry)
    items = [Item(key, (os.fspath(listed.path),)) for key, listed in wanted.items()]
    for row in run_stage(EXACT, items, (), sharding, False, watch):
        listed = wanted[row.key]
        if isinstance(row.found, ImageError):
            yield failed_content(listed, row.found, settled=True)
            continue
        image_format, sha256, size_bytes, mtime_ns = json.loads(row.found)
        if (size_bytes, mtime_ns) != (listed.size_bytes, listed.mtime_ns):  # changed since the listing
            yield read_content(listed)
        else:
            yield FileContent(listed, image_format, sha256, settled=True)


def _key(listed: Listed) -> str:
    """Digest of path, size, mtime and inode."""
    identity = os.fsencode(listed.path), listed.size_bytes, listed.mtime_ns, listed.inode
    return hashlib.sha256(repr(identity).encode()).hexdigest()
