"""Finds problems of a data set: pictures shared by splits, versions with conflicting labels, broken and unusual files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from genloss.archive.catalog import Catalog
from genloss.archive.grouping import ScanOptions, Watch
from genloss.archive.listing import LeftOut
from genloss.archive.look import Look
from genloss.archive.pictures_alike import Alike, Partner
from genloss.archive.plan import MAY_BE_PUT_AWAY, STRONGEST_FIRST, Relation
from genloss.archive.relating import Related, relate_folders
from genloss.archive.scanned import Status, not_seen
from genloss.archive.splits import Split
from genloss.archive.unusual import find_unusual
from genloss.model.errors import ArchiveError
from genloss.model.printable import storable


class FindingKind(StrEnum):
    """The problem of a file.

    LEAK: another split holds the same picture: equal bytes, equal pixels, or a version.
    RELATED: another split holds no version, but an alternate, a part, or a picture that contains the file's picture.
    CONFLICT: the file's own split holds the same picture with another label.
    DUPLICATE: the file's own split holds the same picture, without a conflict of labels.
    BROKEN: the picture cannot be decoded.
    NO_PICTURE: the file is something else than a picture.
    UNUSUAL: the picture is probably no good for training, as archive/unusual.py defines it.
    """

    LEAK = "leak"
    RELATED = "related"
    CONFLICT = "conflicting_label"
    DUPLICATE = "duplicate"
    BROKEN = "broken"
    NO_PICTURE = "no_picture"
    UNUSUAL = "unusual"


@dataclass(frozen=True)
class Finding:
    """A file and one problem of it.

    Attributes:
        kind: the problem.
        split: name of the file's split.
        path: absolute.
        label: the file's class folder; None without labels, or for a file outside all class folders.
        relation: of the file to the other file; None where there is no other file.
        other_split, other, other_label: split, path and label of the most similar file.
        n_others: number of files in that split with this problem, including the other file.
        code: why the file is broken or no picture, as in docs/using/errors.md.
        reasons: sentences for people.
    """

    kind: FindingKind
    split: str
    path: Path
    label: str | None = None
    relation: Relation | None = None
    other_split: str | None = None
    other: Path | None = None
    other_label: str | None = None
    n_others: int = 0
    code: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class SplitFigures:
    """Counts of one split.

    Attributes:
        split: the split that is counted.
        n_files: number of regular files.
        n_pictures: number of files that can be decoded.
        n_plain: number of pictures too plain or too small to compare; of these, only equal pixels are found.
    """

    split: Split
    n_files: int
    n_pictures: int
    n_plain: int


@dataclass(frozen=True)
class LeaksResult:
    """Result of find_leaks.

    Attributes:
        splits: in the order of the arguments.
        findings: sorted by split, path and kind.
        left_out: links, pipes, folders that cannot be listed, and other entries that were skipped.
    """

    splits: tuple[SplitFigures, ...]
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...]


def find_leaks(
    splits: Sequence[Split], catalog: Catalog, options: ScanOptions, with_labels: bool,
    watch: Watch = lambda items, total, doing: items,
) -> LeaksResult:  # fmt: skip
    """Finds pictures that splits share, and files that harm training. Changes no file.

    Args:
        splits: from splits.find_splits.
        catalog: open; the results are stored in it, and its decisions are obeyed.
        options: how to scan.
        with_labels: whether the folders right below each split are classes.
        watch: reports progress.

    Raises:
        ArchiveError: with_labels is set, and a split has no class folders.
        CatalogError: the catalog cannot be written, or another process writes to it.
        BundleError: the bundle cannot be used.
    """
    with catalog.guarded():
        related = relate_folders([split.root for split in splits], catalog, options, watch)
    place = _Places(splits, with_labels)
    if with_labels:
        _check_labels(splits, related)
    findings = [*_broken(related, place), *_unusual(related, place), *_shared(related, place)]
    order = {split.name: number for number, split in enumerate(splits)}
    findings.sort(key=lambda one: (order[one.split], one.path, list(FindingKind).index(one.kind), one.other_split or ""))
    return LeaksResult(tuple(_figures(split, related) for split in splits), tuple(findings), tuple(related.looked.left_out))


class _Places:
    """The split and the label of each file."""

    def __init__(self, splits: Sequence[Split], with_labels: bool) -> None:
        self._splits = splits
        self._with_labels = with_labels

    def of(self, path: Path) -> tuple[str, str | None]:
        split = next(split for split in self._splits if split.root in path.parents)
        return split.name, split.label_of(path) if self._with_labels else None


def _check_labels(splits: Sequence[Split], related: Related) -> None:
    for split in splits:
        inside = [file.path for file in related.looked.files if split.root in file.path.parents]
        if inside and all(split.label_of(path) is None for path in inside):
            raise ArchiveError(f"{split.root}: no class folders; omit --labels, or name the folder above the classes")


def _figures(split: Split, related: Related) -> SplitFigures:
    files = [file for file in related.looked.files if split.root in file.path.parents]
    looks = [look for file, look in related.looked.pictures() if split.root in file.path.parents]
    return SplitFigures(split, len(files), len(looks), sum(not look.is_comparable for look in looks))


def _broken(related: Related, place: _Places) -> Iterator[Finding]:
    for file in related.looked.files:
        look = related.looked.look(file)
        if not isinstance(look, Look):
            found = not_seen(file, look)
            kind = FindingKind.NO_PICTURE if found.status is Status.NO_PICTURE else FindingKind.BROKEN
            split, label = place.of(file.path)
            yield Finding(kind, split, file.path, label, code=found.code, reasons=(found.message or "",))


def _unusual(related: Related, place: _Places) -> Iterator[Finding]:
    for position, reasons in find_unusual(related.contents, related.stars).items():
        for file in related.contents[position].files:
            split, label = place.of(file.path)
            yield Finding(FindingKind.UNUSUAL, split, file.path, label, reasons=reasons)


def _shared(related: Related, place: _Places) -> Iterator[Finding]:
    """Files that resemble others: one finding for each file, kind and other split, with the most similar partner."""
    alike = Alike(related, place.of)
    for position, content in enumerate(related.contents):
        for file in content.files:
            split, label = place.of(file.path)
            found: dict[tuple[FindingKind, str], list[Partner]] = {}
            for partner in alike.partners(position, file):
                kind = _kind(partner, split, label)
                if kind is not None:
                    found.setdefault((kind, partner.split), []).append(partner)
            for (kind, other_split), partners in found.items():
                if kind is FindingKind.RELATED and (FindingKind.LEAK, other_split) in found:
                    continue
                best = min(partners, key=lambda one: (STRONGEST_FIRST.index(one.relation), one.path))
                reasons = alike.reasons(position, best)
                if kind is FindingKind.LEAK and best.label != label:
                    reasons = (*reasons, storable(f"has the label {best.label or 'none'} there, {label or 'none'} here"))
                yield Finding(
                    kind, split, file.path, label, best.relation, other_split, best.path, best.label,
                    sum(one.n_files for one in partners), reasons=reasons,
                )  # fmt: skip


def _kind(partner: Partner, split: str, label: str | None) -> FindingKind | None:
    """The problem that a partner causes for a file; None where the partner does no harm."""
    same = partner.relation in MAY_BE_PUT_AWAY
    if partner.split != split:
        return FindingKind.LEAK if same else FindingKind.RELATED
    if not same:
        return None
    differs = None not in (label, partner.label) and label != partner.label
    return FindingKind.CONFLICT if differs else FindingKind.DUPLICATE
