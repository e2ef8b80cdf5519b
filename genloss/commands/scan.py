"""`genloss scan`: finds the versions of every picture in a collection, and plans which may be put away."""

from pathlib import Path
from typing import Annotated

import typer

from genloss.given_rules import read_given_rules
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.outputs import check_outputs
from genloss.model.quiet import quiet_codecs
from genloss.options import (
    CATALOG,
    BundleOption,
    Engine,
    Format,
    IsolatedNew,
    MaxPixels,
    Output,
    RulesFile,
    Shards,
    Sure,
    choose_format,
)
from genloss.progress import watch_stages
from genloss.remarks import say

EXAMPLES = """genloss scan ~/Pictures --plan plan.jsonl
genloss apply plan.jsonl --dry-run
genloss scan ~/Pictures --plan plan.jsonl --report pictures-report
genloss scan ~/Pictures /mnt/backup --catalog pictures.catalog -o files.csv
genloss scan ~/Pictures --plan plan.jsonl --rules rules.toml --sure 0.999
genloss scan /mnt/pictures --catalog /mnt/work/pictures.catalog --engine ray://head:10001"""


def scan(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR", help="Folders, with their subfolders.", show_default=False)],
    catalog: Annotated[
        Path,
        typer.Option(
            "--catalog", metavar="FILE", help="Facts about every file. A second scan reads them and decodes only new files."
        ),
    ] = CATALOG,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan", metavar="FILE", help="Write the files that may be put away, for `genloss apply`.", show_default=False
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FOLDER", help="Write web pages that show the groups; they work offline.", show_default=False
        ),
    ] = None,
    engine: Engine = None,
    shards: Shards = None,
    sure: Sure = None,
    rules: RulesFile = None,
    format: Format = None,
    destination: Output = None,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    isolated: IsolatedNew = None,
) -> int:
    """Find the versions of every picture in a collection.

    It says which file to keep, and which files may be put away. A scan changes, moves and deletes nothing; the plan is
    for `genloss apply`. A file is a version of another if all content agrees when the two are laid on each other. Other
    captions, other moments, parts and collages are related, and stay. The bare, whole picture is kept, never a crop or
    a screenshot of it. A second scan with the same catalog decodes only new and changed files, and resumes a scan that
    was stopped.
    """
    from genloss.archive.catalog import Catalog
    from genloss.archive.grouping import ScanOptions
    from genloss.archive.listing import find_roots
    from genloss.archive.plan_file import write_plan
    from genloss.archive.report import check_report_folder, write_report
    from genloss.archive.scan import scan_folders
    from genloss.archive.scan_store import ScanStore
    from genloss.archive.sharding import open_sharding
    from genloss.scan_records import (
        SCAN_COLUMNS,
        SCAN_HEADINGS,
        SCAN_WIDTHS,
        for_people,
        next_step,
        scan_record,
        scan_row,
        totals,
    )
    from genloss.writers import TableWriter, record_writer, write_records

    roots = find_roots(folders)
    check_outputs([destination, plan], [catalog, rules])
    if report is not None:
        check_report_folder(report, roots)
    chosen = choose_format(format, destination)
    sharding = open_sharding(engine, shards, catalog, roots)
    options = ScanOptions(sure, read_given_rules(rules), bundle, max_pixels, isolated, sharding)
    with quiet_codecs(), Catalog(catalog) as opened:
        result = scan_folders(roots, opened, options, watch_stages)
        if report is not None:
            in_processes = options.in_processes(len(result.plan.groups))
            with opened.guarded():
                page = write_report(result, ScanStore(opened), report, max_pixels, in_processes, watch_stages)
            say(f"look at it in a browser: {page}")
    if plan is not None:
        write_plan(result.plan, plan)
    shown = for_people(result.files) if chosen == "table" else result.files
    make = record_writer(chosen, SCAN_COLUMNS, lambda text: TableWriter(text, SCAN_HEADINGS, SCAN_WIDTHS, scan_row))
    n_failed = write_records(map(scan_record, shown), make, destination)
    for line in (*totals(result), next_step(result, plan)):
        if line:
            say(line)
    return n_failed
