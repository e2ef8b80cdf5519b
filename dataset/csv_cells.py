"""Rows of CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Sequence
from typing import Any

# OWASP, "CSV Injection".
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_row(cells: Sequence[Any]) -> str:
    """The cells as a line; None is empty, truth values are true and false."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow([_cell(cell) for cell in cells])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
