"""Lists of the files behind each count of the report: a CSV with all, and a page with the first few hundred."""

import html
import os
import re
import shutil
from collections import Counter, defaultdict
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from genloss.dataset.csv_cells import csv_row
from genloss.dataset.file_facts import FileFacts
from genloss.model.files import errors_with_name
from genloss.model.printable import storable

FOLDER = "lists"
_ON_A_PAGE = 500
_BUFFER_LINES = 400
_COLUMNS = ("path", "format", "mode", "width_px", "height_px", "n_bytes", "jpeg_quality", "tables", "subsampling", "broken")
_cells_of = attrgetter(*_COLUMNS)
_PAGE_START = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:14px/1.45 system-ui,sans-serif;margin:1.5rem;color:#1f2933}}table{{border-collapse:collapse}}
td,th{{padding:.15rem .9rem .15rem 0;text-align:left;border-bottom:1px solid #eef0f2}}</style></head><body>
<p><a href="../report.html">Report</a></p><h1>{title}</h1>
<p>All of them: <a href="{name}.csv">{name}.csv</a>. This page shows at most {most}.</p>
<table><tr>{headings}</tr>
"""


class FileLists:
    """Sorts files into lists in one pass over the facts. Memory use does not depend on the number of files.

    Args:
        out: folder of the audit; removes earlier lists in it.
    """

    def __init__(self, out: Path) -> None:
        self._folder = out / FOLDER
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True)
        self._names: dict[tuple[str, Any], str] = {}
        self._taken: set[str] = set()
        self._buffers: defaultdict[str, list[str]] = defaultdict(list)
        self._on_page: Counter[str] = Counter()

    def want(self, attribute: str, value: Any, title: str) -> str:
        """Requests a list of the files with this value, before any call of `add`.

        Args:
            attribute: name of the attribute.
            value: value that the files share.
            title: heading of the page.

        Returns:
            Address of the list's page, relative to the report.
        """
        key = (attribute, value)
        if key not in self._names:
            name = _slug(f"{attribute}-{value}", self._taken)
            self._names[key] = name
            headings = "".join(f"<th>{column.replace('_', ' ')}</th>" for column in _COLUMNS)
            start = _PAGE_START.format(title=html.escape(title), name=name, most=_ON_A_PAGE, headings=headings)
            self._write(f"{name}.html", start)
            self._write(f"{name}.csv", csv_row(_COLUMNS))
        return f"{FOLDER}/{self._names[key]}.html"

    def add(self, values: dict[str, Any], facts: FileFacts) -> None:
        """Adds a file to all requested lists that it belongs to.

        Args:
            values: attribute -> value of the file.
            facts: of the file.
        """
        names = [self._names[key] for key in values.items() if key in self._names]
        if not names:
            return
        cells = _cells_of(facts)
        line = csv_row(cells)
        for name in names:
            self._write(f"{name}.csv", line)
            if self._on_page[name] < _ON_A_PAGE:
                self._on_page[name] += 1
                self._write(f"{name}.html", _page_row(cells))

    def close(self) -> None:
        """Writes the remaining lines and the ends of the pages."""
        for name in self._names.values():
            self._write(f"{name}.html", "</table></body></html>\n")
        for name in list(self._buffers):
            self._flush(name)

    def _write(self, name: str, text: str) -> None:
        buffer = self._buffers[name]
        buffer.append(text)
        if len(buffer) == _BUFFER_LINES:
            self._flush(name)

    def _flush(self, name: str) -> None:
        path = self._folder / name
        with errors_with_name(path), open(path, "a", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            stream.writelines(self._buffers.pop(name, []))


def file_address(path: str) -> str:
    """file: URL of a path. Browsers open it from a page on the same disk."""
    return "file://" + quote(os.fsencode(os.path.abspath(path)))


def _page_row(cells: tuple[Any, ...]) -> str:
    link = f'<td><a href="{file_address(cells[0])}">{html.escape(storable(cells[0]))}</a></td>'
    return (
        "<tr>" + link + "".join(f"<td>{'' if cell is None else html.escape(str(cell))}</td>" for cell in cells[1:]) + "</tr>\n"
    )


def _slug(text: str, taken: set[str]) -> str:
    """A unique file name for a list, without suffix; adds it to `taken`."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "list"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name
