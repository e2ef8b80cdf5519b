"""What a scan has learnt, in the catalog, keyed by content: a moved file stays known, and a killed scan goes on."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genloss.archive.catalog import Catalog, CatalogFile
from genloss.archive.local_words import NO_WORDS, LocalWords
from genloss.archive.look import LOOK_VERSION, Look, unpack, unpack_words
from genloss.archive.verify import VERIFY_VERSION, Around, Kind, PairRelation
from genloss.model.errors import ImageError
from genloss.model.pairs.genealogy import Descent
from genloss.model.pairs.placement import Placement

_COMMIT_SECONDS = 1.0
_RULED_OUT = -100 * VERIFY_VERSION - LOOK_VERSION  # in place of the version of a relation
_DESCENTS = "descents "  # before the key of the ranking that they belong to
BY_CHANCE = ("decode_timeout", "decode_crashed", "file_unreadable")  # tried again in the next scan


@dataclass(frozen=True)
class MadeFrom:
    """Where a content came from.

    Attributes:
        child, parent: sha256 of both.
        probability, direct, changes: as of genealogy.Descent.
        proof: sentence that proves it; None where it is only likely.
    """

    child: str
    parent: str
    probability: float
    direct: bool
    proof: str | None
    changes: tuple[str, ...]


class ScanStore:
    """Looks, relations and rankings of one catalog; what is added is committed about once a second.

    Args:
        catalog: open; its errors are sqlite3's, for the caller to guard.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._run = catalog.connection.execute
        self._committed = time.monotonic()

    def files_below(self, roots: Sequence[Path]) -> Iterator[CatalogFile]:
        """Files of the folders, whatever else the catalog holds."""
        for file in self._catalog.files():
            if any(root in file.path.parents for root in roots):
                yield file

    def known_looks(self) -> set[str]:
        """Contents that need not be decoded."""
        return {
            sha256 for sha256, error in self._run("SELECT sha256, error FROM looks WHERE version = ?", (LOOK_VERSION,))
            if error not in BY_CHANCE
        }  # fmt: skip

    def look(self, sha256: str, with_words: bool = True) -> Look | tuple[str, str]:
        """What was seen, or the code and message of why nothing was; without its words where they are not wanted yet."""
        row = self._run("SELECT error, message, look FROM looks WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None:
            return "file_unreadable", "gone before it was looked at"
        return unpack(row[2], with_words) if row[0] is None else (row[0], row[1])

    def words(self, sha256: str) -> LocalWords:
        """Local features of a content that was looked at."""
        row = self._run("SELECT look FROM looks WHERE sha256 = ?", (sha256,)).fetchone()
        return NO_WORDS if row is None or row[0] is None else unpack_words(row[0])

    def add_look(self, sha256: str, packed: bytes | ImageError) -> None:
        """Keeps what was seen."""
        row = (packed.code, _plain(str(packed)), None) if isinstance(packed, ImageError) else (None, None, packed)
        self._write("INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?, ?)", (sha256, LOOK_VERSION, *row))

    def relation(self, first: str, second: str) -> PairRelation | None:
        """What is known of two contents, in this order."""
        low, high = sorted((first, second))
        row = self._run(
            "SELECT relation FROM relations WHERE first = ? AND second = ? AND version = ?", (low, high, VERIFY_VERSION)
        ).fetchone()
        found = None if row is None else read_relation(row[0])
        return found if found is None or first == low else found.swapped

    def add_relation(self, first: str, second: str, relation: PairRelation) -> None:
        """Keeps what was found of two contents."""
        if first > second:
            first, second, relation = second, first, relation.swapped
        self._write(
            "INSERT OR REPLACE INTO relations VALUES (?, ?, ?, ?)",
            (first, second, VERIFY_VERSION, pack_relation(relation)),
        )

    def rule_out(self, first: str, second: str) -> None:
        """Keeps that the words of two contents do not agree, which were not laid on each other."""
        self._write("INSERT OR REPLACE INTO relations VALUES (?, ?, ?, '')", (*sorted((first, second)), _RULED_OUT))

    def is_ruled_out(self, first: str, second: str) -> bool:
        """Whether their words do not agree."""
        row = self._run(
            "SELECT version FROM relations WHERE first = ? AND second = ?", tuple(sorted((first, second)))
        ).fetchone()
        return row is not None and row[0] == _RULED_OUT

    def ranking(self, members: str, model: str) -> dict[str, float | None] | None:
        """Contents in order, and the odds that the first is closer than each; None where they were not ranked."""
        row = self._run("SELECT ranking FROM rankings WHERE members = ? AND model = ?", (members, model)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def add_ranking(self, members: str, model: str, ranking: dict[str, float | None]) -> None:
        """Keeps an order."""
        self._write("INSERT OR REPLACE INTO rankings VALUES (?, ?, ?)", (members, model, json.dumps(list(ranking.items()))))

    def add_descents(self, members: str, model: str, descents: Sequence[MadeFrom]) -> None:
        """Keeps, beside an order, what contents were made from."""
        text = json.dumps([asdict(row) for row in descents])
        self._write("INSERT OR REPLACE INTO rankings VALUES (?, ?, ?)", (_DESCENTS + members, model, text))

    def descents(self) -> dict[str, list[MadeFrom]]:
        """What is known of where contents came from, by their sha256; several where they were ranked among several."""
        found: dict[str, list[MadeFrom]] = {}
        for (text,) in self._run("SELECT ranking FROM rankings WHERE members LIKE ? ORDER BY members", (_DESCENTS + "%",)):
            for row in json.loads(text):
                found.setdefault(row["child"], []).append(read_made_from(row))
        return found

    def commit(self) -> None:
        """Makes what was written last."""
        if self._catalog.connection.in_transaction:
            self._run("COMMIT")
        self._committed = time.monotonic()

    def _write(self, statement: str, row: tuple[object, ...]) -> None:
        if not self._catalog.connection.in_transaction:
            self._run("BEGIN IMMEDIATE")
        self._run(statement, row)
        if time.monotonic() - self._committed > _COMMIT_SECONDS:
            self.commit()


def made_from(digests: Sequence[str], descents: Mapping[int, Descent]) -> list[MadeFrom]:
    """What contents were made from, by their sha256.

    Args:
        digests: of contents.
        descents: by positions of these.
    """
    return [
        MadeFrom(
            digests[child], digests[made.parent], made.probability, made.direct,
            None if made.proof is None else made.proof.sentence, made.changes,
        )
        for child, made in descents.items()
    ]  # fmt: skip


def read_made_from(row: dict[str, Any]) -> MadeFrom:
    """From the fields of one."""
    return MadeFrom(**{**row, "changes": tuple(row["changes"])})


def _plain(text: str) -> str:
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def pack_relation(relation: PairRelation) -> str:
    """As text for the catalog."""
    return json.dumps(asdict(relation))


def read_relation(text: str) -> PairRelation:
    """From the catalog's text."""
    fields = json.loads(text)
    placement = fields.pop("placement")
    if placement is not None:
        placement = Placement(**{**placement, "source": tuple(placement["source"]), "target": tuple(placement["target"])})
    fields["kind"] = Kind(fields["kind"])
    for side in ("around_first", "around_second"):
        fields[side] = Around(fields[side])
    return PairRelation(placement=placement, **fields)
