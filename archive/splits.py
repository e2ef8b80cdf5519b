"""Splits of a data set: folders that must not share pictures, and the class folders inside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from genloss.archive.listing import find_roots
from genloss.model.errors import ArchiveError


@dataclass(frozen=True)
class Split:
    """One folder of a data set.

    Attributes:
        name: last part of the folder's path, or as many last parts as make it unique among the splits.
        root: absolute path of the folder, links resolved.
    """

    name: str
    root: Path

    def label_of(self, path: Path) -> str | None:
        """Name of the class folder that contains a file; None for a file right in the split."""
        parts = path.relative_to(self.root).parts
        return parts[0] if len(parts) > 1 else None


def find_splits(folders: Sequence[str | Path]) -> list[Split]:
    """Splits in the given order.

    Args:
        folders: one or more.

    Raises:
        FileUnreadableError: a folder is missing, or is no folder.
        ArchiveError: a folder is given twice, or lies inside another.
    """
    roots = [find_roots([folder])[0] for folder in folders]
    for place, root in enumerate(roots):
        for other in (*roots[:place], *roots[place + 1 :]):
            if other == root or other in root.parents:
                raise ArchiveError(f"{root} is or lies in {other}; splits must be separate folders")
    return [Split(_name(root, [other for other in roots if other != root]), root) for root in roots]


def _name(root: Path, others: Sequence[Path]) -> str:
    for length in range(1, len(root.parts) + 1):
        last = root.parts[-length:]
        if all(other.parts[-length:] != last for other in others):
            return str(Path(*last))
    return str(root)
