"""Output of `genloss apply` and `genloss undo`: a record for programs or a table row for people, one a file."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from genloss.archive.outcomes import Outcome, Result
from genloss.model.printable import storable
from genloss.records import Record, path_bytes, path_text
from genloss.remarks import say
from genloss.tables import printable
from genloss.writers import TableWriter, record_writer, write_records

OUTCOME_COLUMNS: dict[str, Any] = {
    "path": str, "result": str, "action": str, "kept": str, "target": str, "size_bytes": int, "sidecars": list[str],
    "why": str, "error": str, "message": str, "path_base64": str,
}  # fmt: skip
OUTCOME_HEADINGS = ["result", "action", "bytes", "file"]
OUTCOME_WIDTHS = [13, 10, 11, 4]


def outcome_record(outcome: Outcome) -> Record:
    """The record of one file. It has `error` if the action was refused, `why` if rules or odds left the file in place."""
    refused = outcome.result is Result.REFUSED
    code = (
        {}
        if outcome.code is None
        else {"error" if refused else "why": outcome.code, "message": storable(outcome.message or "")}
    )
    return {
        "path": path_text(outcome.path), "result": outcome.result.value, "action": outcome.kind.value,
        "kept": path_text(outcome.kept), "target": None if outcome.target is None else path_text(outcome.target),
        "size_bytes": outcome.size_bytes, "sidecars": [path_text(path) for path in outcome.sidecars], **code,
        **path_bytes(outcome.path),
    }  # fmt: skip


def outcome_row(record: Record) -> list[str]:
    """The cells of a file in the table of OUTCOME_HEADINGS."""
    note = f"  ({printable(record['message'])})" if "why" in record else ""
    return [record["result"], record["action"], f"{record['size_bytes']:,}", printable(record["path"]) + note]


class Tally:
    """Counts outcomes as they pass."""

    def __init__(self) -> None:
        self._counts: Counter[Result] = Counter()
        self._bytes: Counter[Result] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Counts one outcome."""
        self._counts[outcome.result] += 1
        self._bytes[outcome.result] += outcome.size_bytes

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __getitem__(self, result: Result) -> int:
        return self._counts[result]

    def sentence(self) -> str:
        """All counts in one line, such as "3 done (1,204 bytes), 1 refused"."""
        words = {result: result.value.replace("_", " ") for result in Result}
        parts = [
            f"{count:,} {words[result]} ({self._bytes[result]:,} bytes)" if result is not Result.LEFT else f"{count:,} left"
            for result, count in sorted(self._counts.items(), key=lambda pair: list(Result).index(pair[0]))
        ]
        return ", ".join(parts) or "nothing to do"


def write_outcomes(
    outcomes: Iterable[Outcome], format: str, destination: Path | None, advice: Callable[[Tally], str] = lambda tally: ""
) -> int:
    """Writes a record for each file as it is done, then a summary to stderr, even after Ctrl-C.

    Args:
        outcomes: from apply or undo, which act on a file only when its outcome is requested.
        format: from choose_format.
        destination: None for standard output.
        advice: makes the text that follows the summary.

    Returns:
        Number of refused files.
    """
    tally = Tally()

    def records() -> Iterator[Record]:
        for outcome in outcomes:
            tally.add(outcome)
            yield outcome_record(outcome)

    make = record_writer(format, OUTCOME_COLUMNS, lambda text: TableWriter(text, OUTCOME_HEADINGS, OUTCOME_WIDTHS, outcome_row))
    try:
        return write_records(records(), make, destination, finish_each=True)
    finally:  # also after an error or Ctrl-C
        if tally or sys.exception() is None:
            say(f"{tally.sentence()}{advice(tally)}")
