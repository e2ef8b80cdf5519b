"""SQLite ledger of a datagen run: what is finished stays finished, whatever kills the process."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from model.errors import DatagenError


@dataclass(frozen=True)
class ChainRecord:
    """A finished chain, or the reason why there is none.

    Attributes:
        chain: index of the chain; its seed is (run seed, chain).
        source: path of the picture it came from, relative to the image folder.
        source_sha256: of the source file.
        split: "train", "validation" or "test"; the same for every chain of a source.
        versions: per version its path relative to the output folder, sha256, kind and recipe JSON.
        skipped: empty, or why the chain gave nothing.
    """

    chain: int
    source: str
    source_sha256: str
    split: str
    versions: tuple[dict[str, str], ...]
    skipped: str = ""


class Ledger:
    """Chains by index, written once each; opening it again resumes the run.

    Raises:
        DatagenError: the file is not a ledger, or was started with other arguments.
    """

    def __init__(self, path: Path, arguments: dict[str, str]) -> None:
        self._path = path
        try:
            self._connection = sqlite3.connect(path)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT)")
            self._connection.execute("CREATE TABLE IF NOT EXISTS chain (chain INTEGER PRIMARY KEY, record TEXT)")
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

    def finished(self) -> set[int]:
        """Indices of all chains already recorded, skipped ones included."""
        return {row[0] for row in self._connection.execute("SELECT chain FROM chain")}

    def add(self, record: ChainRecord) -> None:
        """Records a chain whose files are already on disk."""
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO chain VALUES (?, ?)", (record.chain, json.dumps(asdict(record))))

    def records(self) -> Iterator[ChainRecord]:
        """Every record in order of chain index."""
        for (text,) in self._connection.execute("SELECT record FROM chain ORDER BY chain"):
            document = json.loads(text)
            yield ChainRecord(**{**document, "versions": tuple(document["versions"])})

    def close(self) -> None:
        self._connection.close()
