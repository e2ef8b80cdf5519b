"""A person's decisions about files of a collection; the catalog keeps them by content until they are revoked.

Later scans with the same catalog obey the decisions, even after files are moved; archive/decided.py applies them.
A later decision overrides an earlier one on the same files.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from genloss.archive.catalog import Catalog
from genloss.archive.look import LOOK_VERSION, unpack
from genloss.model.errors import CatalogError, DecisionError
from genloss.model.printable import storable

YOU_DECIDED = "you decided on "  # begins every reason that comes from a decision
_SHA256 = re.compile(r"[0-9a-f]{64}")


class DecisionKind(StrEnum):
    """Kind of a decision.

    NOT_SAME_PICTURE: the two contents are never put in one group.
    KEEP_BOTH: two or more contents all stay; no action is ever planned for them.
    KEEP_THIS: the first content stays and leads its group; the others named may go in its favour, whatever the odds.
    """

    NOT_SAME_PICTURE = "not_same_picture"
    KEEP_BOTH = "keep_both"
    KEEP_THIS = "keep_this"


_WORDS = {
    DecisionKind.NOT_SAME_PICTURE: "not the same picture", DecisionKind.KEEP_BOTH: "keep both",
    DecisionKind.KEEP_THIS: "keep this",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        kind: the kind.
        contents: sha256 of the files, 64 hexadecimal digits each. KEEP_THIS: the file that stays, then any number of
            others of the reviewed group, each of which the person saw to be a version of it.
        decided_at: time with a time zone; reasons show the date in that zone.
        id: number in the catalog; None until recorded.
        pixels: digest of the pixels of each content, None if unknown; they recognise a file that was re-saved losslessly.
    """

    kind: DecisionKind
    contents: tuple[str, ...]
    decided_at: datetime
    id: int | None = None
    pixels: tuple[str | None, ...] = ()

    @property
    def when(self) -> str:
        """Text for people, as in "you decided on 27 November 2026"."""
        return f"{YOU_DECIDED}{self.decided_at.day} {self.decided_at:%B %Y}"

    @property
    def sentence(self) -> str:
        """Text for people, as in "you decided on 27 November 2026: keep both"."""
        return f"{self.when}: {_WORDS[self.kind]}"

    def in_favour_of(self, kept: Path) -> str:
        """Text for people about a file that goes, as in "you decided on 27 November 2026: keep cat.jpg"."""
        return f"{self.when}: keep {storable(kept.name)}"


def record(catalog: Catalog, decision: Decision) -> Decision:
    """Records a decision; synced to disk on return.

    Args:
        catalog: open, without a running transaction.
        decision: its id and pixels are ignored.

    Returns:
        The decision with its id, and with the digests of pixels that the catalog knows.

    Raises:
        DecisionError: too few or too many contents, a content named twice, an invalid sha256, or no time zone.
        CatalogError: the catalog cannot be written, or another process writes to it (CatalogLockedError).
    """
    _check(decision)
    with _writing(catalog) as connection:
        pixels = tuple(_pixels(connection, sha256) for sha256 in decision.contents)
        number = connection.execute(
            "INSERT INTO decisions (kind, decided_at) VALUES (?, ?) RETURNING number",
            (decision.kind.value, decision.decided_at.isoformat()),
        ).fetchone()[0]
        connection.executemany(
            "INSERT INTO decided_contents VALUES (?, ?, ?, ?)",
            [(number, place, *pair) for place, pair in enumerate(zip(decision.contents, pixels, strict=True))],
        )
    return replace(decision, id=number, pixels=pixels)


def revoke(catalog: Catalog, decision_id: int) -> None:
    """Deletes a decision.

    Raises:
        DecisionError: no such decision, or already revoked.
        CatalogError: as for `record`.
    """
    with _writing(catalog) as connection:
        if not connection.execute("DELETE FROM decisions WHERE number = ?", (decision_id,)).rowcount:
            raise DecisionError(f"{catalog.path}: no decision {decision_id}")
        connection.execute("DELETE FROM decided_contents WHERE decision = ?", (decision_id,))


def decisions(catalog: Catalog) -> list[Decision]:
    """All decisions that were not revoked, in the order of recording.

    Raises:
        CatalogError: the catalog is damaged.
    """
    with catalog.guarded():
        named: dict[int, list[tuple[str, str | None]]] = {}
        for number, sha256, pixels in catalog.connection.execute(
            "SELECT decision, sha256, pixels_sha256 FROM decided_contents ORDER BY decision, place"
        ):
            named.setdefault(number, []).append((sha256, pixels))
        rows = catalog.connection.execute("SELECT number, kind, decided_at FROM decisions ORDER BY number").fetchall()
    try:
        return [
            Decision(
                DecisionKind(kind), tuple(sha256 for sha256, _ in named[number]), datetime.fromisoformat(decided_at), number,
                tuple(pixels for _, pixels in named[number]),
            )
            for number, kind, decided_at in rows
        ]  # fmt: skip
    except (ValueError, TypeError, KeyError) as error:
        raise CatalogError(f"{catalog.path}: a recorded decision is damaged; name another --catalog") from error


def note_pixels(catalog: Catalog, pixels: Mapping[str, str]) -> None:
    """Adds missing digests of pixels to decisions that were recorded before a scan looked at their files.

    Args:
        catalog: open.
        pixels: digests of pixels by sha256; may hold other contents, too.
    """
    rows = catalog.connection.execute("SELECT DISTINCT sha256 FROM decided_contents WHERE pixels_sha256 IS NULL").fetchall()
    found = [(pixels[sha256], sha256) for (sha256,) in rows if sha256 in pixels]
    if found:
        with _writing(catalog) as connection:
            connection.executemany("UPDATE decided_contents SET pixels_sha256 = ? WHERE sha256 = ?", found)


def _check(decision: Decision) -> None:
    """Raises DecisionError if a decision is invalid."""
    n_contents, kind = len(decision.contents), decision.kind
    if kind is DecisionKind.NOT_SAME_PICTURE and n_contents != 2:
        raise DecisionError(f"{kind} takes two contents, not {n_contents}")
    if n_contents < (1 if kind is DecisionKind.KEEP_THIS else 2):
        raise DecisionError(f"{kind} takes more contents than {n_contents}")
    for sha256 in decision.contents:
        if not _SHA256.fullmatch(sha256):
            raise DecisionError(f"{sha256!r} is no sha256 of 64 hexadecimal digits in lower case")
    if len(set(decision.contents)) != n_contents:
        raise DecisionError(f"{kind} names one content twice")
    if decision.decided_at.tzinfo is None:
        raise DecisionError("the time of a decision needs a time zone")


def _pixels(connection: sqlite3.Connection, sha256: str) -> str | None:
    row = connection.execute(
        "SELECT look FROM looks WHERE sha256 = ? AND version = ? AND look IS NOT NULL", (sha256, LOOK_VERSION)
    ).fetchone()
    return None if row is None else unpack(row[0]).pixels_sha256


@contextmanager
def _writing(catalog: Catalog) -> Iterator[sqlite3.Connection]:
    """A transaction that survives a power cut once committed, because no scan can recover a person's decisions."""
    connection = catalog.connection
    with catalog.guarded():
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        else:
            connection.execute("COMMIT")
        finally:
            connection.execute("PRAGMA synchronous = NORMAL")
