"""The order of several versions of one picture: compares every two, then finds one order for all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.findings import ComparePairs, Found
from genloss.model.pairs.genealogy import Descent
from genloss.model.scoring.bundle import JUDGE, Bundle
from genloss.model.scoring.differences import differences
from genloss.model.scoring.framed import group_pictures
from genloss.model.scoring.onnx_session import open_session
from genloss.model.scoring.pair_models import PairModels
from genloss.model.scoring.pictures import alike_above_damage, equal_pixels
from genloss.model.scoring.rules import apply_rules, behind, order_by_rules
from genloss.model.scoring.scorer import Score
from genloss.model.scoring.side_by_side import compare_side_by_side

# Below these odds a comparison says nothing that anybody should act on.
CANNOT_TELL = 0.6
PAIRS_PER_RUN = 2048  # judged at once; bounds memory however many versions there are

Same = Literal["file", "pixels"]


@dataclass(frozen=True)
class RankedVersion:
    """One version in a ranking.

    Attributes:
        picture: number of the picture that the version shows, from 1; the picture with most versions comes first. Places
            and probabilities are within one picture.
        place: 1 for the version closest to the original; versions with equal pixels share a place.
        index: position of the version in the input.
        score: the version's score.
        probability_closer_than_next: in [0, 1], that the version is closer to the original than the next place; None at
            the last place.
        probability_worse_than_first: in [0, 1], that the version is farther from the original than the first place; None
            at the first place.
        too_close_to_call: whether probability_closer_than_next is below CANNOT_TELL.
        same_as: input position of the first version with equal pixels; None if no earlier version has them.
        same: "file" if the bytes equal those of `same_as`, "pixels" if only the pixels do.
        descent: which version this one was made from, and how. None for the first place, for copies, and if the versions
            could not be registered. `descent.parent` is an input position.
        differs: how the file differs from `same_as` although the pixels are equal, in words.
        rule: why a rule puts the version behind the first place, in words; None if the models decide.
    """

    picture: int
    place: int
    index: int
    score: Score
    probability_closer_than_next: float | None
    probability_worse_than_first: float | None
    too_close_to_call: bool
    same_as: int | None = None
    same: Same | None = None
    descent: Descent | None = None
    differs: tuple[str, ...] = ()
    rule: str | None = None


@dataclass(frozen=True)
class _Group:
    """Versions of one picture, compared.

    Attributes:
        members: their input positions.
        classes: the members with equal pixels, together.
        log_odds: (C, C) calibrated, that the row's class is worse than the column's.
        order: classes, the closest to the original first.
        descents: of the classes' first members; parents are input positions.
        heads: the member of each class that rules go by: a damaged one where there is one.
    """

    members: list[int]
    classes: list[list[int]]
    log_odds: NDArray[np.float64]
    order: list[int]
    descents: list[Descent | None]
    heads: list[Score]


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

    def rank(self, scores: Sequence[Score], compare_pairs: ComparePairs | None = None) -> list[RankedVersion]:
        """Versions in order, picture by picture, closest to the original first. Equal versions keep their input order.

        Args:
            scores: from a Scorer with the same bundle. With fingerprints, equal files, equal pixels and different pictures
                are recognised. Without them, all versions count as different versions of one picture.
            compare_pairs: registers pairs of input positions, and says which do not show the same picture. None to use
                thumbnails and the judge alone.
        """
        remembered = None if compare_pairs is None else _remembering(compare_pairs)
        pictures = group_pictures(scores, remembered)
        groups = [group for members in pictures for group in self._compare(members, scores, remembered)]
        groups.sort(key=lambda group: (-len(group.members), group.members[0]))
        return [version for number, group in enumerate(groups, 1) for version in _place_group(number, group, scores)]

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

    def _compare(self, members: list[int], scores: Sequence[Score], compare_pairs: ComparePairs | None) -> list["_Group"]:
        """Versions at the given input positions, compared; picture by picture where they show several."""
        classes = [[members[position] for position in equal] for equal in equal_pixels([scores[one] for one in members])]
        judge = mean_of_classes(self.log_odds([scores[one] for one in members]), members, classes)
        heads = [_head([scores[index] for index in equal]) for equal in classes]
        if self._models is None or compare_pairs is None or len(classes) == 1:
            ruled = apply_rules(self.bundle.judge_slope * judge, heads, {})
            return [_Group(members, classes, ruled, order_by_rules(ruled, heads), [None] * len(classes), heads)]
        firsts = [equal[0] for equal in classes]
        found = compare_side_by_side(
            judge, self._models, lambda pairs: compare_pairs([(firsts[one], firsts[other]) for one, other in pairs])
        )
        pictures = found.pictures(alike_above_damage(heads))
        if len(pictures) > 1:
            parts = [sorted(index for number in picture for index in classes[number]) for picture in pictures]
            return [group for part in parts for group in self._compare(part, scores, compare_pairs)]
        ruled = apply_rules(found.log_odds, heads, found.findings)
        order = order_by_rules(ruled, heads)
        descents = [
            None if descent is None else replace(descent, parent=firsts[descent.parent])
            for descent in found.descents([scores[first].facts for first in firsts], order)
        ]
        return [_Group(members, classes, ruled, order, descents, heads)]

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


def may_be_discarded(version: RankedVersion, sure: float) -> bool:
    """Whether this version may be discarded at a given probability.

    Args:
        version: from Ranker.rank.
        sure: least probability, in [0.5, 1], that the version is worse than the first place.

    Returns:
        True if another version has the same pixels, or if the version is worse than the first place with that probability.
    """
    if version.same_as is not None:
        return True
    worse = version.probability_worse_than_first
    return worse is not None and worse >= sure


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


def place_classes(
    log_odds: NDArray[np.floating], n_members: Sequence[int], order: Sequence[int]
) -> list[tuple[int, int, float | None, float | None]]:
    """Places and probabilities of classes whose order is known.

    Args:
        log_odds: (C, C) calibrated log odds that the row's class is worse than the column's.
        n_members: number of versions in each class; they share a place.
        order: classes, the closest to the original first.

    Returns:
        In order: place, class, probability against the next class, probability against the first class.
    """
    places, place = [], 1
    for position, number in enumerate(order):
        following = order[position + 1] if position + 1 < len(order) else None
        closer = None if following is None else _odds(log_odds[following, number])
        worse = None if position == 0 else _odds(log_odds[number, order[0]])
        places.append((place, number, closer, worse))
        place += n_members[number]
    return places


def _place_group(picture: int, group: _Group, scores: Sequence[Score]) -> list[RankedVersion]:
    ranked = []
    leader: Score | None = None
    for place, number, closer, worse in place_classes(group.log_odds, [len(one) for one in group.classes], group.order):
        first, head = group.classes[number][0], group.heads[number]
        leader = leader or head
        rule = behind(head, leader)
        close = closer is not None and closer < CANNOT_TELL
        for index in group.classes[number]:
            same = None if index == first else _same(scores[first], scores[index])
            ranked.append(
                RankedVersion(
                    picture, place, index, scores[index], closer, worse, close, None if same is None else first, same,
                    group.descents[number] if same is None else None,
                    () if same is None else differences(scores[index], scores[first]), None if rule is None else rule.why,
                )
            )  # fmt: skip
    return ranked


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


def _odds(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-logit)))


def _same(first: Score, other: Score) -> Same:
    return "file" if first.file_sha256 is not None and first.file_sha256 == other.file_sha256 else "pixels"
