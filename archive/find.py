"""Finds versions of one picture and other related files in a catalog; the picture need not be in the catalog."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from genloss.archive.catalog import Catalog, CatalogFile
from genloss.archive.contents import Content, gather_contents, showing_less
from genloss.archive.decided import Decided
from genloss.archive.decisions import decisions
from genloss.archive.grouping import PAIRS_AHEAD, ScanOptions, Watch, submit_pair
from genloss.archive.groups import behind
from genloss.archive.hashing import hash_file
from genloss.archive.look import Look, look_at_file, unpack
from genloss.archive.lookup import candidates_of
from genloss.archive.plan import STRONGEST_FIRST, Relation
from genloss.archive.put_away import CONTESTED, describe
from genloss.archive.ranks import ContentRanker, content_ranker
from genloss.archive.relating import look_at_folders
from genloss.archive.rules import Rules
from genloss.archive.scan_store import ScanStore
from genloss.archive.tasks import results_of, task_runner
from genloss.archive.verify import RELATIONS, Kind, PairRelation
from genloss.model.errors import FileUnreadableError, ImageError
from genloss.model.pairs.placement import Placement
from genloss.model.parallel import in_order


class Closer(StrEnum):
    """Which of two versions is closer to the original: the query picture or the found file."""

    PICTURE = "picture"
    FILE = "file"


@dataclass(frozen=True)
class FoundFile:
    """A file that is related to the query picture.

    Attributes:
        file: row of the catalog.
        look: look of the file.
        relation: relation of the file to the picture; PART_OF says that the file is a part of the picture.
        closer: which of both is closer to the original; None unless they are versions that could be ranked.
        odds: probability in [0, 1] that `closer` is right; below 0.5 if geometry overrode quality, as for a crop.
        transform: placement of the picture on the file; None for equal pixels.
        reasons: sentences on how the file differs.
    """

    file: CatalogFile
    look: Look
    relation: Relation
    closer: Closer | None = None
    odds: float | None = None
    transform: Placement | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class FindResult:
    """Result of find_versions.

    Attributes:
        found: copies, then versions, then the rest, without the picture's own path.
        n_searched: number of pictures searched.
        n_unseen: number of pictures in the catalog that no scan of this version of genloss has looked at.
        n_unreadable: number of related or similar files that are gone, changed, or no longer decode; they are not among
            `found`.
        is_plain: whether the picture is too plain or too small to compare; then only copies are found.
    """

    found: tuple[FoundFile, ...]
    n_searched: int
    n_unseen: int
    n_unreadable: int
    is_plain: bool


def find_versions(
    picture: Path, roots: list[Path] | None, catalog: Catalog, options: ScanOptions,
    watch: Watch = lambda items, total, doing: items,
) -> FindResult:  # fmt: skip
    """Searches folders or the whole catalog for files related to one picture.

    Args:
        picture: path of the query picture; symbolic links are followed.
        roots: folders to scan and search, from listing.find_roots; None to search the whole catalog without a scan.
        catalog: open; the scan of the folders is stored, nothing about the picture is.
        options: options of the scan.
        watch: receives the work as it passes, for a progress bar.

    Raises:
        ImageError: the picture cannot be read or decoded.
        CatalogError: the catalog is damaged, or cannot be written.
        BundleError: the bundle cannot be used.
    """
    with catalog.guarded():
        if roots is not None:
            look_at_folders(roots, catalog, options, watch)
        asked = _asked(picture, options)
        seen, n_unseen = _seen(catalog, roots, asked.files[0].path)
        pixels = {file.sha256 or "": look.pixels_sha256 for file, look in [*seen, (asked.files[0], asked.look)]}
        decided = Decided(decisions(catalog), pixels)
        copies = [(file, look) for file, look in seen if _has_pixels_of(file, look, asked)]
        same = {file.path for file, _ in copies}
        others = gather_contents([one for one in seen if one[0].path not in same], Rules(), decided)
        near = [others[position] for position in candidates_of(asked.look, [content.look for content in others])]
        near = [content for content in near if not decided.apart(asked.sha256, content.sha256)]
        near, n_gone = _still_there(near)
        related, n_unreadable = _relate(asked, near, ScanStore(catalog), options, watch)
    found = [_copy(file, look, asked) for file, look in copies if _is_there(file)]
    n_gone += len(copies) - len(found)
    found += _ranked(asked, related, options)
    found.sort(key=lambda one: (STRONGEST_FIRST.index(one.relation), one.closer is Closer.PICTURE, one.file.path))
    return FindResult(tuple(found), len(seen), n_unseen, n_gone + n_unreadable, not asked.look.is_comparable)


def _asked(picture: Path, options: ScanOptions) -> Content:
    path = Path(os.path.realpath(picture))
    digest = hash_file(path)
    try:
        with task_runner(options.in_processes(1)) as submit:
            look = unpack(submit(look_at_file, os.fspath(path), digest.sha256, options.max_pixels).result())
    except ImageError as error:
        raise type(error)(f"{picture}: {error}") from error
    status = digest.status
    identity = status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino, status.st_nlink
    return Content((CatalogFile(path, *identity, look.image_format, digest.sha256, None, None, None),), look)


def _seen(catalog: Catalog, roots: Sequence[Path] | None, but: Path) -> tuple[list[tuple[CatalogFile, Look]], int]:
    """Readable pictures of the catalog with their looks, and the number of pictures that were not looked at yet."""
    store = ScanStore(catalog)
    known = store.known_looks()
    files = catalog.files(pictures_only=True) if roots is None else store.files_below(roots)
    found, n_unseen = [], 0
    for file in files:
        if file.sha256 is None or file.path == but:
            continue
        look = store.look(file.sha256) if file.sha256 in known else None
        n_unseen += look is None
        if isinstance(look, Look):
            found.append((file, look))
    return found, n_unseen


def _has_pixels_of(file: CatalogFile, look: Look, asked: Content) -> bool:
    pixels = asked.look.pixels_sha256
    return file.sha256 == asked.sha256 or (pixels is not None and look.pixels_sha256 == pixels)


def _still_there(contents: Sequence[Content]) -> tuple[list[Content], int]:
    """Contents with the files that are still there, without contents of none; and the number of files that are not."""
    files = [tuple(filter(_is_there, content.files)) for content in contents]
    found = [replace(content, files=there) for content, there in zip(contents, files, strict=True) if there]
    return found, sum(len(content.files) for content in contents) - sum(map(len, files))


def _is_there(file: CatalogFile) -> bool:
    """Whether a file still has the bytes that the catalog knows. It is read only if its time has changed."""
    try:
        status = os.lstat(file.path)
        if status.st_size != file.size_bytes:
            return False
        return status.st_mtime_ns == file.mtime_ns or hash_file(file.path).sha256 == file.sha256
    except (OSError, FileUnreadableError):
        return False


def _copy(file: CatalogFile, look: Look, asked: Content) -> FoundFile:
    own = asked.files[0]
    is_name = (file.device, file.inode) == (own.device, own.inode)
    relation = Relation.SAME_BYTES if file.sha256 == asked.sha256 else Relation.SAME_PIXELS
    return FoundFile(file, look, relation, reasons=("another name of the picture's file",) if is_name else ())


def _relate(
    asked: Content, near: Sequence[Content], store: ScanStore, options: ScanOptions, watch: Watch
) -> tuple[list[tuple[Content, PairRelation]], int]:
    """Related contents with the picture's relation to each, and the number of contents that could not be read."""
    found = [(content, store.relation(asked.sha256, content.sha256)) for content in near]
    known = [(content, relation) for content, relation in found if relation is not None]
    wanted = [content for content, relation in found if relation is None]
    n_unreadable = 0
    if wanted:
        with task_runner(options.in_processes(len(wanted))) as submit:
            tasks = in_order(lambda content: submit_pair(submit, asked, content, options.max_pixels), wanted, PAIRS_AHEAD)
            for content, relation in results_of(watch(tasks, len(wanted), "comparing")):
                if isinstance(relation, ImageError):
                    n_unreadable += 1
                else:
                    known.append((content, relation))
    return [(content, relation) for content, relation in known if relation.kind in RELATIONS], n_unreadable


