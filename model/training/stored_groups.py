"""Measures groups of versions in parts and stores each part, so that an interrupted run goes on where it stopped."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import PairsError
from genloss.model.files import open_atomically
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.processes import n_usable_cores

DEADLINE_SECONDS = 300.0  # to measure one group
GROUPS_PER_FILE = 250

Columns: TypeAlias = dict[str, NDArray[Any]]  # one row for each pair
Numbered: TypeAlias = tuple[int, dict[str, Any]]  # position of a group in its listing, and its document


def measure_in_parts(
    kept: Path,
    measure: Callable[[Any, Numbered], Columns],
    context: Any,
    documents: Sequence[dict[str, Any]],
    on_group: Callable[[int, int], None],
) -> Columns:
    """The columns of all groups, one after the other; measures those that no earlier run has stored.

    Args:
        kept: folder of the parts; created if missing. Its name must tell apart whatever changes the results.
        measure: a function of a module, run in worker processes with (context, group); returns the rows of one group.
        context: first argument of `measure`; must be picklable.
        documents: groups of a listing.
        on_group: called with the number of measured groups, and of all groups.

    Raises:
        PairsError: a group cannot be measured.
    """
    kept.mkdir(exist_ok=True)
    numbered = list(enumerate(documents))
    parts = []
    for start in range(0, len(numbered), GROUPS_PER_FILE):
        path = kept / f"{start:07d}.npz"
        some = numbered[start : start + GROUPS_PER_FILE]
        if not path.exists():
            found: dict[str, Any] = _measure_part(measure, context, some)
            with open_atomically(path) as stream:
                np.savez_compressed(stream, **found)
            on_group(start + len(some), len(numbered))
        with np.load(path) as stored:
            parts.append({name: stored[name] for name in stored.files})
    return _join(parts)


def _measure_part(measure: Callable[[Any, Numbered], Columns], context: Any, some: list[Numbered]) -> Columns:
    found: dict[int, Columns] = {}
    for (number, document), columns in run_in_processes(measure, context, some, n_usable_cores(), DEADLINE_SECONDS):
        if isinstance(columns, Failure):
            raise PairsError(f"group {number} ({document['source']}) cannot be measured: {columns.reason}")
        found[number] = columns
    return _join([found[number] for number, _ in some])


def _join(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
