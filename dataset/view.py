"""One side of a ledger, with its name in the report."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genloss.dataset.file_facts import FileFacts
from genloss.dataset.ledger import Ledger


@dataclass(frozen=True)
class View:
    """A data set in a ledger.

    Attributes:
        ledger: holds the set.
        side: AUDITED or COMPARED.
        name: folders of the set, as given on the command line.
        is_other: whether this is the second set of a comparison.
    """

    ledger: Ledger
    side: int
    name: str
    is_other: bool = False

    @property
    def short_name(self) -> str:
        """The last part of the name, for headings and legends."""
        return Path(self.name).resolve().name or self.name

    def select(self, expressions: str, rest: str = "") -> Iterator[tuple[Any, ...]]:
        """Rows of SQL expressions over the set's pictures; see Ledger.select."""
        return self.ledger.select(self.side, expressions, rest)

    def counts(self, expression: str, condition: str = "1") -> Counter[Any]:
        """How often each value of an SQL expression occurs among the set's pictures."""
        return self.ledger.counts(self.side, expression, condition)

    def n_pictures(self, condition: str = "1") -> int:
        """Number of pictures that meet the SQL condition."""
        return int(next(self.select("COUNT(*)", f"AND {condition}"))[0])

    def n_files(self) -> int:
        """Number of files in the set, including files that are not pictures."""
        return self.ledger.n_files(self.side)

    def facts(self) -> Iterator[FileFacts]:
        """Yields the facts of all files in the set."""
        return self.ledger.facts(self.side)
