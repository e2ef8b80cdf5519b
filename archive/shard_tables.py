"""Reads and writes a shard as Parquet: a row with the result of each item, by key."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from genloss.model.engines.shard_folder import damaged
from genloss.model.errors import ExtraMissingError, ImageError
from genloss.model.printable import storable

try:
    import pyarrow
    import pyarrow.parquet
except ImportError as error:
    raise ExtraMissingError("scanning in shards", "cluster", error) from error

SUFFIX = ".parquet"
_SCHEMA = pyarrow.schema(
    [
        pyarrow.field("key", pyarrow.string(), nullable=False),
        pyarrow.field("error", pyarrow.string()),
        pyarrow.field("message", pyarrow.string()),
        pyarrow.field("result", pyarrow.binary()),
    ]
)


@dataclass(frozen=True)
class Row:
    """Result of an item.

    Attributes:
        key: of the item.
        found: result of the stage, or the error.
    """

    key: str
    found: bytes | ImageError


def write_rows(rows: Sequence[Row]) -> bytes:
    """Serialises rows as Parquet; the same rows give the same bytes."""
    failed = [row.found if isinstance(row.found, ImageError) else None for row in rows]
    table = pyarrow.table(
        {
            "key": [row.key for row in rows],
            "error": [None if error is None else error.code for error in failed],
            "message": [None if error is None else storable(str(error)) for error in failed],
            "result": [row.found if isinstance(row.found, bytes) else None for row in rows],
        },
        schema=_SCHEMA,
    )
    stream = io.BytesIO()
    pyarrow.parquet.write_table(table, stream, compression="zstd", use_dictionary=False, write_statistics=False)
    return stream.getvalue()


def read_rows(data: bytes, name: str) -> list[Row]:
    """Reads the rows of a shard.

    Args:
        data: bytes from write_rows.
        name: of the shard, for the message.

    Raises:
        EngineError: the data are damaged, or no shard.
    """
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(data), schema=_SCHEMA)
    except (OSError, pyarrow.ArrowException) as error:
        raise damaged(name, error) from error
    return [Row(row["key"], _found(row["error"], row["message"], row["result"])) for row in table.to_pylist()]


def _found(code: str | None, message: str | None, result: bytes | None) -> bytes | ImageError:
    if code is None:
        return result or b""
    error = ImageError(message)
    error.code = code
    return error
