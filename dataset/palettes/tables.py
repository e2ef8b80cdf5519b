"""Reads and writes pictures.parquet and palettes.parquet of a set with shared palettes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import DatasetUnreadableError, ExtraMissingError
from genloss.model.files import open_atomically
from genloss.model.printable import storable

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    raise ExtraMissingError("a set with shared palettes", "audit", error) from error

PICTURES, PALETTES = "pictures.parquet", "palettes.parquet"


@dataclass(frozen=True)
class PictureRow:
    """Location and meaning of a picture's indices.

    Attributes:
        path: of the source file, below the source folder.
        label: name of the class.
        height_px, width_px: of the picture.
        palette: number of the picture's palette.
        offset: of the picture's first byte in the file of indices.
    """

    path: str
    label: str
    height_px: int
    width_px: int
    palette: int
    offset: int


def write_tables(out: Path, rows: Sequence[PictureRow], palettes: Sequence[NDArray[np.uint8]]) -> None:
    """Writes both tables; escapes names that are not UTF-8."""
    fields = list(PictureRow.__dataclass_fields__)
    columns = {name: [getattr(row, name) for row in rows] for name in fields}
    for name in ("path", "label"):
        columns[name] = [storable(text) for text in columns[name]]
    _write(out / PICTURES, pa.table(columns))
    colours = [palette.tobytes() for palette in palettes]
    _write(out / PALETTES, pa.table({"palette": list(range(len(palettes))), "colours": pa.array(colours, pa.binary())}))


def read_tables(folder: Path) -> tuple[list[PictureRow], list[NDArray[np.uint8]]]:
    """Reads the rows of all pictures, and the palettes, (K, 3) sRGB.

    Raises:
        DatasetUnreadableError: a table is missing, damaged, or has other columns.
    """
    try:
        rows = [PictureRow(**row) for row in pq.read_table(folder / PICTURES).to_pylist()]
        colours = pq.read_table(folder / PALETTES).column("colours").to_pylist()
        return rows, [np.frombuffer(one, np.uint8).reshape(-1, 3) for one in colours]
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetUnreadableError(f"{folder} holds no set with shared palettes ({error})") from error


def _write(path: Path, table: "pa.Table") -> None:
    with open_atomically(path) as stream:
        pq.write_table(table, stream)
