"""From the scores of a group of versions to an order, odds between neighbours, and close calls."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model.bundle import Bundle
from model.scorer import Score


@dataclass(frozen=True)
class RankedVersion:
    """One place in a ranking.

    Attributes:
        place: 1 for the version closest to the original.
        index: position of the version in the input.
        score: its score.
        probability_closer_than_next: stated odds in [0.5, 1] that it is closer to the original than the
            next place, None for the last.
        too_close_to_call: whether those odds are among the least certain tenth of validation pairs.
    """

    place: int
    index: int
    score: Score
    probability_closer_than_next: float | None
    too_close_to_call: bool


def rank_scores(scores: Sequence[Score], bundle: Bundle) -> list[RankedVersion]:
    """Versions of one picture, closest to the original first; equal scores keep their input order."""
    order = sorted(range(len(scores)), key=lambda index: scores[index].generation_loss)
    ranked = []
    for place, index in enumerate(order):
        odds = None
        if place + 1 < len(order):
            difference = scores[order[place + 1]].generation_loss - scores[index].generation_loss
            odds = 1.0 / (1.0 + math.exp(-bundle.slope * difference))
        close = odds is not None and odds < bundle.close_call
        ranked.append(RankedVersion(place + 1, index, scores[index], odds, close))
    return ranked
