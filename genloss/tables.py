"""Records for people: cells of a table, lines of text."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from genloss.model.printable import counted as counted
from genloss.model.printable import printable as printable
from genloss.records import Record

if TYPE_CHECKING:
    from genloss.model.scoring.evaluation import Evaluation

# The file comes last: its name may have any length, and nothing has to be measured before the first line is printed.
SCORE_HEADINGS = ["score", "format", "file"]
SCORE_WIDTHS = [6, 42, 4]


def score_row(record: Record) -> list[str]:
    """A scored file's cells in the table of SCORE_HEADINGS."""
    return [f"{record['generation_loss']:.4f}", record["claims"], printable(record["path"])]


def explained_text(record: Record) -> str:
    """A file's score and the reasons for (+) or against (-) it, on several lines."""
    lines = [f"{printable(record['path'])}: {record['generation_loss']:.4f}, {record['claims']}"]
    lines += [f"  {'-' if reason['against'] else '+'} {reason['text']}" for reason in record["reasons"]]
    return "\n".join(lines)


def error_line(record: Record) -> str:
    """A file that could not be scored, as one line."""
    return f"genloss: {printable(record['path'])}: {record['error']}: {printable(record['message'])}"


def print_evaluations(evaluations: "dict[str, Evaluation]", format: str) -> None:
    """Prints the accuracies of each method ("score", "rank"), as a table in percent or as JSON in shares."""
    if format == "json":
        print(json.dumps({name: asdict(one) for name, one in evaluations.items()}, indent=2))
        return
    first = next(iter(evaluations.values()))
    rows = [[printable(one.category), str(one.n_pairs), str(one.n_scored)] for one in first.categories]
    rows += [["macro mean", "", ""], ["all", str(first.n_pairs), str(first.n_scored)]]
    for evaluation in evaluations.values():
        shares = [*(one.accuracy for one in evaluation.categories), evaluation.macro, evaluation.accuracy]
        for row, share in zip(rows, shares, strict=True):
            row.append(f"{100 * share:.1f}")
    _print_table(["category", "pairs", "scored", *(f"by {name} %" for name in evaluations)], rows)


def _print_table(headings: list[str], rows: list[list[str]]) -> None:
    widths = column_widths(headings, rows)
    for row in [headings, *rows]:
        print(table_line(row, widths))


def cell_width(text: str) -> int:
    """Terminal cells that a text takes; a Chinese character takes two."""
    if text.isascii() and text.isprintable():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def column_widths(headings: list[str], rows: list[list[str]]) -> list[int]:
    """Terminal cells of the widest entry of each column."""
    return [max(cell_width(cell) for cell in column) for column in zip(headings, *rows, strict=True)]


def table_line(row: list[str], widths: list[int]) -> str:
    """Entries side by side; an entry that is too wide moves the next ones to the right."""
    return "  ".join(cell + " " * (width - cell_width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
