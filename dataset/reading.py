"""Reads facts of files into the ledger, in batches; many batches are spread over worker processes."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from genloss.dataset.file_facts import as_row
from genloss.dataset.headers import read_headers, unreadable
from genloss.dataset.ledger import Ledger
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.processes import n_usable_cores

BATCH = 512
DEADLINE_SECONDS = 600.0  # per batch; only hanging storage takes this long
FEW_BATCHES = 6  # up to this number, reading takes less time than starting processes
Batch = list[tuple[str, str]]  # path and folder


def read_into(ledger: Ledger, side: int, files: Iterable[tuple[str, str]]) -> Iterator[int]:
    """Reads the headers of all files that are new or changed, and deletes missing files from the ledger.

    Args:
        ledger: receives the facts, batch by batch.
        side: AUDITED or COMPARED.
        files: path and folder of each file; consumed lazily.

    Yields:
        The number of files of each finished batch.
    """
    batches = _unknown(ledger, side, _batches(files))
    first = list(islice(batches, FEW_BATCHES + 1))
    if len(first) <= FEW_BATCHES:
        results: Iterable[tuple[Any, Any]] = (
            ((batch, n_known), _read_batch(None, (batch, n_known))) for batch, n_known in first
        )
    else:
        results = run_in_processes(_read_batch, None, chain(first, batches), n_usable_cores(), DEADLINE_SECONDS)
    for (batch, n_known), rows in results:
        if isinstance(rows, Failure):
            error = OSError(rows.reason)
            rows = [(as_row(unreadable(path, folder, error)), 0) for path, folder in batch]
        ledger.add(side, rows)
        yield n_known + len(batch)
    ledger.forget_others(side)


def _batches(files: Iterable[tuple[str, str]]) -> Iterator[Batch]:
    remaining = iter(files)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _unknown(ledger: Ledger, side: int, batches: Iterable[Batch]) -> Iterator[tuple[Batch, int]]:
    """The files of each batch that must be read, and the number that the ledger already has."""
    resumes = ledger.n_files(side) > 0
    for batch in batches:
        known = ledger.unchanged(side, [path for path, _ in batch]) if resumes else set()
        yield [(path, folder) for path, folder in batch if path not in known], len(known)


def _read_batch(context: None, task: tuple[Batch, int]) -> list[tuple[tuple[Any, ...], int]]:
    rows = []
    for path, folder in task[0]:
        try:
            facts, mtime_ns = read_headers(path, folder)
        except OSError as error:
            facts, mtime_ns = unreadable(path, folder, error), 0
        rows.append((as_row(facts), mtime_ns))
    return rows
