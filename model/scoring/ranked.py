"""The place of each version in a ranking, and how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.genealogy import Descent
from genloss.model.scoring.differences import differences
from genloss.model.scoring.rules import behind
from genloss.model.scoring.scorer import Score

# Below these odds a comparison says nothing that anybody should act on.
CANNOT_TELL = 0.6

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
class ComparedGroup:
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


def place_group(picture: int, group: ComparedGroup, scores: Sequence[Score]) -> list[RankedVersion]:
    """The versions of one picture in order.

    Args:
        picture: number of the picture, from 1.
        group: its versions, compared.
        scores: by input position.
    """
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


def _odds(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-logit)))


def _same(first: Score, other: Score) -> Same:
    return "file" if first.file_sha256 is not None and first.file_sha256 == other.file_sha256 else "pixels"
