"""What `from genloss import ...` gives: the scorer, the ranker, and a function for each of the two questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from genloss.model.errors import GenerationLossError, ImageError
from genloss.model.explanations.reasons import Reason
from genloss.model.images.facts import Facts
from genloss.model.scoring.ranker import RankedVersion, Ranker
from genloss.model.scoring.scorer import Score, Scorer

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
    "score",
]


@dataclass(frozen=True, kw_only=True)
class RankedFile(RankedVersion):
    """A place in a ranking of files; RankedVersion has the other fields.

    Attributes:
        path: the file, as given.
    """

    path: Path


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

    Args:
        paths: files that show the same picture; two or more make sense.
        scorer: as in `score`.

    Raises:
        ImageError: of the first file that cannot be read or scored.
    """
    scorer = scorer or Scorer()
    scores = [scorer.score_file(path, with_fingerprint=True) for path in paths]
    return [RankedFile(**vars(version), path=Path(paths[version.index])) for version in Ranker(scorer.bundle).rank(scores)]
