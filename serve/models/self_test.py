"""Golden images that a model must get right before it may serve."""

import math
from pathlib import Path

from genloss.model.errors import ImageError
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Scorer
from genloss.serve.http.problems import RequestError
from genloss.serve.models.schemas import GoldenImage

GOLDEN = Path(__file__).parent / "golden"


def self_test(bundle: Path) -> list[GoldenImage]:
    """Loads a bundle and has it score and rank the golden images: an original and its messenger copy, three times.

    Raises:
        BundleError: it cannot be loaded or run.
        RequestError: self_test_failed, when scores are not usable or most originals are not ranked first.
    """
    scorer = Scorer(bundle)
    ranker = Ranker(scorer.bundle)
    seen = []
    for path in sorted(GOLDEN.glob("*-original.*")):
        name = path.name.split("-")[0]
        try:
            original, damaged = scorer.score_file(path), scorer.score_file(GOLDEN / f"{name}-damaged.jpg")
        except ImageError as error:
            raise RequestError("self_test_failed", f"the golden image {name} cannot be scored: {error}") from error
        seen.append(
            GoldenImage(
                name=name,
                original=original.generation_loss,
                damaged=damaged.generation_loss,
                ranked_rightly=bool(ranker.log_odds([damaged, original])[0, 1] > 0),
            )
        )
    found = {"self_test": [one.model_dump() for one in seen]}
    values = [value for one in seen for value in (one.original, one.damaged)]
    if not all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in values):
        raise RequestError("self_test_failed", "a golden image has a score outside 0 to 1")
    if max(values) - min(values) < 1e-6:
        raise RequestError("self_test_failed", "all golden images have the same score", found)
    n_right = sum(one.ranked_rightly for one in seen)
    if n_right * 2 <= len(seen):
        raise RequestError("self_test_failed", f"only {n_right} of {len(seen)} golden originals are ranked first", found)
    return seen
