"""How results look: what a record holds, and what a person reads of it."""

import base64
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from model.errors import ImageError
from model.evaluation import Evaluation
from model.facts import Facts
from model.ranking import RankedVersion
from model.scorer import Score

Record = dict[str, Any]
SCORE_HEADINGS = ["score", "file", "claims to be"]
RANK_HEADINGS = ["place", "score", "closer than next", "file", "claims to be"]
Item = TypeVar("Item")


# Every record of a command has these columns, in this order, so that rows can be written before all are known.
SCORE_COLUMNS: dict[str, Any] = {
    "path": str, "generation_loss": float, **get_type_hints(Facts), "claims": str, "error": str, "message": str,
    "path_base64": str,
}  # fmt: skip
RANK_COLUMNS: dict[str, Any] = {
    "place": int, **SCORE_COLUMNS, "probability_closer_than_next": float, "too_close_to_call": bool
}  # fmt: skip


def score_record(path: Path, score: Score) -> Record:
    """One scored file: path, generation_loss, and every fact of the container."""
    return {
        "path": path_text(path), "generation_loss": score.generation_loss, **vars(score.facts),
        "claims": claims(score.facts), **_path_bytes(path),
    }  # fmt: skip


def error_record(path: Path, error: ImageError) -> Record:
    """One file that could not be scored: path, error (a stable code) and a message."""
    return {"path": path_text(path), "error": error.code, "message": str(error), **_path_bytes(path)}


def result_record(path: Path, result: Score | ImageError) -> Record:
    """Whichever of the two it is."""
    return error_record(path, result) if isinstance(result, ImageError) else score_record(path, result)


def ranked_record(path: Path, version: RankedVersion) -> Record:
    """One place of a ranking, with everything a scored file has."""
    return {
        "place": version.place,
        **score_record(path, version.score),
        "probability_closer_than_next": version.probability_closer_than_next,
        "too_close_to_call": version.too_close_to_call,
    }


def explained_record(path: Path, score: Score) -> Record:
    """One scored file and its reasons."""
    return {**score_record(path, score), "reasons": [asdict(reason) for reason in score.reasons or ()]}


def path_text(path: Path) -> str:
    """The path as text any reader takes; bytes that are not UTF-8 become \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _path_bytes(path: Path) -> Record:
    """The exact bytes of a name that is not UTF-8, for programs that have to find the file again."""
    name = os.fsencode(path)
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return {"path_base64": base64.b64encode(name).decode()}
    return {}


def claims(facts: Facts) -> str:
    """What the container says, in a few words: "JPEG 640x480, 81 kB, quality 85, 4:2:0"."""
    words = [f"{facts.image_format.upper()} {facts.width_px}x{facts.height_px}", _bytes(facts.n_bytes)]
    if facts.jpeg_quality is not None:
        words.append(f"quality {'' if facts.standard_table else 'about '}{facts.jpeg_quality}")
    if facts.sampling:
        words.append(facts.sampling)
    if facts.image_format == "webp":
        words.append("lossless" if facts.lossless else "lossy")
    if facts.n_frames > 1:
        words.append(f"first of {facts.n_frames} frames")
    return ", ".join(words)


def score_row(record: Record) -> list[str]:
    """A scored file's cells in the table of SCORE_HEADINGS."""
    return [f"{record['generation_loss']:.4f}", printable(record["path"]), record["claims"]]


def rank_row(record: Record) -> list[str]:
    """A ranked file's cells in the table of RANK_HEADINGS."""
    return [str(record["place"]), *score_row(record)[:1], _odds(record), *score_row(record)[1:]]


def explained_text(record: Record) -> str:
    """A file's score and what speaks for (+) or against (-) it, several lines."""
    lines = [f"{printable(record['path'])}: {record['generation_loss']:.4f}, {record['claims']}"]
    lines += [f"  {'-' if reason['against'] else '+'} {reason['text']}" for reason in record["reasons"]]
    return "\n".join(lines)


def error_line(record: Record) -> str:
    """A file that could not be scored, as one line."""
    return f"genloss: {printable(record['path'])}: {record['error']}: {printable(record['message'])}"


def print_evaluations(evaluations: dict[str, Evaluation], format: str) -> None:
    """Prints accuracies by what decided ("score", "rank"), as a table in percent, or as JSON in shares."""
    if format == "json":
        print(json.dumps({name: asdict(one) for name, one in evaluations.items()}, indent=2))
        return
    first = next(iter(evaluations.values()))
    rows = [[one.category, str(one.n_pairs), str(one.n_scored)] for one in first.categories]
    rows += [["macro mean", "", ""], ["all", str(first.n_pairs), str(first.n_scored)]]
    for evaluation in evaluations.values():
        shares = [*(one.accuracy for one in evaluation.categories), evaluation.macro, evaluation.accuracy]
        for row, share in zip(rows, shares, strict=True):
            row.append(f"{100 * share:.1f}")
    _print_table(["category", "pairs", "scored", *(f"by {name} %" for name in evaluations)], rows)


def progress(items: Iterable[Item], total: int | None = None) -> Iterator[Item]:
    """Passes items through behind a progress bar on stderr; only where stderr is a terminal and stdout is not.

    On a terminal the records themselves show the progress. The bar is gone at the end.
    """
    if not sys.stderr.isatty() or sys.stdout.isatty() or (total is not None and total < 20):
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("scoring"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("scoring", total=total)
        for item in items:
            yield item
            bar.advance(task)


def printable(text: str) -> str:
    """Text with control characters and undecodable bytes escaped, safe for any terminal and one line."""
    return "".join(
        character if unicodedata.category(character)[0] != "C" else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )


def _print_table(headings: list[str], rows: list[list[str]]) -> None:
    widths = column_widths(headings, rows)
    for row in [headings, *rows]:
        print(table_line(row, widths))


def column_widths(headings: list[str], rows: list[list[str]]) -> list[int]:
    """Characters of the widest cell of each column."""
    return [max(len(cell) for cell in column) for column in zip(headings, *rows, strict=True)]


def table_line(row: list[str], widths: list[int]) -> str:
    """Cells side by side; one that is too wide pushes the others aside."""
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _odds(record: Record) -> str:
    odds = record["probability_closer_than_next"]
    if odds is None:
        return ""
    return "too close to call" if record["too_close_to_call"] else f"{100 * min(odds, 0.999):.3g} %"


def _bytes(n_bytes: int) -> str:
    return f"{n_bytes} B" if n_bytes < 1000 else f"{n_bytes / 1000:.0f} kB" if n_bytes < 10**6 else f"{n_bytes / 10**6:.1f} MB"
