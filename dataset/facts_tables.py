"""facts.csv and facts.parquet: all facts of all files, a row each."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from genloss.dataset.csv_cells import csv_row
from genloss.dataset.file_facts import COLUMNS, FileFacts, as_row
from genloss.model.files import open_atomically

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    pa = pq = None

_ROWS_PER_GROUP = 20_000
SIDES = ("audited", "compared")


class FactsTables:
    """Rows written as they come; the files appear when the block ends, and not at all when it raises.

    Args:
        out: folder of the audit.

    Attributes:
        has_parquet: whether pyarrow is installed; without it there is the CSV only.
    """

    def __init__(self, out: Path) -> None:
        self.has_parquet = pa is not None
        self._csv = open_atomically(out / "facts.csv")
        self._parquet = open_atomically(out / "facts.parquet") if self.has_parquet else None
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._stream = self._csv.__enter__()
        self._stream.write(csv_row(["set", *COLUMNS]).encode())
        if self._parquet is not None:
            types = {int: pa.int64(), bool: pa.bool_(), str: pa.string()}
            columns = [(name, types.get(kind, pa.int64())) for name, kind in COLUMNS.items()]
            self._schema = pa.schema([("set", pa.string()), *columns])
            self._writer = pq.ParquetWriter(self._parquet.__enter__(), self._schema)
        return self

    def add(self, side: int, facts: FileFacts) -> None:
        """One file; in names that are not UTF-8 the odd bytes are escaped."""
        row = as_row(facts)
        self._stream.write(csv_row([SIDES[side], *row]).encode("utf-8", "backslashreplace"))
        if self._parquet is not None:
            texts = {name: _text(value) for name, value in zip(COLUMNS, row, strict=True)}
            self._rows.append({"set": SIDES[side], **texts})
            if len(self._rows) == _ROWS_PER_GROUP:
                self._write_group()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._parquet is not None:
            if kind is None:
                self._write_group()
            self._writer.close()
            self._parquet.__exit__(kind, error, trace)
        self._csv.__exit__(kind, error, trace)

    def _write_group(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def _text(value: Any) -> Any:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
