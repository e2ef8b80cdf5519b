"""`genloss find`: the versions of one picture in a collection, and which of them is closer to the original."""

from pathlib import Path
from typing import Annotated

import typer

from genloss.model.errors import CatalogError, EngineError
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.outputs import check_outputs
from genloss.model.quiet import quiet_codecs
from genloss.options import CATALOG, BundleOption, Engine, Format, IsolatedNew, MaxPixels, Output, Shards, choose_format
from genloss.progress import watch_stages
from genloss.remarks import say

EXAMPLES = """genloss find picture.jpg
genloss find picture.jpg --catalog pictures.catalog --format jsonl
genloss find picture.jpg ~/Pictures
genloss find picture.jpg ~/Pictures --catalog pictures.catalog"""


def find(
    picture: Annotated[
        Path,
        typer.Argument(
            metavar="PICTURE", help="The picture to look for. It need not be in the collection.", show_default=False
        ),
    ],
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR", help="Folders to search. They are scanned first.", show_default=False),
    ] = None,
    catalog: Annotated[
        Path | None,
        typer.Option(
            "--catalog",
            metavar="FILE",
            help="Catalog of an earlier scan. [default: genloss.catalog; with DIR, no catalog is kept]",
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
    """Find the versions of one picture in a collection.

    It lists copies, versions, parts, pictures that contain it, and alternates. Without DIR, it searches everything that
    an earlier scan has seen. For each version it says which is closer to the original, the file ("this") or your
    picture ("yours"), and how sure that is. It changes nothing.
    """
    from genloss.archive.catalog import open_catalog
    from genloss.archive.find import find_versions
    from genloss.archive.grouping import ScanOptions
    from genloss.archive.listing import find_roots
    from genloss.archive.sharding import open_sharding
    from genloss.find_records import FIND_COLUMNS, FIND_HEADINGS, FIND_WIDTHS, find_record, find_row, remarks
    from genloss.writers import TableWriter, record_writer, write_records

    roots = find_roots(folders) if folders else None
    place = catalog or CATALOG
    if roots is None and not place.exists():
        raise CatalogError(f"{place}: no such catalog; genloss scan makes one, or name folders to search")
    check_outputs([destination], [picture, place])
    chosen = choose_format(format, destination)
    if roots is None and engine is not None:
        raise EngineError("--engine works on folders; name some, or leave it out")
    sharding = open_sharding(engine, shards, catalog, roots or [])
    options = ScanOptions(bundle=bundle, max_pixels=max_pixels, isolated=isolated, sharding=sharding)
    with quiet_codecs(), open_catalog(place if roots is None else catalog) as opened:
        result = find_versions(picture, roots, opened, options, watch_stages)
    make = record_writer(chosen, FIND_COLUMNS, lambda text: TableWriter(text, FIND_HEADINGS, FIND_WIDTHS, find_row))
    write_records(map(find_record, result.found), make, destination)
    for remark in remarks(result):
        say(remark)
    return 0
