"""Stores the results of scans in the catalog, by content: a moved file stays known, and a killed scan can resume."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from genloss.archive.catalog import Catalog, CatalogFile
from genloss.archive.local_words import NO_WORDS, LocalWords
from genloss.archive.look import LOOK_VERSION, Look, unpack, unpack_words
from genloss.archive.verify import VERIFY_VERSION, Kind, PairRelation
from genloss.model.errors import CatalogError, ImageError
from genloss.model.pairs.genealogy import Descent
from genloss.model.pairs.placement import Placement
from genloss.model.pairs.surroundings import Around
from genloss.model.printable import storable

_COMMIT_SECONDS = 1.0
_RULED_OUT = -100 * VERIFY_VERSION - LOOK_VERSION  # marker in the version column of relations
_DESCENTS = "descents "  # prefix to the key of the ranking with the same members
BY_CHANCE = ("decode_timeout", "decode_crashed", "file_unreadable")  # error codes that may not come again
_TRIED_AGAIN = (*BY_CHANCE, "image_too_large")  # the next scan may allow more pixels


@dataclass(frozen=True)
class MadeFrom:
    """The parent of a content.

    Attributes:
        child, parent: sha256 of both contents.
        probability, direct, changes: as of genealogy.Descent.
        proof: sentence with the proof; None if the descent is only probable.
    """

    child: str
    parent: str
    probability: float
    direct: bool
    proof: str | None
    changes: tuple[str, ...]


class ScanStore:
    """Looks, relations and rankings of a catalog; additions are committed about once a second.

    Args:
        catalog: open; its sqlite3 errors reach the caller, who guards against them.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._run = catalog.connection.execute
        self._committed = time.monotonic()

    @property
    def folder(self) -> Path:
        """The folder of the catalog."""
        return self._catalog.path.absolute().parent

    def files_below(self, roots: Sequence[Path]) -> Iterator[CatalogFile]:
        """Yields the files of the catalog that lie below the folders."""
        for file in self._catalog.files():
            if any(root in file.path.parents for root in roots):
                yield file

    def known_looks(self) -> set[str]:
        """The sha256 of all contents that need not be decoded again."""
        return {
            sha256 for sha256, error in self._run("SELECT sha256, error FROM looks WHERE version = ?", (LOOK_VERSION,))
            if error not in _TRIED_AGAIN
        }  # fmt: skip

    def look(self, sha256: str, with_words: bool = True) -> Look | tuple[str, str]:
        """The look of a content, or the code and message of the error. With with_words=False, the look has no words."""
        row = self._run("SELECT error, message, look FROM looks WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None:
            return "file_unreadable", "gone before it was looked at"
        if row[0] is not None:
            return row[0], row[1]
        with self._removing_damage("looks WHERE sha256 = ?", sha256):
            return unpack(row[2], with_words)

    def words(self, sha256: str) -> LocalWords:
        """The local features of a content; NO_WORDS if the content has no look."""
        row = self._run("SELECT look FROM looks WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None or row[0] is None:
            return NO_WORDS
        with self._removing_damage("looks WHERE sha256 = ?", sha256):
            return unpack_words(row[0])

    def add_look(self, sha256: str, packed: bytes | ImageError) -> None:
        """Stores the packed look of a content, or the error."""
        row = (packed.code, storable(str(packed)), None) if isinstance(packed, ImageError) else (None, None, packed)
        self._write("INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?, ?)", (sha256, LOOK_VERSION, *row))

    def relation(self, first: str, second: str) -> PairRelation | None:
        """The stored relation of the first content to the second; None if unknown."""
        low, high = sorted((first, second))
        row = self._run(
            "SELECT relation FROM relations WHERE first = ? AND second = ? AND version = ?", (low, high, VERIFY_VERSION)
        ).fetchone()
        if row is None:
            return None
        with self._removing_damage("relations WHERE first = ? AND second = ?", low, high):
            found = read_relation(row[0])
        return found if first == low else found.swapped

    def add_relation(self, first: str, second: str, relation: PairRelation) -> None:
        """Stores the relation of the first content to the second."""
        if first > second:
            first, second, relation = second, first, relation.swapped
        self._write(
            "INSERT OR REPLACE INTO relations VALUES (?, ?, ?, ?)",
            (first, second, VERIFY_VERSION, pack_relation(relation)),
        )

    def rule_out(self, first: str, second: str) -> None:
        """Stores that the words of two contents do not agree; the two were not aligned."""
        self._write("INSERT OR REPLACE INTO relations VALUES (?, ?, ?, '')", (*sorted((first, second)), _RULED_OUT))

    def is_ruled_out(self, first: str, second: str) -> bool:
        """Whether rule_out was called for two contents."""
        row = self._run(
            "SELECT version FROM relations WHERE first = ? AND second = ?", tuple(sorted((first, second)))
        ).fetchone()
        return row is not None and row[0] == _RULED_OUT

    def ranking(self, members: str, model: str) -> dict[str, float | None] | None:
        """The ranked contents, each with the odds that the first is closer to the original; None if they were not ranked."""
        row = self._run("SELECT ranking FROM rankings WHERE members = ? AND model = ?", (members, model)).fetchone()
        if row is None:
            return None
        with self._removing_damage("rankings WHERE members = ? AND model = ?", members, model):
            return dict(json.loads(row[0]))

    def add_ranking(self, members: str, model: str, ranking: dict[str, float | None]) -> None:
        """Stores a ranking."""
        self._write("INSERT OR REPLACE INTO rankings VALUES (?, ?, ?)", (members, model, json.dumps(list(ranking.items()))))

    def add_descents(self, members: str, model: str, descents: Sequence[MadeFrom]) -> None:
        """Stores the parents of contents, beside the ranking of the same members."""
        text = json.dumps([asdict(row) for row in descents])
        self._write("INSERT OR REPLACE INTO rankings VALUES (?, ?, ?)", (_DESCENTS + members, model, text))

    def descents(self) -> dict[str, list[MadeFrom]]:
        """The known parents of contents, by sha256 of the child; a child has several if it was ranked in several groups."""
        found: dict[str, list[MadeFrom]] = {}
        rows = self._run(
            "SELECT members, model, ranking FROM rankings WHERE members LIKE ? ORDER BY members", (_DESCENTS + "%",)
        ).fetchall()
        for members, model, text in rows:
            with self._removing_damage("rankings WHERE members = ? AND model = ?", members, model):
                for row in json.loads(text):
                    found.setdefault(row["child"], []).append(read_made_from(row))
        return found

    def commit(self) -> None:
        """Commits all additions to the disk."""
        if self._catalog.connection.in_transaction:
            self._run("COMMIT")
        self._committed = time.monotonic()

    @contextmanager
    def _removing_damage(self, where: str, *key: str) -> Iterator[None]:
        """Removes a stored result that cannot be read, so that the next scan makes it again.

        Raises:
            CatalogError: the result was damaged.
        """
        try:
            yield
        except (ValueError, TypeError, LookupError, EOFError, OSError, NotImplementedError, BadZipFile) as error:
            self._write(f"DELETE FROM {where}", key)
            self.commit()
            raise CatalogError(f"{self._catalog.path}: a stored result was damaged, and is removed; run this again") from error

    def _write(self, statement: str, row: tuple[object, ...]) -> None:
        if not self._catalog.connection.in_transaction:
            self._run("BEGIN IMMEDIATE")
        self._run(statement, row)
        if time.monotonic() - self._committed > _COMMIT_SECONDS:
            self.commit()


def made_from(digests: Sequence[str], descents: Mapping[int, Descent]) -> list[MadeFrom]:
    """Converts descents from positions to sha256.

    Args:
        digests: sha256 of each content.
        descents: by position of the child in `digests`.
    """
    return [
        MadeFrom(
            digests[child], digests[made.parent], made.probability, made.direct,
            None if made.proof is None else made.proof.sentence, made.changes,
        )
        for child, made in descents.items()
    ]  # fmt: skip


def read_made_from(row: dict[str, Any]) -> MadeFrom:
    """Reads a MadeFrom from the fields of a JSON object."""
    return MadeFrom(**{**row, "changes": tuple(row["changes"])})


def pack_relation(relation: PairRelation) -> str:
    """Serialises a relation for the catalog."""
    return json.dumps(asdict(relation))


def read_relation(text: str) -> PairRelation:
    """Reads a relation from the catalog's text."""
    fields = json.loads(text)
    placement = fields.pop("placement")
    if placement is not None:
        placement = Placement(**{**placement, "source": tuple(placement["source"]), "target": tuple(placement["target"])})
    fields["kind"] = Kind(fields["kind"])
    for side in ("around_first", "around_second"):
        fields[side] = Around(fields[side])
    return PairRelation(placement=placement, **fields)
