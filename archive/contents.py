"""Gathers files with equal pixels into contents, the unit that is compared, grouped and ranked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from genloss.archive.catalog import CatalogFile
from genloss.archive.decided import Decided
from genloss.archive.look import Look
from genloss.archive.rules import Rules


@dataclass(frozen=True)
class Content:
    """Files with equal pixels.

    Attributes:
        files: the file that stays, then the others.
        look: the look of the file that stays.
    """

    files: tuple[CatalogFile, ...]
    look: Look

    @property
    def sha256(self) -> str:
        """sha256 of the file that stays."""
        assert self.files[0].sha256 is not None
        return self.files[0].sha256

    @property
    def kept(self) -> tuple[Path, str]:
        """Path and sha256 of the file that stays."""
        return self.files[0].path, self.sha256


def showing_less(contents: Sequence[Content], members: Sequence[int]) -> set[int]:
    """Positions of the members that are damaged, or grey among coloured members."""
    in_colour = any(contents[member].look.has_colours for member in members)
    looks = {member: contents[member].look for member in members}
    return {member for member, look in looks.items() if look.is_damaged or (in_colour and look.is_grey)}


def gather_contents(files: Iterable[tuple[CatalogFile, Look]], rules: Rules, decided: Decided) -> list[Content]:
    """Contents in the order of their first paths.

    Args:
        files: sorted by path.
        rules: choose which of equal files stays.
        decided: a person's decisions; files decided to be "not the same picture" stay apart, even with equal pixels.
    """
    classes: dict[str, list[tuple[CatalogFile, Look]]] = {}
    for file, look in files:
        assert file.sha256 is not None
        classes.setdefault(look.pixels_sha256 or file.sha256, []).append((file, look))
    found = []
    for members in (part for together in classes.values() for part in _parts(together, decided)):
        ordered = sorted(members, key=lambda member: _preference(member[0], rules, decided))
        found.append(Content(tuple(file for file, _ in ordered), ordered[0][1]))
    return found


def _parts(members: list[tuple[CatalogFile, Look]], decided: Decided) -> list[list[tuple[CatalogFile, Look]]]:
    """Splits equal files so that no part holds two that were decided to be "not the same picture"; few parts, greedily."""
    parts: list[list[tuple[CatalogFile, Look]]] = []
    for member in members:
        sha256 = member[0].sha256 or ""
        for part in parts:
            if not any(decided.apart(sha256, other.sha256 or "") for other, _ in part):
                part.append(member)
                break
        else:
            parts.append([member])
    return parts


def _preference(file: CatalogFile, rules: Rules, decided: Decided) -> tuple[object, ...]:
    """Sort key among files with equal pixels; the first stays.

    A JPEG precedes a PNG: the PNG may be the decoded JPEG, but saving a PNG as JPEG never keeps the pixels.
    """
    image_format = file.image_format or ""
    return (
        -decided.place(file.sha256 or ""),
        not rules.is_protected(file.path), rules.preference(file.path, image_format), image_format != "jpeg", file.mtime_ns,
        len(file.path.parts), file.path,
    )  # fmt: skip
