"""`genloss audit`: how a data set is compressed, read from headers only."""

import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genloss.model.seeds import MOST_SEED
from genloss.options import ReportFormat
from genloss.remarks import say

EXAMPLES = """genloss audit photos/ --out audit
genloss audit train/ --out audit --group-by folder --compare validation/
genloss audit train/ --out audit --format json"""

_ROWS = ("format", "mode", "quality", "subsampling", "coding", "size", "false-name", "broken")
_MOST_VALUES = 3

if TYPE_CHECKING:
    from genloss.dataset.report_data import ReportData


class Grouping(StrEnum):
    folder = "folder"


def audit(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR", help="Folders of the data set, with their subfolders.")],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Folder for report.html, the table of facts, the profile and the lists of files."),
    ],
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="OTHER", help="Compare with a second set: its folder, or the --out of its audit."),
    ] = None,
    group_by: Annotated[
        Grouping | None, typer.Option("--group-by", help="Name the classes that are compressed differently from the others.")
    ] = None,
    map: Annotated[bool, typer.Option("--map/--no-map", help="Draw the map of subsampling, sizes and quality.")] = True,
    seed: Annotated[int, typer.Option("--seed", min=0, max=MOST_SEED, help="Random seed of the map.")] = 0,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print the summary.")] = ReportFormat.table,
) -> int:
    """Audit how a data set is compressed.

    The report has formats, sizes, JPEG qualities, subsampling and unusual files. It reads headers only. The same
    command resumes an interrupted audit; later it reads only new and changed files.
    """
    from genloss.dataset.audit import REPORT, AuditOptions
    from genloss.dataset.audit import audit as run_audit

    options = AuditOptions(folders, out, compare, group_by is not None, map, seed)
    data = run_audit(options, _watch)
    print(json.dumps(_document(data, out / REPORT), indent=2) if format is ReportFormat.json else _text(data, out / REPORT))
    n_unreadable: int = sum(counts["unreadable"] for counts in data.counts.get("broken", []))
    if n_unreadable:
        from genloss.tables import counted

        say(f"{counted(n_unreadable, 'file')} could not be read; the report lists them")
    return n_unreadable


def _watch(batches: Iterator[int], count: Callable[[], int], doing: str) -> Iterator[int]:
    from genloss.progress import progress

    return progress(batches, count, doing=doing, weigh=lambda n_files: n_files)


def _document(data: "ReportData", report: Path) -> dict[str, object]:
    """The summary for programs; all counts, by attribute and value."""
    sets = [
        {
            "name": view.name,
            "n_pictures": totals[0].count,
            "n_other_files": totals[1].count,
            "counts": {
                name: {str(value): count for value, count in one[place].most_common()} for name, one in data.counts.items()
            },
        }
        for place, (view, totals) in enumerate(zip(data.views, data.totals, strict=True))
    ]
    document: dict[str, object] = {"report": str(report), "sets": sets}
    if data.comparison:
        document["comparison"] = [
            {"name": line.name, "test": line.difference.test, "statistic": line.difference.statistic, "p": line.p,
             "effect": line.difference.effect, "words": line.words}
            for line in data.comparison
        ]  # fmt: skip
    if data.groups is not None:
        document["guessed_from_compression"] = {"right": data.groups.guess.right, "blind": data.groups.guess.blind}
        document["odd_classes"] = [
            {"folder": group.folder, "n_files": group.n_files, "differs_in": group.heading, "distance": group.distance,
             "p": group.p, "words": group.words}
            for group in data.groups.odd
        ]  # fmt: skip
    return document


def _text(data: "ReportData", report: Path) -> str:
    """The summary for people."""
    from genloss.tables import counted, printable

    lines = []
    for place, (view, (pictures, others)) in enumerate(zip(data.views, data.totals, strict=True)):
        also = f", {counted(others.count, 'other file')}" if others.count else ""
        lines.append(f"{printable(view.name)}: {counted(pictures.count, 'picture')}{also}")
        for name in _ROWS:
            counts = data.counts[name][place] if name in data.counts else None
            if counts:
                most = counts.most_common(_MOST_VALUES)
                texts = [f"{value} {100 * count / pictures.count:.1f} % ({count:,})" for value, count in most]
                rest = f", {len(counts) - len(most)} more" if len(counts) > len(most) else ""
                lines.append(f"  {name.replace('-', ' '):<12} {printable(', '.join(texts))}{rest}")
    lines += [f"{line.name}: {line.words}" for line in data.comparison]
    if data.groups is not None:
        guess = data.groups.guess
        lines.append(
            f"class guessed from compression alone: {100 * guess.right:.1f} % right, blindly {100 * guess.blind:.1f} %"
        )
        lines += [f"  {printable(group.folder)}: {group.words}" for group in data.groups.odd[:10]]
    return "\n".join([*lines, f"report: {printable(str(report))}"])
