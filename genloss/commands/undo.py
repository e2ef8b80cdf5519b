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
        bool, typer.Option("--dry-run", "-n", help="Check everything and print what would happen; change nothing.")
    ] = False,
    format: Format = None,
    destination: Output = None,
) -> int:
    """Bring back the files that `genloss apply` put away.

    Each comes back with its bytes, times, mode and attributes. Undo never replaces a file. If another file has taken
    the name, both stay where they are, with a message. After an interruption, run the same command again.
    """
    from genloss.archive.undo import undo_journal
    from genloss.archive_records import write_outcomes

    check_output(destination, [journal])
    return write_outcomes(undo_journal(journal, dry_run), choose_format(format, destination), destination)
