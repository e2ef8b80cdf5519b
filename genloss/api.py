"""The Python API behind `from genloss import ...`: the scorer, the ranker, and a function for each question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from genloss.arguments import check_sure, to_catalog, to_path, to_paths
from genloss.model.errors import GenerationLossError, ImageError
from genloss.model.explanations.reasons import Reason
from genloss.model.images.facts import Facts
from genloss.model.scoring.ranked import RankedVersion
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Score, Scorer

if TYPE_CHECKING:
    from genloss.archive.find import FindResult
    from genloss.archive.grouping import ScanOptions
    from genloss.archive.leaks import LeaksResult
    from genloss.archive.rules import Rules
    from genloss.archive.scan import ScanResult

__all__ = [
    "Facts",
    "GenerationLossError",
    "ImageError",
    "RankedFile",
    "Ranker",
    "Reason",
    "Score",
    "Scorer",
    "find",
    "leaks",
    "rank",
    "scan",
    "score",
]


@dataclass(frozen=True, kw_only=True)
class RankedFile(RankedVersion):
    """A place in a ranking of files; RankedVersion has the other fields.

    Attributes:
        path: the file, as given.
        parent: the file that this one was made from; None if unknown. `descent.parent` is its position in the input.
    """

    path: Path
    parent: Path | None


def score(path: Path | str, scorer: Scorer | None = None) -> Score:
    """The score of one file.

    Args:
        path: a JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF file.
        scorer: pass the same one to score many files; None loads the bundled model.

    Raises:
        ImageError: the file cannot be read or scored; its `code` says why.
        TypeError: `path` is no path, such as the bytes of a file.
    """
    file = to_path(path)
    return (scorer or Scorer()).score_file(file)


def rank(paths: Sequence[Path | str], scorer: Scorer | None = None, *, one_picture: bool = False) -> list[RankedFile]:
    """Versions of one picture, closest to the original first.

    The order comes from comparisons of every two versions, which know more than the scores. So neighbours may stand in
    another order than their scores. Files that show different pictures are ranked picture by picture (`picture`). Files with
    equal pixels share a place (`same`, `same_as`). If the bundle has pair models, as the shipped one has, versions are also
    registered: `descent` says which version each was made from (`parent`), how, and by which proof.

    Args:
        paths: two or more files that show the same picture.
        scorer: as in `score`.
        one_picture: whether you know that they do. Then no files are told apart, also where they seem to show different
            pictures; those are compared without being registered, which is right less often.

    Raises:
        ImageError: a file cannot be read or scored; raised for the first, which the message names.
        TypeError: `paths` is a single path, or holds something else than paths.
    """
    from genloss.batch import BatchOptions
    from genloss.comparing import comparing_files

    files = to_paths(paths, "paths")
    scorer = scorer or Scorer()
    scores = [_score_named(scorer, file) for file in files]
    with comparing_files(files, scores, BatchOptions(max_pixels=scorer.max_pixels, isolated=False)) as compare_pairs:
        ranked = Ranker(scorer.bundle).rank(scores, compare_pairs, one_picture)
    return [
        RankedFile(
            **vars(version),
            path=files[version.index],
            parent=None if version.descent is None else files[version.descent.parent],
        )
        for version in ranked
    ]


def _score_named(scorer: Scorer, file: Path) -> Score:
    try:
        return scorer.score_file(file, with_fingerprint=True)
    except ImageError as error:
        raise type(error)(f"{file}: {error}") from error


def scan(
    folders: Sequence[Path | str],
    catalog: Path | str | None = None,
    sure: float | None = None,
    rules: "Rules | Path | str | None" = None,
    scorer: Scorer | None = None,
    isolated: bool | None = None,
    engine: str | None = None,
    shards: Path | str | None = None,
) -> "ScanResult":
    """Finds the versions of every picture in a collection, the file to keep of each, and the files that may be put away.

    Nothing is changed. `genloss.archive.plan_file.write_plan` writes `result.plan` for `genloss apply`.

    Args:
        folders: folders to scan, with all folders below.
        catalog: file that stores the results, so that a second scan decodes only new and changed files; None to store
            nothing.
        sure: least probability that the kept file is closer to the original; None for the value in the rules, 0.99.
        rules: rules, or a TOML file with them.
        scorer: ranks with its bundle; None for the bundled model.
        isolated: whether to decode in worker processes, one for each core. A file that hangs or crashes the decoder is then
            the only loss. None for processes if more than a dozen files are new. False only for files you trust, because a
            damaged file may end the program. A program that uses processes needs the usual `if __name__ == "__main__":`.
        engine: "threads", "daft" or "ray://HOST:PORT", to work in shards; None for processes of this machine.
        shards: folder or URI of the shards; None for one beside the catalog.

    Raises:
        FileUnreadableError: a folder is missing.
        CatalogError: the catalog cannot be used.
        RulesError: the rules cannot be used, or `sure` is out of bounds.
        ArchiveError: no process can be started.
        EngineError: there is no such engine or cluster, or no place for shards.
        ExtraMissingError: the engine needs packages that are not installed.
    """
    from genloss.archive.catalog import open_catalog
    from genloss.archive.listing import find_roots
    from genloss.archive.rules import Rules, read_rules
    from genloss.archive.scan import scan_folders
    from genloss.archive.sharding import open_sharding

    check_sure(sure)
    catalog = to_catalog(catalog)
    roots = find_roots(to_paths(folders, "folders"))
    found = rules if isinstance(rules, Rules) else read_rules(None if rules is None else to_path(rules, "rules"))
    sharding = open_sharding(engine, shards, catalog, roots)
    options = replace(_scan_options(scorer, isolated), sure=sure, rules=found, sharding=sharding)
    with open_catalog(catalog) as opened:
        return scan_folders(roots, opened, options)


def find(
    picture: Path | str,
    folders: Sequence[Path | str] | None = None,
    catalog: Path | str | None = None,
    scorer: Scorer | None = None,
    isolated: bool | None = None,
) -> "FindResult":
    """Finds the versions of a picture in a collection, which are closer to the original, and other related files.

    Args:
        picture: the picture; it need not be in the collection.
        folders: folders to scan first and then search, with all folders below; None to search all that the catalog knows.
        catalog: file of an earlier `scan`; None to store nothing, which needs folders.
        scorer: as in `scan`.
        isolated: as in `scan`.

    Raises:
        ImageError: the picture cannot be read, or a folder is missing.
        CatalogError: the catalog is missing or cannot be used.
        ArchiveError: no process can be started.
    """
    from genloss.archive.catalog import open_catalog
    from genloss.archive.find import find_versions
    from genloss.archive.listing import find_roots
    from genloss.model.errors import CatalogError

    wanted, catalog = to_path(picture, "picture"), to_catalog(catalog)
    if folders is None and (catalog is None or not catalog.exists()):
        raise CatalogError(f"{catalog}: no such catalog; scan makes one, or name folders to search")
    options = _scan_options(scorer, isolated)
    roots = None if folders is None else find_roots(to_paths(folders, "folders"))
    with open_catalog(catalog) as opened:
        return find_versions(wanted, roots, opened, options)


def leaks(
    folders: Sequence[Path | str],
    labels: bool = False,
    catalog: Path | str | None = None,
    scorer: Scorer | None = None,
    isolated: bool | None = None,
) -> "LeaksResult":
    """Finds pictures that splits of a data set share, versions with different labels, and broken and unusual files.

    Args:
        folders: splits, such as train and test, none inside another. A single split is checked by itself.
        labels: whether the folders directly below each split are classes.
        catalog: as in `scan`.
        scorer: as in `scan`.
        isolated: as in `scan`.

    Raises:
        FileUnreadableError: a folder is missing.
        CatalogError: the catalog cannot be used.
        ArchiveError: a split lies inside another or has no class folders, or no process can be started.
    """
    from genloss.archive.catalog import open_catalog
    from genloss.archive.leaks import find_leaks
    from genloss.archive.splits import find_splits

    catalog = to_catalog(catalog)
    splits = find_splits(to_paths(folders, "folders"))
    options = _scan_options(scorer, isolated)
    with open_catalog(catalog) as opened:
        return find_leaks(splits, opened, options, labels)


def _scan_options(scorer: Scorer | None, isolated: bool | None) -> "ScanOptions":
    """Options with a scorer's bundle and pixel limit; without a scorer, the defaults of genloss."""
    from genloss.archive.grouping import ScanOptions

    if scorer is None:
        return ScanOptions(isolated=isolated)
    return ScanOptions(bundle=scorer.bundle.folder, max_pixels=scorer.max_pixels, isolated=isolated)
