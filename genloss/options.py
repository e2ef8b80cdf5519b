"""Option types that several commands share, and the formats they print."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from genloss.early_start import FEW_FILES

CATALOG = Path("genloss.catalog")  # default file that scan writes, and that find and review read
# Suffix of an output file -> its format, which --format overrides.
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
    """The format to write: the requested format, else the format of the output's suffix, else a table."""
    if asked is not None:
        return asked.value
    return "table" if destination is None else FORMAT_OF_SUFFIX.get(destination.suffix.lower(), "table")


Files = Annotated[
    list[str] | None,
    typer.Argument(help="Pictures, folders (with their subfolders), or patterns such as '**/*.jpg'.", show_default=False),
]
FilesFrom = Annotated[
    str | None,
    typer.Option("--files-from", metavar="FILE", help="Also read names from FILE, one per line; - is standard input."),
]
Null = Annotated[
    bool, typer.Option("--null", "-0", help="Names in --files-from end with NUL (find -print0) instead of newline.")
]
FollowLinks = Annotated[
    bool, typer.Option("--follow-links", help="Also follow symbolic links inside folders. Named links are always followed.")
]
Format = Annotated[
    OutputFormat | None,
    typer.Option(
        "--format", "-f", help="Format of the result. [default: from the name of --output, else table]", show_default=False
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
        help="File to write instead of standard output (-). It never replaces an input or a picture.",
    ),
]
Sure = Annotated[
    float | None,
    typer.Option(
        "--sure",
        min=0.5,
        max=1.0,
        help="Put files away only at this probability that the kept file is closer. [default: from --rules, else 0.99]",
        show_default=False,
    ),
]
RulesFile = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="FILE", help="Rules in TOML: probability, protected and preferred folders.", show_default=False
    ),
]
BundleOption = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of a trained model to use instead of the bundled model.")
]
MaxPixels = Annotated[int, typer.Option("--max-pixels", min=64, help="Reject pictures with more pixels than this.")]
Isolated = Annotated[
    bool | None,
    typer.Option(
        "--isolated/--in-process",
        help=f"Decode in worker processes that are stopped at the deadline. [default: from {FEW_FILES + 1} files on]",
        show_default=False,
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="Work in shards, by threads, daft or ray://HOST:PORT. [default: processes of this machine, without shards]",
        show_default=False,
    ),
]
Shards = Annotated[
    str | None,
    typer.Option(
        "--shards",
        metavar="PLACE",
        help="Folder or URI of the shards, seen by every machine. [default: beside the catalog]",
        show_default=False,
    ),
]
IsolatedNew = Annotated[
    bool | None,
    typer.Option(
        "--isolated/--in-process",
        help="Decode in worker processes. [default: if more than a few files are new]",
        show_default=False,
    ),
]
Deadline = Annotated[float, typer.Option("--deadline", min=0.1, help="Most seconds for one file in a worker process.")]
