"""SQLite ledger of a datagen run. Finished records survive if the process is killed."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from genloss.datagen.sources import Source
from genloss.model.databases import RunDatabase, closed_if_refused, open_to_read
from genloss.model.errors import DatagenError


@dataclass(frozen=True)
class ChainRecord:
    """A finished chain, or the reason why there is none.

    Attributes:
        chain: index of the chain; its seed is (run seed, chain).
        source: path of the source picture, relative to the image folder.
        source_sha256: digest of the source file.
        split: "train", "validation" or "test"; the same for every chain of a source.
        versions: for each version its path relative to the output folder, sha256, n_bytes, image_format,
            width_px, height_px, kind and recipe JSON.
        skipped: "", or the reason why there is no chain.
    """

    noun: ClassVar[str] = "chain"
    command: ClassVar[str] = "make_pairs"

    chain: int
    source: str
    source_sha256: str
    split: str
    versions: tuple[dict[str, Any], ...]
    skipped: str = ""

    @property
    def index(self) -> int:
        return self.chain


@dataclass(frozen=True)
class FamilyRecord:
    """A finished family, or the reason why there is none.

    Attributes:
        family: index of the family; its seed is (run seed, family).
        source, source_sha256, split, versions, skipped: as of a chain.
        shape: how the family tree was drawn, a key of draw_family.SHAPE_WEIGHTS.
    """

    noun: ClassVar[str] = "family"
    command: ClassVar[str] = "make_families"

    family: int
    source: str
    source_sha256: str
    split: str
    versions: tuple[dict[str, Any], ...]
    skipped: str = ""
    shape: str = ""

    @property
    def index(self) -> int:
        return self.family


Record = TypeVar("Record", ChainRecord, FamilyRecord)


class Ledger(Generic[Record]):
    """Sources by path and records by index, each written once. Opening a ledger again resumes the run.

    Args:
        path: the file.
        arguments: all that the bytes of the run depend on.
        kind: kind of the records, which names the table.

    Attributes:
        arguments: as given.

    Raises:
        DatagenError: the file is not a ledger, or was started with other arguments.
        OutputError: here and from every method, the ledger cannot be written.
    """

    def __init__(self, path: Path, arguments: dict[str, str], kind: type[Record]) -> None:
        self._kind: type[Record] = kind
        self.arguments = arguments
        with closed_if_refused(RunDatabase(path)) as self._connection:
            self._prepare(path)

    def _prepare(self, path: Path) -> None:
        kind = self._kind
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT)")
            stored = dict(self._connection.execute("SELECT key, value FROM run"))
        except sqlite3.DatabaseError as error:
            raise DatagenError(f"{path} is not a ledger of {kind.command}: {error}") from error
        for key, value in self.arguments.items():
            if stored and stored.get(key) != value:
                raise DatagenError(
                    f"{path.parent} holds a run with {key} = {stored.get(key)}, not {value}; "
                    "give the same arguments to resume it, or another --out"
                )
        for table in (
            "source (path BLOB PRIMARY KEY, record TEXT)",
            f"{kind.noun} ({kind.noun} INTEGER PRIMARY KEY, record TEXT)",
        ):
            self._connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        with self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO run VALUES (?, ?)", self.arguments.items())

    def inspected(self) -> dict[str, Source]:
        """All inspected sources, by path."""
        rows = self._connection.execute("SELECT record FROM source")
        return {source.path: source for source in (Source(**json.loads(text)) for (text,) in rows)}

    def add_sources(self, sources: list[Source]) -> None:
        """Adds inspected sources."""
        rows = [(os.fsencode(source.path), json.dumps(asdict(source))) for source in sources]
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO source VALUES (?, ?)", rows)

    def finished(self) -> set[int]:
        """Indices of all records, with skipped ones."""
        return {row[0] for row in self._connection.execute(f"SELECT {self._kind.noun} FROM {self._kind.noun}")}

    def add(self, record: Record) -> None:
        """Adds a chain or a family whose files are on disk."""
        with self._connection:
            statement = f"INSERT OR REPLACE INTO {self._kind.noun} VALUES (?, ?)"
            self._connection.execute(statement, (record.index, json.dumps(asdict(record))))

    def records(self, n_records: int) -> Iterator[Record]:
        """The first n records in order, one at a time."""
        statement = f"SELECT record FROM {self._kind.noun} WHERE {self._kind.noun} < ? ORDER BY {self._kind.noun}"
        for (text,) in self._connection.execute(statement, (n_records,)):
            yield parse_record(json.loads(text), self._kind)

    def close(self) -> None:
        self._connection.close()


def read_record(path: Path, index: int, kind: type[Record]) -> tuple[Record, dict[str, str]]:
    """Reads one record and the arguments of the run, without changing the ledger.

    Raises:
        DatagenError: the file is no ledger of this kind, or has no such record.
    """
    if not path.is_file():
        raise DatagenError(f"{path.parent} holds no run of {kind.command}")
    try:
        with closing(open_to_read(path)) as connection:
            row = connection.execute(f"SELECT record FROM {kind.noun} WHERE {kind.noun} = ?", (index,)).fetchone()
            arguments = dict(connection.execute("SELECT key, value FROM run"))
    except sqlite3.DatabaseError as error:
        raise DatagenError(f"{path} is not a ledger of {kind.command}: {error}") from error
    if row is None:
        raise DatagenError(f"{path.parent} holds no {kind.noun} {index}")
    return parse_record(json.loads(row[0]), kind), arguments


def parse_record(document: dict[str, Any], kind: type[Record]) -> Record:
    """Makes a record from its fields, as JSON gives them."""
    return kind(**{**document, "versions": tuple(document["versions"])})
