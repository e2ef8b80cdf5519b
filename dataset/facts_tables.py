"""facts.csv and facts.parquet: a row for each file, with all facts."""

import csv
import io
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from genloss.dataset.csv_cells import csv_cell
from genloss.dataset.file_facts import COLUMNS, FileFacts, as_row
from genloss.model.files import open_atomically
from genloss.model.printable import storable

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    pa = pq = None

SIDES = ("audited", "compared")
_ROWS_PER_GROUP = 10_000


class FactsTables:
    """Context manager that writes rows as they come. The files appear when the block ends; none appear if it raises.

    Args:
        out: folder of the audit.

    Attributes:
        has_parquet: whether pyarrow is installed; without it only the CSV is written.
    """

    def __init__(self, out: Path) -> None:
        self.has_parquet = pa is not None
        self._out = out
        self._files = ExitStack()
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> Self:
        stream = self._files.enter_context(open_atomically(self._out / "facts.csv"))
        self._text = io.TextIOWrapper(stream, "utf-8", errors="backslashreplace", newline="", write_through=False)
        self._csv = csv.writer(self._text, lineterminator="\n")
        self._csv.writerow(["set", *COLUMNS])
        if self.has_parquet:
            types = {int: pa.int64(), bool: pa.bool_(), str: pa.string()}
            columns = [(name, types.get(kind, pa.int64())) for name, kind in COLUMNS.items()]
            self._schema = pa.schema([("set", pa.string()), *columns])
            stream = self._files.enter_context(open_atomically(self._out / "facts.parquet"))
            self._parquet = pq.ParquetWriter(stream, self._schema)
        return self

    def add(self, side: int, facts: FileFacts) -> None:
        """Writes the row of a file. Bytes of a name that are not UTF-8 are escaped.

        Args:
            side: AUDITED or COMPARED.
            facts: of the file.
        """
        row = (SIDES[side], *as_row(facts))
        self._csv.writerow(map(csv_cell, row))
        if self.has_parquet:
            self._rows.append(row)
            if len(self._rows) == _ROWS_PER_GROUP:
                self._write_group()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self.has_parquet:
                if kind is None:
                    self._write_group()
                self._parquet.close()
            self._text.flush()
            self._text.detach()  # the exit stack closes the underlying file
        finally:
            self._files.__exit__(kind, error, trace)

    def _write_group(self) -> None:
        if self._rows:
            columns = [
                pa.array(map(storable, column) if field.type == pa.string() else column, field.type)
                for field, column in zip(self._schema, zip(*self._rows, strict=True), strict=True)
            ]
            self._parquet.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self._rows = []
