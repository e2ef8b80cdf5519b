"""SQLite ledger of a datagen run: what is finished stays finished, whatever kills the process."""

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genloss.datagen.sources import Source
from genloss.model.errors import DatagenError


@dataclass(frozen=True)
class ChainRecord:
    """A finished chain, or the reason why there is none.

    Attributes:
        chain: index of the chain; its seed is (run seed, chain).
        source: path of the picture it came from, relative to the image folder.
        source_sha256: of the source file.
        split: "train", "validation" or "test"; the same for every chain of a source.
        versions: per version its path relative to the output folder, sha256, n_bytes, image_format,
            width_px, height_px, kind and recipe JSON.
        skipped: empty, or why the chain gave nothing.
    """

    chain: int
    source: str
    source_sha256: str
    split: str
    versions: tuple[dict[str, Any], ...]
    skipped: str = ""


class Ledger:
    """Sources by path and chains by index, written once each; opening it again resumes the run.

    Raises:
        DatagenError: the file is not a ledger, or was started with other arguments.
    """

    def __init__(self, path: Path, arguments: dict[str, str]) -> None:
        try:
            self._connection = sqlite3.connect(path)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            for table in ("run (key TEXT PRIMARY KEY, value TEXT)", "source (path BLOB PRIMARY KEY, record TEXT)",
                          "chain (chain INTEGER PRIMARY KEY, record TEXT)"):  # fmt: skip
                self._connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
            stored = dict(self._connection.execute("SELECT key, value FROM run"))
        except sqlite3.DatabaseError as error:
            raise DatagenError(f"{path} is not a ledger of make_pairs: {error}") from error
        for key, value in arguments.items():
            if stored and stored.get(key) != value:
                raise DatagenError(
                    f"{path.parent} holds a run with {key} = {stored.get(key)}, not {value}; "
                    "give the same arguments to resume it, or another --out"
                )
        with self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO run VALUES (?, ?)", arguments.items())

    def inspected(self) -> dict[str, Source]:
        """Every source already looked at, by path."""
        rows = self._connection.execute("SELECT record FROM source")
        return {source.path: source for source in (Source(**json.loads(text)) for (text,) in rows)}

    def add_sources(self, sources: list[Source]) -> None:
        """Records what was found in source files."""
        rows = [(os.fsencode(source.path), json.dumps(asdict(source))) for source in sources]
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO source VALUES (?, ?)", rows)

    def finished(self) -> set[int]:
        """Indices of all chains already recorded, skipped ones included."""
        return {row[0] for row in self._connection.execute("SELECT chain FROM chain")}

    def add(self, record: ChainRecord) -> None:
        """Records a chain whose files are already on disk."""
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO chain VALUES (?, ?)", (record.chain, json.dumps(asdict(record))))

    def records(self, n_chains: int) -> Iterator[ChainRecord]:
        """Records of the first n chains in order, one at a time."""
        for (text,) in self._connection.execute("SELECT record FROM chain WHERE chain < ? ORDER BY chain", (n_chains,)):
            yield _record(text)

    def close(self) -> None:
        self._connection.close()


def read_chain(path: Path, chain: int) -> tuple[ChainRecord, dict[str, str]]:
    """One chain of a ledger, and the arguments of its run; the ledger is left untouched.

    Raises:
        DatagenError: no ledger, or no such chain in it.
    """
    if not path.is_file():
        raise DatagenError(f"{path.parent} holds no run of make_pairs")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        row = connection.execute("SELECT record FROM chain WHERE chain = ?", (chain,)).fetchone()
        arguments = dict(connection.execute("SELECT key, value FROM run"))
        connection.close()
    except sqlite3.DatabaseError as error:
        raise DatagenError(f"{path} is not a ledger of make_pairs: {error}") from error
    if row is None:
        raise DatagenError(f"{path.parent} holds no chain {chain}")
    return _record(row[0]), arguments


def _record(text: str) -> ChainRecord:
    document = json.loads(text)
    return ChainRecord(**{**document, "versions": tuple(document["versions"])})
