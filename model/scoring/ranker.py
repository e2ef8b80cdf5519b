"""The order of several versions of one picture: every two compared by the pair judge, then one order for all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.scoring.bundle import JUDGE, Bundle
from genloss.model.scoring.onnx_session import open_session
from genloss.model.scoring.order import likeliest_order
from genloss.model.scoring.scorer import Score


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


class Ranker:
    """Orders versions with one bundle; safe to share between threads.

    Args:
        bundle: of the Scorer that gave the scores.

    Raises:
        BundleError: the bundle's judge cannot be run.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._session = open_session(bundle.judge, bundle.folder / JUDGE)

    def rank(self, scores: Sequence[Score]) -> list[RankedVersion]:
        """Versions of one picture, closest to the original first; equal ones keep their input order.

        Args:
            scores: of the versions, all by the bundle's own Scorer.
        """
        return place_versions(scores, self.log_odds(scores), self.bundle)

    def log_odds(self, scores: Sequence[Score]) -> NDArray[np.float64]:
        """(V, V) antisymmetric log odds that the row's version is worse than the column's, not yet calibrated.

        Args:
            scores: of V versions of one picture.
        """
        n_versions = len(scores)
        matrix = np.zeros((n_versions, n_versions))
        rows, columns = np.triu_indices(n_versions, 1)
        if len(rows):
            evidence = np.stack([score.evidence for score in scores])
            (found,) = self._session.run(["log_odds"], {"left": evidence[rows], "right": evidence[columns]})
            matrix[rows, columns] = found[:, 0]
        return matrix - matrix.T


def place_versions(scores: Sequence[Score], log_odds: NDArray[np.floating], bundle: Bundle) -> list[RankedVersion]:
    """Places of versions whose pairs are judged already.

    Args:
        scores: of V versions of one picture.
        log_odds: (V, V), as from Ranker.log_odds.
        bundle: holds the calibration of stated odds.
    """
    order = likeliest_order(log_odds)
    ranked = []
    for place, index in enumerate(order):
        odds = None
        if place + 1 < len(order):
            odds = float(1.0 / (1.0 + np.exp(-bundle.judge_slope * log_odds[order[place + 1], index])))
        close = odds is not None and odds < bundle.judge_close_call
        ranked.append(RankedVersion(place + 1, index, scores[index], odds, close))
    return ranked
