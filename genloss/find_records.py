"""Output of `genloss find`: a record or a table row for each file that is related to the picture."""

from collections.abc import Iterator
from typing import Any

from genloss.archive.find import Closer, FindResult, FoundFile
from genloss.model.percent import percent
from genloss.model.printable import printable
from genloss.records import Record, Transform, path_bytes, path_text, transform_record
from genloss.tables import counted

FIND_COLUMNS: dict[str, Any] = {
    "path": str, "relation": str, "closer": str, "odds": float, "transform": Transform, "reasons": list[str], "format": str,
    "width_px": int, "height_px": int, "size_bytes": int, "sha256": str, "path_base64": str,
}  # fmt: skip
FIND_HEADINGS = ["is", "closer", "odds", "format", "size", "file"]
FIND_WIDTHS = [11, 8, 8, 6, 11, 4]
_CLOSER = {Closer.FILE.value: "this", Closer.PICTURE.value: "yours", None: "-"}


def find_record(found: FoundFile) -> Record:
    """The record of one file. `closer` is "file", "picture" (the picture that was asked for) or null if unknown."""
    return {
        "path": path_text(found.file.path), "relation": found.relation.value,
        "closer": None if found.closer is None else found.closer.value, "odds": found.odds,
        "transform": transform_record(found.transform),
        "reasons": list(found.reasons), "format": found.file.image_format, "width_px": found.look.width_px,
        "height_px": found.look.height_px, "size_bytes": found.file.size_bytes, "sha256": found.file.sha256,
        **path_bytes(found.file.path),
    }  # fmt: skip


def find_row(record: Record) -> list[str]:
    """The cells of a file in the table of FIND_HEADINGS."""
    reasons = f"  ({'; '.join(record['reasons'])})" if record["reasons"] else ""
    return [
        record["relation"], _CLOSER[record["closer"]], "-" if record["odds"] is None else percent(record["odds"]),
        record["format"], f"{record['width_px']} x {record['height_px']}", printable(record["path"] + reasons),
    ]  # fmt: skip


def remarks(result: FindResult) -> Iterator[str]:
    """Lines about the search, and about pictures that could not be searched."""
    yield f"related: {len(result.found):,} of {counted(result.n_searched, 'picture')}"
    if result.is_plain:
        yield "the picture is too plain or too small to be compared; only copies with equal pixels are found"
    if result.n_unseen:
        yield f"{counted(result.n_unseen, 'picture')} of the catalog never looked at, or broken; genloss scan looks at them"
    if result.n_unreadable:
        yield f"possibly related, but gone, changed or broken: {counted(result.n_unreadable, 'file')}; scan again"
