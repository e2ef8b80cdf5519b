"""Measures groups or versions in parts and stores each part, so that an interrupted run goes on where it stopped."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import PairsError
from genloss.model.files import open_atomically
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.processes import n_usable_cores

DEADLINE_SECONDS = 300.0  # to measure one group
GROUPS_PER_FILE = 250

Columns: TypeAlias = dict[str, NDArray[Any]]  # all of one length
Numbered: TypeAlias = tuple[int, dict[str, Any]]  # position of a group in its listing, and its document
Item = TypeVar("Item")


def store_in_parts(
    kept: Path,
    measure: Callable[[Sequence[Item]], Columns],
    items: Sequence[Item],
    n_per_file: int,
    on_item: Callable[[int, int], None],
) -> Columns:
    """The columns of all items, one after the other; measures those that no earlier run has stored.

    Args:
        kept: folder of the parts; created if missing. Its name must tell apart whatever changes the results.
        measure: returns the rows of some items.
        items: at least one.
        n_per_file: items in a part.
        on_item: called with the number of items that are measured, and of all items.
    """
    kept.mkdir(exist_ok=True)
    parts = []
    for start in range(0, len(items), n_per_file):
        path = kept / f"{start:07d}.npz"
        some = items[start : start + n_per_file]
        if not path.exists():
            found: dict[str, Any] = measure(some)
            with open_atomically(path) as stream:
                np.savez_compressed(stream, **found)
        on_item(start + len(some), len(items))
        with np.load(path) as stored:
            parts.append({name: stored[name] for name in stored.files})
    return _join(parts)


def measure_groups(
    kept: Path,
    measure: Callable[[Any, Numbered], Columns],
    context: Any,
    documents: Sequence[dict[str, Any]],
    on_group: Callable[[int, int], None],
) -> Columns:
    """The columns of all groups, measured in worker processes and stored in parts.

    Args:
        kept: as for store_in_parts.
        measure: a function of a module, run with (context, group); returns the rows of one group.
        context: first argument of `measure`; must be picklable.
        documents: groups of a listing.
        on_group: as on_item of store_in_parts.

    Raises:
        PairsError: a group cannot be measured.
    """
    numbered = list(enumerate(documents))
    return store_in_parts(kept, partial(_measure_some, measure, context), numbered, GROUPS_PER_FILE, on_group)


def _measure_some(measure: Callable[[Any, Numbered], Columns], context: Any, some: Sequence[Numbered]) -> Columns:
    found: dict[int, Columns] = {}
    for (number, document), columns in run_in_processes(measure, context, some, n_usable_cores(), DEADLINE_SECONDS):
        if isinstance(columns, Failure):
            raise PairsError(f"group {number} ({document['source']}) cannot be measured: {columns.reason}")
        found[number] = columns
    return _join([found[number] for number, _ in some])


def _join(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
