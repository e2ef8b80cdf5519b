"""Self-test on golden images, which a model must rank rightly before it may serve."""

import math
from pathlib import Path
from typing import Any

from genloss.model.errors import ImageError
from genloss.model.pairs.findings import find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Scorer
from genloss.serve.http.problems import RequestError
from genloss.serve.models.schemas import GoldenImage

GOLDEN = Path(__file__).parent / "golden"


def self_test(bundle: Path) -> list[GoldenImage]:
    """Scores and ranks the golden images with a bundle: three originals, each with its messenger copy.

    Returns:
        Scores and order of each pair. The caller decides what follows if an original is not ranked first.

    Raises:
        BundleError: the bundle cannot be loaded or run.
        RequestError: self_test_failed, if a golden image has no score, a score is outside [0, 1], or all scores are equal.
    """
    scorer = Scorer(bundle)
    ranker = Ranker(scorer.bundle)
    seen = []
    for path in sorted(GOLDEN.glob("*-original.*")):
        name = path.name.split("-")[0]
        try:
            files = [path.read_bytes(), (GOLDEN / f"{name}-damaged.jpg").read_bytes()]
            original, damaged = (scorer.score(data) for data in files)
            finding = None if scorer.bundle.pairs is None else find(*(VersionPlanes.read(data) for data in reversed(files)))
        except ImageError as error:
            raise RequestError("self_test_failed", f"the golden image {name} cannot be scored: {error}") from error
        seen.append(
            GoldenImage(
                name=name,
                original=original.generation_loss,
                damaged=damaged.generation_loss,
                ranked_rightly=ranker.compare(damaged, original, finding) > 0,
            )
        )
    values = [value for image in seen for value in (image.original, image.damaged)]
    if not all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in values):
        raise RequestError("self_test_failed", "a golden image has a score outside 0 to 1")
    if max(values) - min(values) < 1e-6:
        raise RequestError("self_test_failed", "all golden images have the same score", describe_seen(seen))
    return seen


def wrong_names(seen: list[GoldenImage]) -> list[str]:
    """Golden images whose original the model does not rank first."""
    return [image.name for image in seen if not image.ranked_rightly]


def describe_seen(seen: list[GoldenImage]) -> dict[str, Any]:
    """Results of the self-test as a member of a problem document."""
    return {"self_test": [image.model_dump() for image in seen]}
