"""The place of shards: a folder that every machine sees at the same path, or a place in an object store."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genloss.model.errors import EngineError, ExtraMissingError
from genloss.model.files import write_atomically

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


# Object stores have no folders. Making them there leaves empty objects, and makes a bucket of a mistyped name.
_WITHOUT_FOLDERS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})


def damaged(shard: object, error: Exception) -> EngineError:
    """The error of a shard, given by name or path, that cannot be read as it was written."""
    return EngineError(f"the shard {shard} is damaged ({error}); remove it, and it is made again")


class ShardFolder:
    """Reads and writes files by name, each complete or absent. It can be pickled; each process opens it on first use.

    Two of one place are equal.

    Args:
        place: path of a folder, or a URI such as s3://bucket/shards; `fsspec+NAME://` uses any file system of fsspec.
        is_temporary: whether the folder goes with this process, so that its files need not survive a crash of the system.

    Raises:
        ExtraMissingError: an object store needs pyarrow, which is not installed.
        EngineError: the URI is of no known kind.
    """

    def __init__(self, place: str | Path, is_temporary: bool = False) -> None:
        self.place = str(place) if "://" in str(place) else os.path.abspath(place)
        self._is_temporary = is_temporary
        self._store: tuple[FileSystem, str] | None = None
        if self.is_store:
            self._open()

    @property
    def is_store(self) -> bool:
        """Whether it is an object store."""
        return "://" in self.place

    def names(self, folder: str) -> set[str]:
        """Names of all files directly in a folder, with the folder in front: `look-2/ab12`.

        Raises:
            EngineError: it cannot be listed.
        """
        with self._failing(self.place, "listed"):
            if not self.is_store:
                below = Path(self.place, folder)
                return {f"{folder}/{name}" for name in os.listdir(below)} if below.is_dir() else set()
            store, root, fs = *self._open(), _pyarrow_fs()
            entries = store.get_file_info(fs.FileSelector(f"{root}/{folder}", allow_not_found=True))
            return {f"{folder}/{entry.base_name}" for entry in entries if entry.is_file}

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            EngineError: it cannot be read.
        """
        with self._failing(f"{self.place}/{name}", "read"):
            if not self.is_store:
                return Path(self.place, name).read_bytes()
            store, root = self._open()
            with store.open_input_stream(f"{root}/{name}") as stream:
                return bytes(stream.read())

    def write(self, name: str, data: bytes) -> None:
        """Writes a file, whole or not at all.

        Raises:
            EngineError: it cannot be written.
        """
        with self._failing(f"{self.place}/{name}", "written"):
            if not self.is_store:
                path = Path(self.place, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                if self._is_temporary:  # waiting for the disk takes longer than pairing a few files
                    path.write_bytes(data)
                else:
                    write_atomically(path, data)
                return
            store, root = self._open()
            if self.place.removeprefix("fsspec+").partition("://")[0] not in _WITHOUT_FOLDERS:
                store.create_dir(f"{root}/{os.path.dirname(name)}")
            stream = store.open_output_stream(f"{root}/{name}")  # the object exists only once this is closed
            stream.write(data)
            stream.close()

    def remove(self, name: str) -> None:
        """Removes a file, so that it is made again.

        Raises:
            EngineError: it cannot be removed.
        """
        with self._failing(f"{self.place}/{name}", "removed"):
            if self.is_store:
                store, root = self._open()
                store.delete_file(f"{root}/{name}")
            else:
                Path(self.place, name).unlink(missing_ok=True)

    def clear(self, folder: str) -> None:
        """Removes a folder of shards that nobody needs any more.

        Raises:
            EngineError: an object store does not let it go.
        """
        if self.is_store:
            with self._failing(f"{self.place}/{folder}", "removed"):
                store, root = self._open()
                store.delete_dir_contents(f"{root}/{folder}", missing_dir_ok=True)
        else:
            shutil.rmtree(Path(self.place, folder), ignore_errors=True)
            with suppress(OSError):  # other stages have shards there
                os.rmdir(self.place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShardFolder) and other.place == self.place

    def __hash__(self) -> int:
        return hash(self.place)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_store": None}

    @contextmanager
    def _failing(self, what: str, done: str) -> Iterator[None]:
        """Turns errors into an EngineError: those of object stores have no common base class."""
        try:
            yield
        except EngineError:
            raise
        except OSError as error:
            raise EngineError(f"{what} cannot be {done}: {error.strerror or error}") from error
        except Exception as error:
            if not self.is_store:
                raise
            raise EngineError(f"{what} cannot be {done}: {error}") from error

    def _open(self) -> "tuple[FileSystem, str]":
        if self._store is None:
            open_store = _pyarrow_fs().FileSystem.from_uri
            try:
                self._store = open_store(self.place)
            except (ImportError, OSError, ValueError) as error:  # ImportError: fsspec or a package that it needs is missing
                raise EngineError(f"{self.place} cannot be opened: {error}") from error
        handler = getattr(self._store[0], "handler", None)
        if handler is not None:  # file systems of fsspec remember what they listed, and miss what other machines wrote since
            handler.fs.invalidate_cache()
        return self._store


def _pyarrow_fs() -> Any:
    try:
        import pyarrow.fs
    except ImportError as error:
        raise ExtraMissingError("shards in an object store", "cluster", error) from error
    return pyarrow.fs
