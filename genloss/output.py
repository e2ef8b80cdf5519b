"""How results look: records as dictionaries, and tables, JSON, JSON Lines or CSV on standard output."""

import csv
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from model.errors import ImageError
from model.evaluation import Evaluation
from model.facts import Facts
from model.ranking import RankedVersion
from model.reasons import Reason
from model.scorer import Score

Record = dict[str, Any]
Item = TypeVar("Item")


def score_record(path: Path, score: Score) -> Record:
    """One scored file: path, generation_loss, and every fact of the container."""
    return {"path": str(path), "generation_loss": score.generation_loss, **asdict(score.facts), "claims": claims(score.facts)}


def error_record(path: Path, error: ImageError) -> Record:
    """One file that could not be scored: path, error (a stable code) and a message."""
    return {"path": str(path), "error": error.code, "message": str(error)}


def ranked_record(path: Path, version: RankedVersion) -> Record:
    """One place of a ranking, with everything a scored file has."""
    return {
        "place": version.place,
        **score_record(path, version.score),
        "probability_closer_than_next": version.probability_closer_than_next,
        "too_close_to_call": version.too_close_to_call,
    }


def explained_record(path: Path, score: Score, reasons: Sequence[Reason]) -> Record:
    """One scored file and its reasons."""
    return {**score_record(path, score), "reasons": [asdict(reason) for reason in reasons]}


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


def print_scores(records: Sequence[Record], format: str) -> None:
    """Prints scored and failed files in their order."""
    if format != "table":
        _print_records(records, format)
        return
    rows = [[f"{one['generation_loss']:.4f}", printable(one["path"]), one["claims"]] for one in records if "error" not in one]
    _print_table(["score", "file", "claims to be"], rows)
    _print_errors([one for one in records if "error" in one])


def print_ranking(records: Sequence[Record], errors: Sequence[Record], format: str) -> None:
    """Prints a ranking, best first, then the files that failed."""
    if format != "table":
        _print_records([*records, *errors], format)
        return
    rows = [
        [str(one["place"]), f"{one['generation_loss']:.4f}", _odds(one), printable(one["path"]), one["claims"]]
        for one in records
    ]
    _print_table(["place", "score", "closer than next", "file", "claims to be"], rows)
    _print_errors(errors)


def print_reasons(records: Sequence[Record], format: str) -> None:
    """Prints each file's score and what speaks for (+) or against (-) it."""
    if format != "text":
        _print_records(records, format)
        return
    for one in records:
        if "error" not in one:
            print(f"{printable(one['path'])}: {one['generation_loss']:.4f}, {one['claims']}")
            for reason in one["reasons"]:
                print(f"  {'-' if reason['against'] else '+'} {reason['text']}")
    _print_errors([one for one in records if "error" in one])


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


def progress(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Passes items through behind a progress bar on stderr, shown on terminals only and gone at the end."""
    if not sys.stderr.isatty() or total < 20:
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, "scoring", total=total, console=Console(stderr=True), transient=True)


def printable(text: str) -> str:
    """Text with control characters and undecodable bytes escaped, safe for any terminal and one line."""
    return "".join(
        character if unicodedata.category(character)[0] != "C" else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )


def _print_records(records: Sequence[Record], format: str) -> None:
    if format == "json":
        print(json.dumps(list(records), indent=2))
    elif format == "jsonl":
        for record in records:
            print(json.dumps(record))
    else:
        names = list(dict.fromkeys(name for record in records for name in record)) or ["path"]
        writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def _print_errors(records: Sequence[Record]) -> None:
    sys.stdout.flush()
    for one in records:
        print(f"genloss: {printable(one['path'])}: {one['error']}: {printable(one['message'])}", file=sys.stderr)


def _print_table(headings: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(headings, *rows, strict=True)]
    for row in [headings, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _odds(record: Record) -> str:
    odds = record["probability_closer_than_next"]
    if odds is None:
        return ""
    return "too close to call" if record["too_close_to_call"] else f"{100 * min(odds, 0.999):.3g} %"


def _bytes(n_bytes: int) -> str:
    return f"{n_bytes} B" if n_bytes < 1000 else f"{n_bytes / 1000:.0f} kB" if n_bytes < 10**6 else f"{n_bytes / 10**6:.1f} MB"
