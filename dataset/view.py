"""One side of a ledger, under the name that the report gives it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genloss.dataset.file_facts import FileFacts
from genloss.dataset.ledger import Ledger


@dataclass(frozen=True)
class View:
    """A set in a ledger.

    Attributes:
        ledger: holds it.
        side: AUDITED or COMPARED.
        name: of its folders, as they were typed.
        is_other: whether it is the one that another is compared with.
    """

    ledger: Ledger
    side: int
    name: str
    is_other: bool = False

    @property
    def short_name(self) -> str:
        """The last part of its name, for headings and legends."""
        return Path(self.name).resolve().name or self.name

    def select(self, expressions: str, rest: str = "") -> Iterator[tuple[Any, ...]]:
        """Rows of SQL expressions over its pictures; see Ledger.select."""
        return self.ledger.select(self.side, expressions, rest)

    def counts(self, expression: str, condition: str = "1") -> Counter[Any]:
        """How often each value of an SQL expression occurs among its pictures."""
        return self.ledger.counts(self.side, expression, condition)

    def n_pictures(self, condition: str = "1") -> int:
        """Pictures that the SQL condition holds for."""
        return int(next(self.select("COUNT(*)", f"AND {condition}"))[0])

    def n_files(self) -> int:
        """All its files, those that are no pictures included."""
        return self.ledger.n_files(self.side)

    def facts(self) -> Iterator[FileFacts]:
        """All files, one at a time."""
        return self.ledger.facts(self.side)
