"""Brings a catalog up to date with its folders; files that did not change are not read again."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from genloss.archive.catalog import Catalog
from genloss.archive.catalog_run import CatalogRun, Content, Inventory
from genloss.archive.hashing import HEAD_BYTES, hash_descriptor, open_regular
from genloss.archive.json_paths import plain_text
from genloss.archive.listing import UNREADABLE, LeftOut, Listed, list_files
from genloss.model.errors import FileEmptyError, FileUnreadableError, ImageError
from genloss.model.images.formats import check_kind

_N_AHEAD = 8  # files a thread, listed but not yet read
# Coarsest mtime of a file system in use (FAT): a file younger than this may change without another mtime.
_SETTLED_NS = 2_000_000_000


def take_inventory(
    roots: list[Path], catalog: Catalog, n_threads: int = 2, report: Callable[[Inventory], None] = lambda inventory: None
) -> Inventory:
    """Lists the folders and reads what is new or changed; killed at any point, the next run goes on from there.

    Args:
        roots: from listing.find_roots.
        catalog: gains, changes and loses rows; what lies outside the roots stays.
        n_threads: that read files.
        report: called after every file with the figures so far.

    Raises:
        CatalogError: the catalog cannot be written, or another process does.
    """
    inventory = Inventory(roots)
    with catalog.guarded():
        began = datetime.now(UTC).isoformat(timespec="seconds")
        number = catalog.connection.execute("INSERT INTO runs (began) VALUES (?) RETURNING number", (began,)).fetchone()[0]
        run = CatalogRun(catalog.connection, number, inventory)
        try:
            with ThreadPoolExecutor(n_threads) as pool:
                for content in _read(pool, run, list_files(roots), n_threads * _N_AHEAD):
                    run.take(content)
                    report(inventory)
            run.finish()
        finally:
            run.commit()
    return inventory


def _read(
    pool: ThreadPoolExecutor, run: CatalogRun, entries: Iterable[Listed | LeftOut], n_ahead: int
) -> Iterator[Content | LeftOut]:
    """Entries in their order, contents read ahead by the threads."""
    waiting: deque[Future[Content] | Content | LeftOut] = deque()
    for entry in entries:
        if isinstance(entry, LeftOut):
            waiting.append(entry)
        else:
            waiting.append(run.known_content(entry) or pool.submit(_read_content, entry))
        while len(waiting) > n_ahead:
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _result(waiting: Future[Content] | Content | LeftOut) -> Content | LeftOut:
    return waiting.result() if isinstance(waiting, Future) else waiting


def _read_content(listed: Listed) -> Content:
    """Reads a file: all of a picture, the head of anything else."""
    if listed.size_bytes == 0:
        return Content(listed, error=FileEmptyError.code, message="no bytes in the file", was_read=False)
    settled = time.time_ns() - listed.mtime_ns > _SETTLED_NS
    try:
        descriptor = open_regular(listed.path)
        try:
            image_format = check_kind(os.read(descriptor, HEAD_BYTES))
            digest = hash_descriptor(descriptor, listed.path)
        finally:
            os.close(descriptor)
    except (ImageError, OSError) as error:
        code = error.code if isinstance(error, ImageError) else FileUnreadableError.code
        return Content(
            listed, error=code, message=plain_text(str(error)), settled=settled and code != UNREADABLE, was_read=False
        )
    status = digest.status
    found = replace(listed, size_bytes=status.st_size, mtime_ns=status.st_mtime_ns, device=status.st_dev, inode=status.st_ino)
    return Content(found, image_format, digest.sha256, settled=settled and status.st_mtime_ns <= listed.mtime_ns)
