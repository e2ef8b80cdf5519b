"""The stages of a scan up to groups: list, look, pair, verify, group. The commands scan, leaks and find use the groups."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from genloss.archive.catalog import Catalog, CatalogFile
from genloss.archive.catalog_run import Inventory
from genloss.archive.contents import Content, gather_contents
from genloss.archive.decided import Decided
from genloss.archive.decisions import decisions, note_pixels
from genloss.archive.grouping import PAIRS_AHEAD, Grouping, ScanOptions, Watch
from genloss.archive.groups import Ranked, Relations
from genloss.archive.inventory import take_inventory
from genloss.archive.listing import LeftOut
from genloss.archive.look import Look, look_at_file
from genloss.archive.scan_store import ScanStore
from genloss.archive.tasks import results_of, task_runner
from genloss.model.parallel import in_order


@dataclass(frozen=True)
class Looked:
    """Files of some folders and the look of each content.

    Attributes:
        files: sorted by path.
        looks: by sha256: the look, or an error code and message if the content cannot be decoded.
        left_out: links, pipes, and entries that cannot be listed.
        inventory: counts of the listing.
        n_looked: number of contents decoded in this run.
    """

    files: list[CatalogFile]
    looks: Mapping[str, Look | tuple[str, str]]
    left_out: list[LeftOut]
    inventory: Inventory
    n_looked: int

    def look(self, file: CatalogFile) -> Look | tuple[str, str]:
        """The look of a file, or the code and message of the error."""
        return (file.error or "", file.message or "") if file.sha256 is None else self.looks[file.sha256]

    def pictures(self) -> list[tuple[CatalogFile, Look]]:
        """Files that can be decoded, each with its look."""
        return [(file, look) for file in self.files if isinstance(look := self.look(file), Look)]


@dataclass(frozen=True)
class Related:
    """Contents of some folders, and their relations.

    Attributes:
        looked: files and looks of the folders.
        contents: files, merged where their pixels are equal.
        stars: groups of versions, by positions of contents.
        relations: of all related pairs, by positions of contents.
        decided: decisions of a person about the files.
        n_compared: number of pairs aligned and compared in this run.
    """

    looked: Looked
    contents: list[Content]
    stars: list[Ranked]
    relations: Relations
    decided: Decided
    n_compared: int


def look_at_folders(roots: list[Path], catalog: Catalog, options: ScanOptions, watch: Watch) -> Looked:
    """Lists folders and decodes new contents. After an interruption, the next run with this catalog resumes the work.

    Args:
        roots: from listing.find_roots.
        catalog: open; the results are stored in it. Its sqlite3 errors reach the caller, who guards against them.
        options: how to scan.
        watch: reports progress.
    """
    if options.sharding is None:
        inventory = take_inventory(roots, catalog)
    else:
        from genloss.archive.exact import read_in_shards  # needs pyarrow

        inventory = take_inventory(roots, catalog, read=partial(read_in_shards, sharding=options.sharding, watch=watch))
    store = ScanStore(catalog)
    files = list(store.files_below(roots))
    try:
        n_looked = _look(files, store, options, watch)
    finally:
        store.commit()
    looks = {file.sha256: store.look(file.sha256, with_words=False) for file in files if file.sha256 is not None}
    left_out = [entry for entry in catalog.left_out() if any(root in entry.path.parents for root in roots)]
    return Looked(files, looks, left_out, inventory, n_looked)


def relate_folders(roots: list[Path], catalog: Catalog, options: ScanOptions, watch: Watch) -> Related:
    """Does the work of look_at_folders, then compares pairs and forms groups.

    Args:
        roots, catalog, options, watch: as of look_at_folders.

    Raises:
        BundleError: the bundle cannot be used.
    """
    looked = look_at_folders(roots, catalog, options, watch)
    seen = looked.pictures()
    pixels = {file.sha256: look.pixels_sha256 for file, look in seen if file.sha256 is not None}
    note_pixels(catalog, {sha256: digest for sha256, digest in pixels.items() if digest is not None})
    decided = Decided(decisions(catalog), pixels)
    contents = gather_contents(seen, options.rules, decided)
    store = ScanStore(catalog)
    try:
        with Grouping(contents, store, options, decided) as grouping:
            grouping.verify_candidates(watch)
            stars = grouping.form_groups(watch)
    finally:
        store.commit()
    return Related(looked, contents, stars, grouping.relations, decided, grouping.n_compared)


def _look(files: Sequence[CatalogFile], store: ScanStore, options: ScanOptions, watch: Watch) -> int:
    """Decodes every content without a look, once; returns their number."""
    known = store.known_looks()
    wanted = {file.sha256: file.path for file in files if file.sha256 is not None and file.sha256 not in known}
    if not wanted:
        return 0
    if options.sharding is not None:
        from genloss.archive.stages import look_at_contents  # needs pyarrow

        for sha256, packed in look_at_contents(wanted, options, watch):
            store.add_look(sha256, packed)
        return len(wanted)
    with task_runner(options.in_processes(len(wanted))) as submit:
        tasks = in_order(
            lambda one: submit(look_at_file, os.fspath(one[1]), one[0], options.max_pixels), wanted.items(), PAIRS_AHEAD
        )
        for (sha256, _), packed in results_of(watch(tasks, len(wanted), "looking")):
            store.add_look(sha256, packed)
    return len(wanted)
