"""Updates a catalog from its folders; unchanged files are not read again."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from genloss.archive.catalog import Catalog
from genloss.archive.catalog_run import CatalogRun, FileContent, Inventory
from genloss.archive.hashing import HEAD_BYTES, Digest, hash_descriptor, open_regular
from genloss.archive.listing import UNREADABLE, LeftOut, Listed, list_files
from genloss.model.errors import FileEmptyError, FileUnreadableError, ImageError
from genloss.model.images.formats import check_kind
from genloss.model.printable import storable

# Passes known contents through, and reads the files that are only listed.
Read = Callable[[Iterable[Listed | FileContent | LeftOut]], Iterator[FileContent | LeftOut]]

_N_AHEAD = 8  # files per thread that are listed but not yet read
# Coarsest mtime resolution of a file system in use (FAT); a younger file may change without a new mtime.
_SETTLED_NS = 2_000_000_000


def take_inventory(
    roots: list[Path], catalog: Catalog, n_threads: int = 2, report: Callable[[Inventory], None] = lambda inventory: None,
    read: Read | None = None,
) -> Inventory:  # fmt: skip
    """Lists the folders and reads new and changed files; after a kill at any point, the next run resumes.

    Args:
        roots: from listing.find_roots.
        catalog: rows below the roots are added, changed and removed; all other rows stay.
        n_threads: number of threads that read files.
        report: called after every file with the counts so far.
        read: reads the files; None to read them in threads.

    Raises:
        CatalogError: the catalog cannot be written, or another process writes to it.
    """
    inventory = Inventory(roots)
    with catalog.guarded():
        began = datetime.now(UTC).isoformat(timespec="seconds")
        number = catalog.connection.execute("INSERT INTO runs (began) VALUES (?) RETURNING number", (began,)).fetchone()[0]
        run = CatalogRun(catalog.connection, number, inventory)
        try:
            with ThreadPoolExecutor(n_threads) as pool:
                entries = list_files(roots)
                contents = read(_known(run, entries)) if read else _read(pool, run, entries, n_threads * _N_AHEAD)
                for content in contents:
                    run.take(content)
                    report(inventory)
            run.finish()
        finally:
            run.commit()
    return inventory


def _known(run: CatalogRun, entries: Iterable[Listed | LeftOut]) -> Iterator[Listed | FileContent | LeftOut]:
    """Entries, replaced by their contents where the catalog knows them."""
    for entry in entries:
        yield entry if isinstance(entry, LeftOut) else run.known_content(entry) or entry


def _read(
    pool: ThreadPoolExecutor, run: CatalogRun, entries: Iterable[Listed | LeftOut], n_ahead: int
) -> Iterator[FileContent | LeftOut]:
    """Contents in the order of the entries; threads read ahead."""
    waiting: deque[Future[FileContent] | FileContent | LeftOut] = deque()
    for entry in entries:
        if isinstance(entry, LeftOut):
            waiting.append(entry)
        else:
            waiting.append(run.known_content(entry) or pool.submit(read_content, entry))
        while len(waiting) > n_ahead:
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _result(waiting: Future[FileContent] | FileContent | LeftOut) -> FileContent | LeftOut:
    return waiting.result() if isinstance(waiting, Future) else waiting


def read_content(listed: Listed) -> FileContent:
    """Reads a whole picture, or only the head of any other file."""
    if listed.size_bytes == 0:
        return FileContent(listed, error=FileEmptyError.code, message="no bytes in the file", was_read=False)
    settled = is_settled(listed, time.time_ns())
    try:
        image_format, digest = read_kind_and_digest(listed.path)
    except (ImageError, OSError) as error:
        return failed_content(listed, error, settled)
    status = digest.status
    found = replace(listed, size_bytes=status.st_size, mtime_ns=status.st_mtime_ns, device=status.st_dev, inode=status.st_ino)
    return FileContent(found, image_format, digest.sha256, settled=settled and status.st_mtime_ns <= listed.mtime_ns)


def is_settled(listed: Listed, now_ns: int) -> bool:
    """Whether the file is old enough that every later change would give it a new mtime.

    Args:
        listed: the file.
        now_ns: current time in ns, taken before the file is read.
    """
    return now_ns - listed.mtime_ns > _SETTLED_NS


def read_kind_and_digest(path: Path | str) -> tuple[str, Digest]:
    """Format and sha256 of a picture; of any other file only the head is read.

    Raises:
        ImageError: the file is no picture, or cannot be read.
        OSError: a system call failed.
    """
    descriptor = open_regular(path)
    try:
        return check_kind(os.read(descriptor, HEAD_BYTES)), hash_descriptor(descriptor, path)
    finally:
        os.close(descriptor)


def failed_content(listed: Listed, error: ImageError | OSError, settled: bool) -> FileContent:
    """The content of a file without a sha256, with the code and message of the error."""
    code = error.code if isinstance(error, ImageError) else FileUnreadableError.code
    return FileContent(listed, error=code, message=storable(str(error)), settled=settled and code != UNREADABLE, was_read=False)
