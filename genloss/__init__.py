"""genloss: which version of a picture is closest to the original.

    >>> from genloss import Scorer, rank
    >>> for version in rank(["a.jpg", "b.png"]):
    ...     print(version.place, version.path, version.score.generation_loss)

A generation loss lies in [0, 1]; lower is closer to the original. It only compares versions of the
same picture: between different pictures it means nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import GenerationLossError, ImageError
from model.facts import Facts
from model.pair_judge import PairJudge
from model.ranking import RankedVersion, rank_versions
from model.reasons import Reason
from model.scorer import Score, Scorer

__version__ = "0.1.0"
__all__ = [
    "Facts",
    "GenerationLossError",
    "ImageError",
    "RankedFile",
    "Reason",
    "Score",
    "Scorer",
    "__version__",
    "rank",
    "score",
]


@dataclass(frozen=True)
class RankedFile(RankedVersion):
    """A place in a ranking of files; see model.ranking.RankedVersion for the other fields.

    Attributes:
        path: the file, as given.
    """

    path: Path


def score(path: Path | str, scorer: Scorer | None = None) -> Score:
    """The score of one file.

    Args:
        path: a JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF file.
        scorer: to use again for many files; made from the bundled model when None.

    Raises:
        ImageError: the file cannot be read or scored; its `code` says why.
    """
    return (scorer or Scorer()).score_file(path)


def rank(paths: Sequence[Path | str], scorer: Scorer | None = None) -> list[RankedFile]:
    """Versions of one picture, closest to the original first.

    The order comes from comparing every two versions side by side, which knows more than their scores:
    neighbours may stand in another order than their scores say.

    Args:
        paths: files that show the same picture; two or more make sense.
        scorer: as in `score`.

    Raises:
        ImageError: of the first file that cannot be read or scored.
    """
    scorer = scorer or Scorer()
    scores = [scorer.score_file(path) for path in paths]
    log_odds = PairJudge(scorer.bundle).log_odds([one.evidence for one in scores])
    ranked = rank_versions(scores, log_odds, scorer.bundle)
    return [RankedFile(**vars(version), path=Path(paths[version.index])) for version in ranked]
