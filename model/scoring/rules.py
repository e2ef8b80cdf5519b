"""What decides between two versions of one picture before any model is asked: what their files hold, not how they look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.facts import describe_place
from genloss.model.pairs.findings import Finding
from genloss.model.scoring.order import likeliest_order
from genloss.model.scoring.scorer import Score

CERTAIN = 9.0  # log odds, as a proof has them: wrong less than once in 8,000


@dataclass(frozen=True)
class Behind:
    """Why a version stands behind another one.

    Attributes:
        log_odds: that it is worse.
        why: in words.
    """

    log_odds: float
    why: str


def behind(version: Score, other: Score, finding: Finding | None = None) -> Behind | None:
    """Why a version stands behind another one of the same picture; None where the models decide.

    Args:
        version, other: by the bundle's own Scorer.
        finding: of the two laid on each other, this version first; None without.
    """
    if version.facts.damaged and not other.facts.damaged:
        return Behind(CERTAIN, f"damaged{describe_place(version.facts.damaged_from, version.facts.damaged_share)}")
    return None


def apply_rules(
    log_odds: NDArray[np.float64], scores: Sequence[Score], findings: Mapping[tuple[int, int], Finding]
) -> NDArray[np.float64]:
    """The same log odds where no rule speaks; where one does, at least its own.

    Args:
        log_odds: (C, C) calibrated, that the row's version is worse than the column's.
        scores: of the C versions.
        findings: of pairs of positions, the first below the second.
    """
    ruled = log_odds.copy()
    for first in range(len(scores)):
        for second in range(first + 1, len(scores)):
            finding = findings.get((first, second))
            swapped = None if finding is None else finding.swapped
            for worse, better, found in ((first, second, finding), (second, first, swapped)):
                rule = behind(scores[worse], scores[better], found)
                if rule is not None:
                    ruled[worse, better] = max(ruled[worse, better], rule.log_odds)
                    ruled[better, worse] = -ruled[worse, better]
    return ruled


def order_by_rules(log_odds: NDArray[np.floating], heads: Sequence[Score] | None) -> list[int]:
    """The likeliest order in which no damaged version stands before an intact one.

    Args:
        log_odds: (C, C) that the row's version is worse than the column's.
        heads: the C versions; None where nothing is known of them.
    """
    damaged = np.array([False] * len(log_odds) if heads is None else [head.facts.damaged for head in heads], bool)
    order: list[int] = []
    for members in (np.flatnonzero(~damaged), np.flatnonzero(damaged)):
        order += [int(members[place]) for place in likeliest_order(log_odds[np.ix_(members, members)])]
    return order
