"""Files that hold the same picture to the last pixel, taken together: the unit that is compared, grouped and ranked."""

from collections.abc import Iterable
from dataclasses import dataclass

from genloss.archive.catalog import CatalogFile
from genloss.archive.look import Look
from genloss.archive.rules import Rules


@dataclass(frozen=True)
class Content:
    """Files with equal pixels.

    Attributes:
        files: the one that stays first.
        look: of that file.
    """

    files: tuple[CatalogFile, ...]
    look: Look

    @property
    def sha256(self) -> str:
        """Of the file that stays."""
        assert self.files[0].sha256 is not None
        return self.files[0].sha256


def gather_contents(files: Iterable[tuple[CatalogFile, Look]], rules: Rules) -> list[Content]:
    """Contents in the order of their first paths.

    Args:
        files: in the order of their paths.
        rules: say which of equal files stays.
    """
    classes: dict[str, list[tuple[CatalogFile, Look]]] = {}
    for file, look in files:
        assert file.sha256 is not None
        classes.setdefault(look.pixels_sha256 or file.sha256, []).append((file, look))
    found = []
    for members in classes.values():
        ordered = sorted(members, key=lambda member: _preference(member[0], rules))
        found.append(Content(tuple(file for file, _ in ordered), ordered[0][1]))
    return found


def _preference(file: CatalogFile, rules: Rules) -> tuple[object, ...]:
    """Sorts files with equal pixels. A PNG may be a decoded JPEG, a JPEG never has the pixels of a PNG: it came first."""
    image_format = file.image_format or ""
    return (
        not rules.is_protected(file.path), rules.preference(file.path, image_format), image_format != "jpeg", file.mtime_ns,
        len(file.path.parts), file.path,
    )  # fmt: skip
