"""The whole job on a collection: list, look, pair, verify, group, rank, plan. Every stage goes on where it was stopped."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from genloss.archive.catalog import Catalog, CatalogFile
from genloss.archive.catalog_run import Inventory
from genloss.archive.contents import gather_contents
from genloss.archive.grouping import PAIRS_AHEAD, Grouping, ScanOptions, Watch, results_of
from genloss.archive.inventory import take_inventory
from genloss.archive.look import Look, look_at_file
from genloss.archive.plan import Plan, make_plan
from genloss.archive.plan_groups import Limits, file_groups
from genloss.archive.scan_store import ScanStore
from genloss.archive.scanned import ScannedFile, scanned_files
from genloss.archive.tasks import task_runner
from genloss.model.parallel import in_order


@dataclass(frozen=True)
class ScanResult:
    """What a scan found.

    Attributes:
        files: one for each file and each entry that was left out, in the order of their paths.
        plan: groups of files, and what may be put away.
        inventory: figures of the listing.
        n_looked: files decoded in this scan.
        n_compared: pairs laid on each other in this scan.
    """

    files: list[ScannedFile]
    plan: Plan
    inventory: Inventory
    n_looked: int
    n_compared: int


def scan_folders(
    roots: list[Path], catalog: Catalog, options: ScanOptions, watch: Watch = lambda items, total, doing: items
) -> ScanResult:
    """Scans folders; killed at any point, the next scan with this catalog goes on from there.

    Args:
        roots: from listing.find_roots.
        catalog: open; gains what is learnt.
        options: how.
        watch: sees the work pass.

    Raises:
        CatalogError: the catalog cannot be written, or another process does.
        BundleError: the bundle cannot be used.
    """
    with catalog.guarded():
        return _scan(roots, catalog, options, watch)


def _scan(roots: list[Path], catalog: Catalog, options: ScanOptions, watch: Watch) -> ScanResult:
    inventory = take_inventory(roots, catalog)
    store = ScanStore(catalog)
    files = list(store.files_below(roots))
    try:
        n_looked = _look(files, store, options, watch)
        looks = {file.sha256: store.look(file.sha256) for file in files if file.sha256 is not None}
        seen = []
        for file in files:
            look = None if file.sha256 is None else looks[file.sha256]
            if isinstance(look, Look):
                seen.append((file, look))
        contents = gather_contents(seen, options.rules)
        with Grouping(contents, store, options) as grouping:
            grouping.verify_candidates(watch)
            stars = grouping.form_groups(watch)
    finally:
        store.commit()
    limits = Limits(options.rules, options.rules.minimum_odds if options.sure is None else options.sure)
    plan = make_plan(datetime.now(UTC), roots, file_groups(contents, stars, grouping.relations, limits))
    plain = {file.path for file, look in seen if not look.is_comparable}
    left_out = [entry for entry in catalog.left_out() if any(root in entry.path.parents for root in roots)]
    found = list(scanned_files(files, looks, plan, plain, left_out))
    return ScanResult(found, plan, inventory, n_looked, grouping.n_compared)


def _look(files: Sequence[CatalogFile], store: ScanStore, options: ScanOptions, watch: Watch) -> int:
    """Decodes every content that was not seen yet, once."""
    known = store.known_looks()
    wanted = {file.sha256: file.path for file in files if file.sha256 is not None and file.sha256 not in known}
    if not wanted:
        return 0
    with task_runner(options.in_processes(len(wanted))) as submit:
        tasks = in_order(
            lambda one: submit(look_at_file, os.fspath(one[1]), one[0], options.max_pixels), wanted.items(), PAIRS_AHEAD
        )
        for (sha256, _), packed in results_of(watch(tasks, len(wanted), "looking")):
            store.add_look(sha256, packed)
    return len(wanted)
