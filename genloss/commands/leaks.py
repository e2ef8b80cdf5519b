"""`genloss leaks`: pictures that splits of a data set share, conflicting labels, broken and unusual files."""

from pathlib import Path
from typing import Annotated

import typer

from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.outputs import check_outputs
from genloss.model.quiet import quiet_codecs
from genloss.options import BundleOption, Engine, Format, IsolatedNew, MaxPixels, Output, Shards, choose_format
from genloss.progress import watch_stages
from genloss.remarks import say

EXIT_LEAKS = 4
EXAMPLES = """genloss leaks train/ test/
genloss leaks train/ validation/ test/ --labels -o findings.csv
genloss leaks train/ test/ --catalog data.catalog --fail-on-leaks
genloss leaks photos/ --labels
genloss leaks train/ test/ --catalog /mnt/work/data.catalog --engine ray://head:10001"""


def leaks(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="SPLIT",
            help="Folders of the splits, such as train/ and test/, and all below. A single folder is checked by itself.",
        ),
    ],
    labels: Annotated[
        bool,
        typer.Option("--labels", help="The folders right below each split are classes: also find a picture in two classes."),
    ] = False,
    fail_on_leaks: Annotated[
        bool, typer.Option("--fail-on-leaks", help="Exit with code 4 if two splits hold the same picture.")
    ] = False,
    catalog: Annotated[
        Path | None,
        typer.Option(
            "--catalog",
            metavar="FILE",
            help="Keep the results here, so that a second run decodes only new files.",
            show_default=False,
        ),
    ] = None,
    engine: Engine = None,
    shards: Shards = None,
    format: Format = None,
    destination: Output = None,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    isolated: IsolatedNew = None,
) -> int:
    """Check the splits of a data set for shared pictures.

    It also lists conflicting labels, broken files and unusual files. Splits share a picture if bytes or pixels are
    equal, or if one is a version of the other: saved again, shrunk, turned, cropped or framed. Other moments, parts and
    collages are listed separately. It changes nothing.

    It prints a table with a few examples. --format jsonl, csv or parquet gives one record for each finding.
    """
    from genloss.archive.catalog import open_catalog
    from genloss.archive.grouping import ScanOptions
    from genloss.archive.leaks import find_leaks
    from genloss.archive.sharding import open_sharding
    from genloss.archive.splits import find_splits
    from genloss.leak_records import LEAK_COLUMNS, leak_record, n_leaks, remarks, summary
    from genloss.writers import TextWriter, record_writer, write_records

    splits = find_splits(folders)
    check_outputs([destination], [] if catalog is None else [catalog])
    chosen = choose_format(format, destination)
    sharding = open_sharding(engine, shards, catalog, [split.root for split in splits])
    options = ScanOptions(bundle=bundle, max_pixels=max_pixels, isolated=isolated, sharding=sharding)
    with quiet_codecs(), open_catalog(catalog) as opened:
        result = find_leaks(splits, opened, options, labels, watch_stages)
    make = record_writer(chosen, LEAK_COLUMNS, lambda text: TextWriter(text, lambda record: record["line"]))
    lines = ({"line": line} for line in summary(result))
    write_records(lines if chosen == "table" else map(leak_record, result.findings), make, destination)
    if chosen != "table" and destination is not None:
        print("\n".join(summary(result)))
    for remark in remarks(result):
        say(remark)
    found = n_leaks(result)
    if found and fail_on_leaks:
        from genloss.tables import counted

        say(f"{counted(found, 'file')} {'has' if found == 1 else 'have'} the same picture in another split")
        raise typer.Exit(EXIT_LEAKS)
    return 0
