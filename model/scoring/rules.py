"""Rules that order two versions before any model is asked. They look at what the files hold, not at how they look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.facts import describe_place
from genloss.model.pairs.findings import Finding
from genloss.model.scoring.order import likeliest_order
from genloss.model.scoring.scorer import Score

CERTAIN = 9.0  # log odds of what holds by definition: a damaged file, and fewer bits of the same pixels, hold less
# Nobody adds true bits below those of a file, but white is made transparent now and then, and pixels within a level of each
# other may come from two edits of a third file.
LIKELY = float(np.log(19))
_WITHIN_ONE = 0.999  # of the pixels


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
    """Why a version stands behind another version of the same picture; None if the models decide.

    Args:
        version: scored with the same bundle as `other`.
        other: the other version.
        finding: result of registering the two, `version` first; None if that was not possible.
    """
    if version.facts.damaged and not other.facts.damaged:
        return Behind(CERTAIN, f"damaged{describe_place(version.facts.damaged_from, version.facts.damaged_share)}")
    if other.facts.damaged and not version.facts.damaged:
        return None
    return _holds_less(version, other, finding)


def _holds_less(version: Score, other: Score, finding: Finding | None) -> Behind | None:
    """Whether a version shows what the other one does, with fewer bits or without its transparency."""
    deeper = other.facts.bits_per_sample > max(8, version.facts.bits_per_sample)
    clearer = other.facts.transparent and not version.facts.transparent
    if deeper == clearer:  # neither; or both, so that nobody knows what was done first
        return None
    exact = _shows_the_same(version, other)
    if not exact and not _differs_by_a_level(version, other, finding):
        return None
    if deeper:
        bits = f"{version.facts.bits_per_sample} bits per sample, of {other.facts.bits_per_sample}"
        return Behind(CERTAIN if exact else LIKELY, f"the same picture in {bits}")
    return Behind(LIKELY, "the same picture without its transparency")


def _shows_the_same(version: Score, other: Score) -> bool:
    """Whether it is, to the last pixel, what the other one shows in eight bits on white."""
    if version.fingerprint is None or other.fingerprint is None or other.fingerprint.same.content_sha256 is None:
        return False
    return version.fingerprint.same.shown_sha256[0] in other.fingerprint.same.shown_sha256


def _differs_by_a_level(version: Score, other: Score, finding: Finding | None) -> bool:
    """Whether both are stored without loss, and no proof says that the other one was made from this one."""
    if finding is None or finding.made is not None or not (version.facts.lossless and other.facts.lossless):
        return False
    forwards = finding.comparison.forwards
    is_whole = finding.comparison.registration.placement.is_whole_frame
    same_size = (version.facts.width_px, version.facts.height_px) == (other.facts.width_px, other.facts.height_px)
    return is_whole and same_size and forwards is not None and forwards.raw.within_one >= _WITHIN_ONE


def apply_rules(
    log_odds: NDArray[np.float64], scores: Sequence[Score], findings: Mapping[tuple[int, int], Finding]
) -> NDArray[np.float64]:
    """Log odds with the rules applied: a pair that a rule decides gets at least the log odds of that rule.

    Where two versions hold the same coefficients, turned, the log odds are 0 before these rules.

    Args:
        log_odds: (C, C) calibrated, that the row's version is worse than the column's.
        scores: scores of the C versions.
        findings: by pair of positions, the first below the second.
    """
    ruled = log_odds.copy()
    for first in range(len(scores)):
        for second in range(first + 1, len(scores)):
            finding = findings.get((first, second))
            if finding is not None and finding.equal:
                ruled[first, second] = ruled[second, first] = 0.0
            swapped = None if finding is None else finding.swapped
            for worse, better, found in ((first, second, finding), (second, first, swapped)):
                rule = behind(scores[worse], scores[better], found)
                if rule is not None:
                    ruled[worse, better] = max(ruled[worse, better], rule.log_odds)
                    ruled[better, worse] = -ruled[worse, better]
    return ruled


def order_by_rules(log_odds: NDArray[np.floating], heads: Sequence[Score]) -> list[int]:
    """The likeliest order in which no damaged version stands before an intact one.

    Args:
        log_odds: (C, C) that the row's version is worse than the column's.
        heads: scores of the C versions.
    """
    damaged = np.array([head.facts.damaged for head in heads], bool)
    order: list[int] = []
    for members in (np.flatnonzero(~damaged), np.flatnonzero(damaged)):
        order += [int(members[place]) for place in likeliest_order(log_odds[np.ix_(members, members)])]
    return order