def _ranked(asked: Content, related: Sequence[tuple[Content, PairRelation]], options: ScanOptions) -> list[FoundFile]:
    found = []
    with ExitStack() as stack:
        ranker = None
        if any(relation.kind is Kind.VERSION for _, relation in related):
            isolated = options.in_processes(len(related))
            ranker = stack.enter_context(content_ranker(options.bundle, isolated, options.max_pixels))
        for content, relation in related:
            found += _found(asked, content, relation, ranker)
    return found


def _found(asked: Content, content: Content, relation: PairRelation, ranker: ContentRanker | None) -> list[FoundFile]:
    """The files of one content; for versions, also which of both is closer to the original."""
    closer, odds = None, None
    reasons = tuple(describe(relation, "the picture"))
    if ranker is not None and relation.kind is Kind.VERSION:
        pair = [asked, content]
        ranked = ranker.rank([asked.kept, content.kept], behind([0, 1], {(0, 1): relation}, showing_less(pair, [0, 1])))
        odds = ranked.odds[ranked.order[1]]
        closer = None if odds is None else (Closer.PICTURE, Closer.FILE)[ranked.order[0]]
        if odds is not None and odds < CONTESTED:
            reasons = (*reasons, "quality alone speaks for the other one")
    kind = RELATIONS[relation.swapped.kind]
    return [FoundFile(file, content.look, kind, closer, odds, relation.placement, reasons) for file in content.files]
