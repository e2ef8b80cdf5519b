"""What a bundle's judge says of every pair of a pair set; stored beside the evidence, and apart from it.

Evidence takes hours and does not depend on the bundle. The judge's odds take minutes, and each bundle has its own.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import ImageError, PairsError
from genloss.model.scoring.bundle import load_bundle
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Score, Scorer
from genloss.model.training.listing import read_groups
from genloss.model.training.stored_parts import Columns, Numbered, measure_groups


def open_judge_odds(
    folder: Path, bundle: Path, seed: int, on_group: Callable[[int, int], None] = lambda done, total: None
) -> NDArray[np.float32]:
    """Log odds that the first version of each pair is worse; judges every pair, or reads the results of an earlier run.

    Results are stored in `judge-*` in the folder; the name depends on the groups, the judge and the seed.

    Args:
        folder: written by datagen/make_pairs.py or datagen/make_families.py.
        bundle: folder of the bundle with the judge.
        seed: seed of the order of the two versions of each pair.
        on_group: called with the number of judged groups, and of all groups.

    Returns:
        (N,), in the order of pair_set.open_pair_set.

    Raises:
        PairsError: the folder has no groups, or a version cannot be read.
    """
    text, documents = read_groups(folder)
    digest = hashlib.sha256(text + load_bundle(bundle).judge_version.encode() + str(seed).encode()).hexdigest()
    context = (folder, bundle, seed)
    return measure_groups(folder / f"judge-{digest[:16]}", _judge, context, documents, on_group)["judge"]


def pairs_of(number: int, n_versions: int, seed: int) -> list[tuple[int, int]]:
    """Every two versions of a group, as (first, second), in random order.

    Args:
        number: position of the group in its listing.
        n_versions: number of versions in the group.
        seed: seed of the pair set.
    """
    generator = np.random.default_rng((seed, number))
    return [
        (earlier, later) if generator.random() < 0.5 else (later, earlier)
        for later in range(n_versions)
        for earlier in range(later)
    ]


@lru_cache(maxsize=1)
def _scoring(bundle: Path) -> tuple[Scorer, Ranker]:
    scorer = Scorer(bundle)
    return scorer, Ranker(scorer.bundle)


def _judge(context: tuple[Path, Path, int], item: Numbered) -> Columns:
    (folder, bundle, seed), (number, document) = context, item
    scorer, ranker = _scoring(bundle)
    scores: list[Score] = []
    for version in document["versions"]:
        path = folder / version["path"]
        try:
            scores.append(scorer.score(path.read_bytes()))
        except (OSError, ImageError) as error:
            raise PairsError(f"{path} cannot be measured: {error}") from error
    log_odds = ranker.log_odds(scores)
    return {"judge": np.array([log_odds[pair] for pair in pairs_of(number, len(scores), seed)], np.float32)}
