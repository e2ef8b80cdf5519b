"""A ranking for people to read: a table for each picture, with odds or, if they decide nothing, "cannot tell"."""

import shutil
import sys
from collections import Counter
from pathlib import PurePath
from statistics import median_low
from typing import TextIO

from rich.cells import cell_len, set_cell_size

from genloss.descents import changes_text, is_certain
from genloss.model.percent import percent
from genloss.records import Record
from genloss.tables import column_widths, error_line, printable, table_line

HEADINGS = ["place", "closer than next", "file", "format"]
NOTE = "Odds: how likely a file is closer to the original than the next one. They compare versions of the same picture only."
UNCHECKED = "That these files show one picture is your word; it was not checked."
MADE_FROM = "made from"
LEAST_WIDTH = 24  # least cells of the last column, even on a narrow terminal
# A name that is much longer than the others breaks the columns of its own line only, and does not widen the column.
LONG_NAME, MUCH_LONGER = 60, 1.5  # cells; times the median


class RankingTable:
    """Collects a ranking and prints it at the end; errors go to stderr, one line each.

    Args:
        stream: where to print.
        with_decision: whether to add a column that says what may be discarded.
    """

    def __init__(self, stream: TextIO, with_decision: bool) -> None:
        self._stream = stream
        self._headings = ["place", "keep?", *HEADINGS[1:]] if with_decision else HEADINGS
        self._with_decision = with_decision
        self._pictures: dict[int, list[list[str]]] = {}
        self._records: list[Record] = []

    def write(self, record: Record) -> None:
        """Takes one record, in the order of the ranking."""
        if "error" in record:
            print(error_line(record), file=sys.stderr)
            return
        row = [str(record["place"]), _comparison(record), printable(record["path"]), record["claims"]]
        if self._with_decision:
            row.insert(1, _decision(record))
        self._pictures.setdefault(record["picture"], []).append(row)
        self._records.append(record)

    def close(self) -> None:
        """Prints a table for each picture."""
        if not self._pictures:
            return
        rows = [row for picture in self._pictures.values() for row in picture]
        headings = self._headings
        widths = column_widths(headings, rows)
        names = headings.index("file")
        widths[names] = min(widths[names], _widest_name([cell_len(row[names]) for row in rows]))
        if any(record["parent"] for record in self._records):
            headings = [*headings, MADE_FROM]
            self._add_parents(rows, sum(widths) + 2 * len(widths))
            widths += column_widths([MADE_FROM], [row[-1:] for row in rows])
        self._write_tables(headings, widths)
        for record in self._records:
            self._write_remarks(record)
        self._stream.flush()

    def _write_tables(self, headings: list[str], widths: list[int]) -> None:
        n_pictures = len(self._pictures)
        if n_pictures > 1:
            self._stream.write(f"These files show {n_pictures} different pictures. Each is ranked by itself.\n")
        for number, picture in self._pictures.items():
            if n_pictures > 1:
                count = f"{len(picture)} files" if len(picture) > 1 else "1 file, nothing to compare it with"
                self._stream.write(f"\nPicture {number}: {count}\n")
            self._stream.writelines(table_line(row, widths) + "\n" for row in [headings, *picture])

    def _write_remarks(self, record: Record) -> None:
        name = printable(record["path"])
        if record["differs"]:
            self._stream.write(f"{name}: the pixels of {printable(record['same_as'])}, but {', '.join(record['differs'])}.\n")
        if record["rule"]:
            self._stream.write(f"{name} stands behind the first: {record['rule']}.\n")
        if record["holds_more"]:
            self._stream.write(f"Look before you discard {name}: {record['holds_more']}.\n")

    def _add_parents(self, rows: list[list[str]], left_cells: int) -> None:
        """Adds a last cell to each row: the version's parent and changes, cut off at the edge of a terminal."""
        names = Counter(PurePath(record["path"]).name for record in self._records)
        most = max(LEAST_WIDTH, shutil.get_terminal_size().columns - left_cells) if self._stream.isatty() else None
        for row, record in zip(rows, self._records, strict=True):
            text = "" if record["parent"] is None else _made_from(record, names)
            row.append(text if most is None or cell_len(text) <= most else set_cell_size(text, most - 1).rstrip() + "…")


def _widest_name(widths: list[int]) -> int:
    return round(max(LONG_NAME, MUCH_LONGER * median_low(widths)))


def _made_from(record: Record, names: Counter[str]) -> str:
    """The parent, without its folder if its name is unique, and the changes."""
    name = PurePath(record["parent"]).name
    perhaps = "" if is_certain(record["proof"], record["parent_probability"]) else "perhaps "
    return f"{perhaps}{printable(name if names[name] == 1 else record['parent'])}: {changes_text(record['changes'])}"


def _comparison(record: Record) -> str:
    if record.get("same"):
        return f"same {record['same']}"
    odds = record["probability_closer_than_next"]
    if odds is None:
        return ""
    return "cannot tell" if record["too_close_to_call"] else percent(odds)


def _decision(record: Record) -> str:
    if record["may_be_discarded"]:
        return "discard"
    return "keep" if record["place"] == 1 else "look"
