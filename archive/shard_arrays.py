"""Shards that are one array each, as .npy files: read whole, or mapped into memory where they lie."""

import io
import threading
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.engines.shard_folder import ShardFolder, damaged
from genloss.model.errors import EngineError

SUFFIX = ".npy"


def write_array(array: NDArray[Any]) -> bytes:
    """Serialises an array; the same array gives the same bytes."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def read_array(data: bytes, name: str) -> NDArray[Any]:
    """Reads the array of a shard.

    Args:
        data: bytes from write_array.
        name: of the shard, for the message.

    Raises:
        EngineError: the data are damaged, or no shard.
    """
    try:
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
    except (EOFError, ValueError) as error:
        raise damaged(name, error) from error


class MappedArrays:
    """The arrays of a folder by name, each mapped into memory when it is asked for, so that unused parts take none.

    An array in an object store is first copied into a temporary file without a name, which vanishes with this process.

    Args:
        folder: of all shards.
        below: the folder of the arrays in it.
    """

    def __init__(self, folder: ShardFolder, below: str) -> None:
        self._folder = folder
        self._below = below
        self._copies: dict[str, NDArray[Any]] = {}
        self._one_at_a_time = threading.Lock()

    def __call__(self, name: str) -> NDArray[Any]:
        """The array with this name, read-only.

        Raises:
            EngineError: it is missing, cannot be read, or is damaged.
        """
        path = f"{self._below}/{name}{SUFFIX}"
        if self._folder.is_store:
            with self._one_at_a_time:
                return self._map_copy(path)
        place = Path(self._folder.place, path)
        try:
            return np.asarray(np.load(place, mmap_mode="r", allow_pickle=False))
        except OSError as error:
            hint = "the shards must lie at one path on every machine"
            raise EngineError(f"{place} cannot be read: {error.strerror or error}; {hint}") from error
        except (EOFError, ValueError) as error:
            raise damaged(place, error) from error

    def _map_copy(self, path: str) -> NDArray[Any]:
        if path not in self._copies:
            data = self._folder.read(path)
            array = read_array(data, path)
            with TemporaryFile() as copy:
                copy.write(data)
                copy.flush()
                self._copies[path] = np.memmap(copy, array.dtype, "r", len(data) - array.nbytes, array.shape)
        return self._copies[path]
