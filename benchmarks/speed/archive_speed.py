"""Speed and memory of taking an inventory, applying a plan and undoing it, on generated files of 20 kB, half of them copies."""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from genloss.archive.apply import apply_plan
from genloss.archive.catalog import Catalog, CatalogFile
from genloss.archive.inventory import take_inventory
from genloss.archive.listing import find_roots
from genloss.archive.plan import Action, ActionKind, Group, Member, Relation, make_plan
from genloss.archive.plan_file import read_plan, write_plan
from genloss.archive.undo import undo_journal

PER_FOLDER = 1000
FILE_BYTES = 20_000
Value = TypeVar("Value")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000, help="files of the collection")
    parser.add_argument("--actions", type=int, default=500, help="files to put away and to bring back")
    parser.add_argument("--folder", type=Path, help="where to work [default: the system's temporary folder]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name).resolve()
        make_files(folder / "pictures", options.files)
        roots = find_roots([folder / "pictures"])
        with Catalog(folder / "catalog.db") as catalog:
            timed("inventory", options.files, lambda: take_inventory(roots, catalog))
            timed("inventory, nothing changed", options.files, lambda: take_inventory(roots, catalog))
            pairs = timed("exact duplicates", options.files, lambda: list(catalog.exact_duplicates()))
        groups = [Group(number, _members(*pair)) for number, pair in enumerate(pairs, 1)]
        plan = make_plan(datetime.now(UTC), roots, groups)
        timed("writing the plan", len(groups), lambda: write_plan(plan, folder / "all.jsonl"))
        timed("reading the plan", len(groups), lambda: read_plan(folder / "all.jsonl"))
        few = make_plan(datetime.now(UTC), roots, groups[: options.actions])
        n_actions = len(few.groups)
        done = timed("apply, quarantine", n_actions, lambda: list(apply_plan(few, folder / "journal.db")))
        undone = timed("undo", n_actions, lambda: list(undo_journal(folder / "journal.db")))
        assert {one.result.value for one in done + undone} == {"done", "restored"}


def make_files(folder: Path, n_files: int) -> None:
    """Writes files that begin like JPEGs; every content occurs twice."""
    for number in range(n_files):
        path = folder / f"{number // PER_FOLDER:03}" / f"{number:07}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff\xd8\xff" + (number // 2).to_bytes(4) + bytes(FILE_BYTES - 7))
        os.utime(path, (1, 1))


def timed(what: str, n_items: int, work: Callable[[], Value]) -> Value:
    """Result of the work; prints its time and the peak memory so far."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:28} {n_items:7,} items  {wall:6.2f} s, {processor:6.2f} s of processor, {n_items / wall:9,.0f} a second, "
        f"{memory_mib:5.0f} MiB",
        flush=True,
    )
    return result


def _members(kept: CatalogFile, copy: CatalogFile) -> tuple[Member, Member]:
    assert kept.sha256 is not None
    assert copy.sha256 is not None
    action = Action(ActionKind.QUARANTINE, kept.path, kept.sha256)
    return (
        Member(kept.path, kept.sha256, kept.size_bytes, 1, keep=True),
        Member(copy.path, copy.sha256, copy.size_bytes, 1, False, Relation.SAME_BYTES, 1.0, (), None, action),
    )


if __name__ == "__main__":
    main()
