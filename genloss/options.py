"""Option types that several commands share, and the formats they print."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from genloss.batch import FEW_FILES

WARNING = "Lower is closer to the original. Scores compare versions of the same picture only."


class OutputFormat(StrEnum):
    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class ExplainFormat(StrEnum):
    text = "text"
    json = "json"
    jsonl = "jsonl"


class ReportFormat(StrEnum):
    table = "table"
    json = "json"


Files = Annotated[
    list[str] | None,
    typer.Argument(help="Pictures, folders (with all below them), or patterns such as '**/*.jpg'.", show_default=False),
]
FilesFrom = Annotated[
    str | None, typer.Option("--files-from", metavar="FILE", help="Also take the names listed in FILE, one a line; - is stdin.")
]
Null = Annotated[bool, typer.Option("--null", "-0", help="Names in --files-from end with NUL (find -print0), not newline.")]
FollowLinks = Annotated[bool, typer.Option("--follow-links", help="Read what symbolic links point to; refused without it.")]
Format = Annotated[OutputFormat, typer.Option("--format", "-f", help="How to print the result.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write to instead of standard output.")]
BundleOption = Annotated[Path | None, typer.Option("--bundle", help="Trained model to use instead of the shipped one.")]
MaxPixels = Annotated[int, typer.Option("--max-pixels", min=64, help="Refuse pictures with more pixels than this.")]
Isolated = Annotated[
    bool | None,
    typer.Option(
        "--isolated/--in-process",
        help=f"Decode in worker processes that are killed at the deadline; by default from {FEW_FILES + 1} files on.",
        show_default=False,
    ),
]
Deadline = Annotated[float, typer.Option("--deadline", min=0.1, help="Seconds for one file in a worker process.")]
