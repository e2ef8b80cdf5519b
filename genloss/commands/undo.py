"""`genloss undo`: brings back what `genloss apply` put away."""

from pathlib import Path
from typing import Annotated

import typer

from genloss.model.images.outputs import check_output
from genloss.options import Format, Output, choose_format

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
    from genloss.archive_records import write_outcomes

    check_output(destination, [journal])
    return write_outcomes(undo_journal(journal, dry_run), choose_format(format, destination), destination)
