"""Scans a collection: list, look, pair, verify, group, rank, plan. After an interruption, every stage resumes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from genloss.archive.catalog import Catalog
from genloss.archive.catalog_run import Inventory
from genloss.archive.grouping import ScanOptions, Watch
from genloss.archive.plan import Plan, make_plan
from genloss.archive.plan_groups import Limits, file_groups
from genloss.archive.relating import relate_folders
from genloss.archive.scanned import ScannedFile, scanned_files
from genloss.model.errors import CatalogError


@dataclass(frozen=True)
class ScanResult:
    """Result of a scan.

    Attributes:
        files: all files, then all entries that were skipped; each sorted by path.
        plan: groups of files with actions.
        inventory: counts of the listing.
        n_looked: number of contents decoded in this scan.
        n_compared: number of pairs aligned and compared in this scan.
    """

    files: list[ScannedFile]
    plan: Plan
    inventory: Inventory
    n_looked: int
    n_compared: int


def scan_known(catalog: Catalog, options: ScanOptions, watch: Watch = lambda items, total, doing: items) -> ScanResult:
    """Scans the folders whose files the catalog knows from earlier scans; missing folders are skipped.

    Args:
        catalog, options, watch: as of scan_folders.

    Raises:
        CatalogError: the catalog knows no file in an existing folder; or as scan_folders.
        BundleError: the bundle cannot be used.
    """
    with catalog.guarded():
        folders = {file.path.parent for file in catalog.files()}
    roots = sorted(folder for folder in folders if folder.is_dir() and folders.isdisjoint(folder.parents))
    if not roots:
        raise CatalogError(f"{catalog.path}: knows no file in a folder that is there; genloss scan fills it")
    return scan_folders(roots, catalog, options, watch)


def scan_folders(
    roots: list[Path], catalog: Catalog, options: ScanOptions, watch: Watch = lambda items, total, doing: items
) -> ScanResult:
    """Scans folders. After an interruption, the next scan with this catalog resumes the work.

    Args:
        roots: from listing.find_roots.
        catalog: open; the results are stored in it, and its decisions are obeyed.
        options: how to scan.
        watch: reports progress.

    Raises:
        CatalogError: the catalog cannot be written, or another process writes to it.
        BundleError: the bundle cannot be used.
    """
    with catalog.guarded():
        found = relate_folders(roots, catalog, options, watch)
    sure = options.rules.minimum_odds if options.sure is None else options.sure
    limits = Limits(options.rules, sure, found.decided)
    plan = make_plan(datetime.now(UTC), roots, file_groups(found.contents, found.stars, found.relations, limits))
    notes = found.decided.notes(found.contents)
    plain = {file.path for file, look in found.looked.pictures() if not look.is_comparable}
    files = list(scanned_files(found.looked, plan, plain, notes))
    return ScanResult(files, plan, found.looked.inventory, found.looked.n_looked, found.n_compared)
