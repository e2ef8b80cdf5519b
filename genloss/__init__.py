"""genloss: which version of a picture is closest to the original.

    >>> from genloss import Scorer, rank
    >>> for version in rank(["a.jpg", "b.png"]):
    ...     print(version.place, version.path, version.score.generation_loss)

A generation loss lies in [0, 1]; lower is closer to the original. Compare it only between versions of the same picture.
Between different pictures it means nothing.

A name is loaded when it is first used (PEP 562), so that `import genloss` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"
__all__ = [
    "Facts",
    "GenerationLossError",
    "ImageError",
    "RankedFile",
    "Ranker",
    "Reason",
    "Score",
    "Scorer",
    "__version__",
    "find",
    "leaks",
    "rank",
    "scan",
    "score",
]

if TYPE_CHECKING:
    from genloss.api import (
        Facts,
        GenerationLossError,
        ImageError,
        RankedFile,
        Ranker,
        Reason,
        Score,
        Scorer,
        find,
        leaks,
        rank,
        scan,
        score,
    )


# Modules that define the names genloss.api re-exports. Scoring imports from them, without OpenCV, which genloss.api loads.
_HOMES = {
    "Facts": "genloss.model.images.facts", "GenerationLossError": "genloss.model.errors",
    "ImageError": "genloss.model.errors", "Reason": "genloss.model.explanations.reasons",
    "Score": "genloss.model.scoring.scorer", "Scorer": "genloss.model.scoring.scorer",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "genloss.api")), name)


def __dir__() -> list[str]:
    return __all__
