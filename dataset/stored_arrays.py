"""Reads arrays that an earlier run stored, so that it need not compute them again."""

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def read_stored(path: Path, names: Collection[str] = ()) -> dict[str, NDArray] | None:
    """The arrays of an NPZ file; None if it is missing or damaged. Then they are computed and stored again.

    Args:
        path: of the file.
        names: of arrays that must be there.
    """
    if not zipfile.is_zipfile(path):
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return None
    return arrays if set(names) <= set(arrays) else None
