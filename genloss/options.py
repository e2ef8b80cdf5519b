"""Option types that several commands share, and the formats they print."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from genloss.batch import FEW_FILES

CATALOG = Path("genloss.catalog")  # that scan writes, find and review read, unless told otherwise
# Suffix of an output file -> the format it is written in unless --format says otherwise.
FORMAT_OF_SUFFIX = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}


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


def choose_format(asked: OutputFormat | None, destination: Path | None) -> str:
    """The format to write: as asked, else as the output file is called, else a table."""
    if asked is not None:
        return asked.value
    return "table" if destination is None else FORMAT_OF_SUFFIX.get(destination.suffix.lower(), "table")


Files = Annotated[
    list[str] | None,
    typer.Argument(help="Pictures, folders (with all below them), or patterns such as '**/*.jpg'.", show_default=False),
]
FilesFrom = Annotated[
    str | None, typer.Option("--files-from", metavar="FILE", help="Also take the names listed in FILE, one a line; - is stdin.")
]
Null = Annotated[bool, typer.Option("--null", "-0", help="Names in --files-from end with NUL (find -print0), not newline.")]
FollowLinks = Annotated[
    bool, typer.Option("--follow-links", help="Also follow symbolic links met in folders; named ones are always followed.")
]
Format = Annotated[
    OutputFormat | None,
    typer.Option(
        "--format", "-f", help="How to print the result. [default: by the name of --output, else table]", show_default=False
    ),
]


def _no_dash(path: Path | None) -> Path | None:
    return None if path == Path("-") else path


Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        callback=_no_dash,
        help="File to write to instead of standard output (-); never one that is an input or a picture.",
    ),
]
Sure = Annotated[
    float | None,
    typer.Option(
        "--sure",
        min=0.5,
        max=1.0,
        help="Least odds that the kept file is closer to the original. [default: of the rules, 0.99]",
        show_default=False,
    ),
]
RulesFile = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="Rules in TOML: odds, protected and preferred folders.", show_default=False),
]
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
IsolatedNew = Annotated[
    bool | None,
    typer.Option(
        "--isolated/--in-process",
        help="Decode in worker processes; by default where more than a few files are new.",
        show_default=False,
    ),
]
Deadline = Annotated[float, typer.Option("--deadline", min=0.1, help="Seconds for one file in a worker process.")]
