"""The order of several versions of one picture: compares every two, then finds one order for all."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.findings import ComparePairs, Found
from genloss.model.scoring.bundle import JUDGE, Bundle
from genloss.model.scoring.framed import group_pictures
from genloss.model.scoring.onnx_session import open_session
from genloss.model.scoring.pair_models import PairModels
from genloss.model.scoring.pictures import alike_above_damage, equal_pixels
from genloss.model.scoring.ranked import ComparedGroup, RankedVersion, place_group
from genloss.model.scoring.rules import apply_rules, order_by_rules
from genloss.model.scoring.scorer import Score
from genloss.model.scoring.side_by_side import compare_side_by_side

PAIRS_PER_RUN = 2048  # judged at once; bounds memory however many versions there are


class Ranker:
    """Orders versions with one bundle; threads may share it.

    Args:
        bundle: the bundle of the Scorer that gave the scores.

    Raises:
        BundleError: ONNX Runtime cannot run the bundle's judge.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._session = open_session(bundle.judge, bundle.folder / JUDGE)
        self._models = None if bundle.pairs is None else PairModels(bundle)

    def rank(
        self, scores: Sequence[Score], compare_pairs: ComparePairs | None = None, one_picture: bool = False
    ) -> list[RankedVersion]:
        """Versions in order, picture by picture, closest to the original first. Equal versions keep their input order.

        Args:
            scores: from a Scorer with the same bundle. With fingerprints, equal files, equal pixels and different pictures
                are recognised. Without them, all versions count as different versions of one picture.
            compare_pairs: registers pairs of input positions, and says which do not show the same picture. None to use
                thumbnails and the judge alone.
            one_picture: whether it is known that all versions show one picture. Then none are told apart; the judge alone
                compares those that do not seem to show the same.
        """
        remembered = None if compare_pairs is None else _remembering(compare_pairs)
        together = [list(range(len(scores)))] if scores else []
        pictures = together if one_picture else group_pictures(scores, remembered)
        groups = [group for members in pictures for group in self._compare(members, scores, remembered, one_picture)]
        groups.sort(key=lambda group: (-len(group.members), group.members[0]))
        return [version for number, group in enumerate(groups, 1) for version in place_group(number, group, scores)]

    def compare(self, first: Score, second: Score, finding: Found) -> float:
        """Calibrated log odds that the first of two versions is worse, as `rank` uses them.

        Args:
            first: a version, scored with the same bundle.
            second: another version of the same picture.
            finding: result of registering the two; None to use the judge alone.
        """
        judge = self.log_odds([first, second])
        log_odds, findings = self.bundle.judge_slope * judge, {}
        if self._models is not None:
            found = compare_side_by_side(judge, self._models, lambda pairs: [finding] * len(pairs))
            log_odds, findings = found.log_odds, found.findings
        return float(apply_rules(log_odds, [first, second], findings)[0, 1])

    def _compare(
        self, members: list[int], scores: Sequence[Score], compare_pairs: ComparePairs | None, one_picture: bool
    ) -> list[ComparedGroup]:
        """Versions at the given input positions, compared; picture by picture where they show several."""
        classes = [[members[position] for position in equal] for equal in equal_pixels([scores[one] for one in members])]
        judge = mean_of_classes(self.log_odds([scores[one] for one in members]), members, classes)
        heads = [_head([scores[index] for index in equal]) for equal in classes]
        if self._models is None or compare_pairs is None or len(classes) == 1:
            ruled = apply_rules(self.bundle.judge_slope * judge, heads, {})
            return [ComparedGroup(members, classes, ruled, order_by_rules(ruled, heads), [None] * len(classes), heads)]
        firsts = [equal[0] for equal in classes]
        found = compare_side_by_side(
            judge, self._models, lambda pairs: compare_pairs([(firsts[one], firsts[other]) for one, other in pairs])
        )
        pictures = [] if one_picture else found.pictures(alike_above_damage(heads))
        if len(pictures) > 1:
            parts = [sorted(index for number in picture for index in classes[number]) for picture in pictures]
            return [group for part in parts for group in self._compare(part, scores, compare_pairs, one_picture)]
        ruled = apply_rules(found.log_odds, heads, found.findings)
        order = order_by_rules(ruled, heads)
        descents = [
            None if descent is None else replace(descent, parent=firsts[descent.parent])
            for descent in found.descents([scores[first].facts for first in firsts], order)
        ]
        return [ComparedGroup(members, classes, ruled, order, descents, heads)]

    def log_odds(self, scores: Sequence[Score]) -> NDArray[np.float64]:
        """The judge's log odds that the row's version is worse than the column's; (V, V), antisymmetric, not calibrated.

        Args:
            scores: V versions of one picture.
        """
        n_versions = len(scores)
        matrix = np.zeros((n_versions, n_versions))
        rows, columns = np.triu_indices(n_versions, 1)
        evidence = np.stack([score.evidence for score in scores]) if n_versions else np.zeros((0, 0), np.float32)
        for start in range(0, len(rows), PAIRS_PER_RUN):
            left, right = rows[start : start + PAIRS_PER_RUN], columns[start : start + PAIRS_PER_RUN]
            (found,) = self._session.run(["log_odds"], {"left": evidence[left], "right": evidence[right]})
            matrix[left, right] = found[:, 0]
        return matrix - matrix.T


def mean_of_classes(
    log_odds: NDArray[np.floating], members: Sequence[int], classes: Sequence[Sequence[int]]
) -> NDArray[np.float64]:
    """Mean log odds between classes of versions with equal pixels; (C, C).

    Versions with equal pixels may have different containers, and so different log odds. The mean does not depend on the
    input order.

    Args:
        log_odds: (V, V), as from Ranker.log_odds.
        members: numbers of the V versions.
        classes: the numbers in each class; every version is in one class.
    """
    shares = np.zeros((len(classes), len(log_odds)))
    position = {name: index for index, name in enumerate(members)}
    for row, equal in enumerate(classes):
        shares[row, [position[name] for name in equal]] = 1 / len(equal)
    means: NDArray[np.float64] = shares @ log_odds @ shares.T
    return means


def _head(equal: Sequence[Score]) -> Score:
    return next((score for score in equal if score.facts.damaged), equal[0])


def _remembering(compare_pairs: ComparePairs) -> ComparePairs:
    """The same, asked once for each pair."""
    known: dict[tuple[int, int], Found] = {}

    def compare(pairs: Sequence[tuple[int, int]]) -> list[Found]:
        new = [pair for pair in pairs if pair not in known]
        known.update(zip(new, compare_pairs(new), strict=True))
        return [known[pair] for pair in pairs]

    return compare
