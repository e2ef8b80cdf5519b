"""Printed tables as data. docs/about/results.json keeps each with its command, bundle, date and machine."""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from genloss.model.files import write_atomically

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs/about/results.json"
_MARKED = re.compile(r"(<!-- results:([\w-]+) -->)\n.*?(<!-- /results -->)", re.DOTALL)


@dataclass(frozen=True)
class Origin:
    """Where a figure comes from.

    Attributes:
        command: the command that prints it; DIR stands for folders of private pictures.
        bundle: version of the measured model; "" if the figure needs no model.
        date: of the run, as 2026-11-27.
        machine: in words.
    """

    command: str
    bundle: str
    date: str
    machine: str


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes:
        cells: printed text by column; the first column is the name.
        origin: of this row, if its command is not that of the table; else None.
    """

    cells: dict[str, str]
    origin: Origin | None = None


@dataclass(frozen=True)
class Table:
    """A table, or lines of plain text if the command prints no Markdown.

    Attributes:
        origin: of all rows without their own.
        rows: all with the same columns, in order.
        text: the lines, if there are no rows.
    """

    origin: Origin
    rows: tuple[Row, ...] = ()
    text: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Markdown for a document, without an empty line at either end."""
        if not self.rows:
            return "\n".join(f"    {line}".rstrip() for line in self.text)
        columns = list(self.rows[0].cells)
        lines = [columns, *([row.cells[name] for name in columns] for row in self.rows)]
        # GitHub's form of an empty cell is one space.
        written = ["|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|" for line in lines]
        return "\n".join([written[0], "|" + "---|" * len(columns), *written[1:]])


def read_results(path: Path = RESULTS) -> dict[str, Table]:
    """Tables by name; empty if the file is missing."""
    if not path.exists():
        return {}
    return {name: _table(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}


def write_results(tables: dict[str, Table], path: Path = RESULTS) -> None:
    """Replaces the file; tables are sorted by name."""
    document = {}
    for name, table in sorted(tables.items()):
        rows = [row.cells if row.origin is None else {**row.cells, "origin": asdict(row.origin)} for row in table.rows]
        document[name] = {**asdict(table.origin), **({"rows": rows} if rows else {"text": table.text})}
    write_atomically(path, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())


def record(name: str, tables: Sequence[Table], path: Path = RESULTS) -> None:
    """Records tables as NAME, NAME-2 and so on, replacing earlier ones of this name; other tables stay."""
    kept = {key: table for key, table in read_results(path).items() if not re.fullmatch(rf"{re.escape(name)}(-\d+)?", key)}
    names = (name if index == 1 else f"{name}-{index}" for index in range(1, len(tables) + 1))
    write_results({**kept, **dict(zip(names, tables, strict=True))}, path)


def printed_tables(lines: Iterable[str], origin: Origin) -> list[Table]:
    """The Markdown tables among printed lines; without any table, all lines as text.

    Raises:
        ValueError: two columns of a table have the same name.
    """
    lines = list(lines)
    tables, rows = [], []
    for line in [*lines, ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif rows:
            header, body = rows[0], rows[2:]
            if len(set(header)) < len(header):
                raise ValueError(f"two columns have one name: {header}")
            tables.append(Table(origin, tuple(Row(dict(zip(header, cells, strict=True))) for cells in body)))
            rows = []
    return tables or [Table(origin, text=tuple(line.rstrip() for line in lines))]


def fill(text: str, tables: dict[str, Table]) -> str:
    """A document with the tables between its markers replaced.

    Raises:
        KeyError: a marker names a table that was never recorded.
    """
    return _MARKED.sub(lambda found: f"{found[1]}\n\n{tables[found[2]].markdown()}\n\n{found[3]}", text)


def marked_documents(root: Path = ROOT) -> Iterator[Path]:
    """Those of README.md and the documents in docs/ that have markers."""
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        if _MARKED.search(page.read_text(encoding="utf-8")):
            yield page


def this_run(command: str, bundle: str) -> Origin:
    """The origin of figures printed today on this machine."""
    machine = f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return Origin(command, bundle, datetime.date.today().isoformat(), machine)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _table(value: dict) -> Table:
    origin = Origin(value["command"], value["bundle"], value["date"], value["machine"])
    rows = []
    for cells in value.get("rows", ()):
        own = cells.pop("origin", None)
        rows.append(Row(cells, None if own is None else Origin(**own)))
    return Table(origin, tuple(rows), tuple(value.get("text", ())))
