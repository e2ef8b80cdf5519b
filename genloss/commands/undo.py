"""`genloss undo`: brings back what `genloss apply` put away."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genloss.model.images.outputs import check_output
from genloss.options import Format, Output, choose_format

if TYPE_CHECKING:
    from genloss.records import Record

EXAMPLES = """genloss undo plan.jsonl.journal --dry-run
genloss undo plan.jsonl.journal"""


def undo(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="File that `genloss apply` wrote.", show_default=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Check everything, do nothing, print what would happen.")
    ] = False,
    format: Format = None,
    destination: Output = None,
) -> int:
    """Bring back every file that `genloss apply` put away, as it was: bytes, times, mode and attributes.

    No file is ever replaced: where another one has taken the name, both stay, and it says so. An undo that was
    interrupted or killed may be run again.
    """
    from genloss.archive.undo import undo_journal
    from genloss.archive_records import OUTCOME_COLUMNS, OUTCOME_HEADINGS, OUTCOME_WIDTHS, Tally, outcome_record, outcome_row
    from genloss.writers import TableWriter, record_writer, write_records

    check_output(destination, [journal])
    tally = Tally()

    def records() -> "Iterator[Record]":
        for outcome in undo_journal(journal, dry_run):
            tally.add(outcome)
            yield outcome_record(outcome)

    make = record_writer(
        choose_format(format, destination), OUTCOME_COLUMNS,
        lambda text: TableWriter(text, OUTCOME_HEADINGS, OUTCOME_WIDTHS, outcome_row),
    )  # fmt: skip
    try:
        return write_records(records(), make, destination)
    finally:  # also where an error or Ctrl-C ends it
        if tally or sys.exception() is None:
            print(f"genloss: {tally.sentence()}", file=sys.stderr)
