"""Finds the partners of a file in several folders: equal bytes, equal pixels, versions, parts and alternates."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from genloss.archive.catalog import CatalogFile
from genloss.archive.groups import relation_of
from genloss.archive.plan import Relation
from genloss.archive.put_away import describe
from genloss.archive.relating import Related
from genloss.archive.tiny_alike import TinyPair, pair_tiny
from genloss.archive.verify import RELATIONS
from genloss.model.printable import storable

# Files of one content by split, label and sha256.
Places = dict[tuple[str, str | None, str], list[CatalogFile]]


class Partner(NamedTuple):
    """Files with equal bytes in one split and class that resemble a given file.

    Attributes:
        relation: of the given file to these files, one of plan.STRONGEST_FIRST.
        split, label: split and class of these files.
        path: of the first of these files.
        n_files: number of these files.
        position: of their content.
    """

    relation: Relation
    split: str
    label: str | None
    path: Path
    n_files: int
    position: int


class Alike:
    """Finds partners of files.

    Args:
        related: contents of the folders and their relations.
        place_of: gives split and label of a path.

    Attributes:
        tiny: pairs of pictures that are too small to be aligned, by positions of their contents.
    """

    def __init__(self, related: Related, place_of: Callable[[Path], tuple[str, str | None]]) -> None:
        self._related = related
        self._places = [_places(content.files, place_of) for content in related.contents]
        apart = related.decided.positions_apart(related.contents)
        self.tiny = {
            (pair.first, pair.second): pair
            for pair in pair_tiny([content.look for content in related.contents])
            if (pair.first, pair.second) not in apart
        }
        self._neighbours = _neighbours(related, self.tiny)

    def partners(self, position: int, file: CatalogFile) -> Iterator[Partner]:
        """Yields all partners of a file, grouped by split, label and bytes.

        Args:
            position: of the file's content.
            file: of that content.
        """
        for (split, label, sha256), files in self._places[position].items():
            others = [other.path for other in files[:2] if other.path != file.path]
            is_one = sha256 == file.sha256 and any(other.path == file.path for other in files)
            if others:
                same = Relation.SAME_BYTES if sha256 == file.sha256 else Relation.SAME_PIXELS
                yield Partner(same, split, label, others[0], len(files) - is_one, position)
        for other_position, relation in self._neighbours.get(position, {}).items():
            for (split, label, _), files in self._places[other_position].items():
                yield Partner(relation, split, label, files[0].path, len(files), other_position)

    def reasons(self, position: int, partner: Partner) -> tuple[str, ...]:
        """Sentences on how a file differs from a partner; empty for equal pixels.

        Args:
            position: of the file's content.
            partner: from partners.
        """
        if partner.position == position:
            return ()
        tiny = self.tiny.get((min(position, partner.position), max(position, partner.position)))
        if tiny is not None:
            return _tiny_reasons(tiny)
        found = relation_of(self._related.relations, partner.position, position)
        if found is not None:
            return tuple(describe(found, "the other one"))
        head = next(star.order[0] for star in self._related.stars if position in star.order)
        return (f"both are versions of {storable(str(self._related.contents[head].files[0].path))}",)


def _places(files: Iterable[CatalogFile], place_of: Callable[[Path], tuple[str, str | None]]) -> Places:
    places: Places = {}
    for file in files:
        places.setdefault((*place_of(file.path), file.sha256 or ""), []).append(file)
    return places


def _neighbours(related: Related, tiny: Iterable[tuple[int, int]]) -> dict[int, dict[int, Relation]]:
    """For each content, the others that show its picture, and how they do."""
    found: dict[int, dict[int, Relation]] = {}
    for star in related.stars:
        for member in star.order:
            found[member] = {other: Relation.VERSION for other in star.order if other != member}
    for first, second in tiny:
        found.setdefault(first, {})[second] = Relation.VERSION
        found.setdefault(second, {})[first] = Relation.VERSION
    for (first, second), pair in related.relations.items():  # a relation of the pair itself overrides
        for one, other, kind in ((first, second, pair.kind), (second, first, pair.swapped.kind)):
            if kind in RELATIONS:
                found.setdefault(one, {})[other] = RELATIONS[kind]
    return found


def _tiny_reasons(pair: TinyPair) -> tuple[str, ...]:
    sentence = f"too small to be laid on each other; their edges have a correlation of {pair.alike:.2f}"
    return ("mirrored", sentence) if pair.is_mirrored else (sentence,)
