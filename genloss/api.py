"""What `from genloss import ...` gives: the scorer, the ranker, and a function for each of the two questions."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genloss.model.errors import GenerationLossError, ImageError
from genloss.model.explanations.reasons import Reason
from genloss.model.images.facts import Facts
from genloss.model.scoring.ranker import RankedVersion, Ranker
from genloss.model.scoring.scorer import Score, Scorer

if TYPE_CHECKING:
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
    "rank",
    "scan",
    "score",
]


@dataclass(frozen=True, kw_only=True)
class RankedFile(RankedVersion):
    """A place in a ranking of files; RankedVersion has the other fields.

    Attributes:
        path: the file, as given.
        parent: the file it was made from, as far as its descent says; `descent.parent` is its position in the input.
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
    """
    return (scorer or Scorer()).score_file(path)


def rank(paths: Sequence[Path | str], scorer: Scorer | None = None) -> list[RankedFile]:
    """Versions of one picture, closest to the original first.

    The order comes from comparing every two versions side by side, which knows more than their scores:
    neighbours may stand in another order than their scores say. Files that show different pictures are
    ranked picture by picture (`picture`); files with equal pixels share a place (`same`, `same_as`).
    Where the model has pair models, versions are also laid on each other, and `descent` says which version each
    was made from (`parent`), how, and what proves it.

    Args:
        paths: files that show the same picture; two or more make sense.
        scorer: as in `score`.

    Raises:
        ImageError: of the first file that cannot be read or scored.
    """
    from genloss.batch import BatchOptions
    from genloss.comparing import comparing_files

    scorer = scorer or Scorer()
    scores = [scorer.score_file(path, with_fingerprint=True) for path in paths]
    files = [Path(path) for path in paths]
    with comparing_files(files, scores, BatchOptions(max_pixels=scorer.max_pixels, isolated=False)) as compare_pairs:
        ranked = Ranker(scorer.bundle).rank(scores, compare_pairs)
    return [
        RankedFile(
            **vars(version),
            path=files[version.index],
            parent=None if version.descent is None else files[version.descent.parent],
        )
        for version in ranked
    ]


def scan(
    folders: Sequence[Path | str],
    catalog: Path | str | None = None,
    sure: float | None = None,
    rules: "Rules | Path | str | None" = None,
    scorer: Scorer | None = None,
    isolated: bool = False,
) -> "ScanResult":
    """The versions of every picture in a collection, which file to keep, and a plan of what may be put away.

    Nothing is changed; `genloss.archive.plan_file.write_plan` writes `result.plan` for `genloss apply`.

    Args:
        folders: with all below them.
        catalog: file that keeps what is learnt, so that a second scan decodes only new and changed files; None for a
            scan that keeps nothing.
        sure: least odds that the kept file is closer to the original; None for what the rules say, 0.99.
        rules: read, or a TOML file.
        scorer: its bundle ranks; None for the bundled model.
        isolated: whether to work in processes, one a core, in which a hang or a crash loses one file only; a program
            then needs the usual `if __name__ == "__main__":`.

    Raises:
        FileUnreadableError: a folder is missing.
        CatalogError: the catalog cannot be used.
        RulesError: the rules cannot be used.
    """
    from genloss.archive.catalog import Catalog
    from genloss.archive.grouping import ScanOptions
    from genloss.archive.listing import find_roots
    from genloss.archive.rules import Rules, read_rules
    from genloss.archive.scan import scan_folders

    found = rules if isinstance(rules, Rules) else Rules() if rules is None else read_rules(Path(rules))
    options = ScanOptions(sure, found, isolated=isolated)
    if scorer is not None:
        options = ScanOptions(sure, found, scorer.bundle.folder, scorer.max_pixels, isolated)
    roots = find_roots(folders)
    with tempfile.TemporaryDirectory() as folder, Catalog(Path(catalog or Path(folder) / "catalog")) as opened:
        return scan_folders(roots, opened, options)
