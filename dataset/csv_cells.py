"""CSV rows without cells that a spreadsheet would run as formulas."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from genloss.model.printable import neutralised, storable


def csv_row(cells: Sequence[Any]) -> str:
    """The cells as a line of CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(map(csv_cell, cells))
    return stream.getvalue()


def csv_cell(value: Any) -> Any:
    """A cell for csv.writer.

    None is empty, booleans are true and false. Bytes of names that are not UTF-8 are escaped, and text that looks like a
    formula is quoted.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutralised(storable(value)) if isinstance(value, str) else value
