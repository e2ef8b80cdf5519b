"""A ranking for people to read: a table for each picture, odds in words only where they say nothing."""

import sys
from typing import TextIO

from genloss.records import Record
from genloss.tables import column_widths, error_line, percent, printable, table_line

HEADINGS = ["place", "closer than next", "file", "format"]
NOTE = "Odds: how likely a file is closer to the original than the next one. They compare versions of the same picture only."


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

    def write(self, record: Record) -> None:
        """Takes one record, in the order of the ranking."""
        if "error" in record:
            print(error_line(record), file=sys.stderr)
            return
        row = [str(record["place"]), _comparison(record), printable(record["path"]), record["claims"]]
        if self._with_decision:
            row.insert(1, _decision(record))
        self._pictures.setdefault(record["picture"], []).append(row)

    def close(self) -> None:
        """Prints a table for each picture."""
        if not self._pictures:
            return
        rows = [row for picture in self._pictures.values() for row in picture]
        widths = column_widths(self._headings, rows)
        n_pictures = len(self._pictures)
        if n_pictures > 1:
            self._stream.write(f"These files show {n_pictures} different pictures. Each is ranked by itself.\n")
        for number, picture in self._pictures.items():
            if n_pictures > 1:
                count = f"{len(picture)} files" if len(picture) > 1 else "1 file, nothing to compare it with"
                self._stream.write(f"\nPicture {number}: {count}\n")
            self._stream.writelines(table_line(row, widths) + "\n" for row in [self._headings, *picture])
        self._stream.flush()


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
