"""Writes records as a Parquet file; the only module of this folder that needs pyarrow."""

from typing import Any, BinaryIO

from genloss.model.errors import ExtraMissingError, OutputError
from genloss.records import Record, Transform

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    raise ExtraMissingError("Parquet", "parquet", error) from error

ROWS_PER_GROUP = 10_000
_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_(), int | None: pa.int64(),
    float | None: pa.float64(), list[str]: pa.list_(pa.string()),
}  # fmt: skip
_TYPES[Transform] = pa.struct([(name, _TYPES[kind]) for name, kind in Transform.__annotations__.items()])


class ParquetWriter:
    """Writes rows in groups of ROWS_PER_GROUP; the file is valid once `close` has written its end.

    Raises:
        OutputError: the stream is a terminal.
    """

    def __init__(self, stream: BinaryIO, columns: dict[str, Any]) -> None:
        if stream.isatty():
            raise OutputError("Parquet is not for terminals; add --output FILE")
        self._schema = pa.schema([(name, _TYPES[kind]) for name, kind in columns.items()])
        self._stream = stream
        self._file = pq.ParquetWriter(stream, self._schema)
        self._rows: list[Record] = []

    def write(self, record: Record) -> None:
        self._rows.append(record)
        if len(self._rows) == ROWS_PER_GROUP:
            self._write_group()

    def close(self) -> None:
        if self._rows:
            self._write_group()
        self._file.close()
        self._stream.flush()

    def _write_group(self) -> None:
        self._file.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []
