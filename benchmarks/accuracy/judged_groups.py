"""Groups as `rank` orders them against the known truth: pairs with stated probabilities, and versions to discard."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from groups import Relation, Version, known_order, last_edit
from numpy.typing import NDArray

from genloss import Scorer
from genloss.model.pairs.findings import PlanesInMemory
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.evaluation import read_pairs
from genloss.model.scoring.ranked import RankedVersion
from genloss.model.scoring.ranker import Ranker

WITHOUT_ORIGINAL = 1 / 3  # share of the groups whose original is not among the files, as in most collections
_LEAST_ODDS = 1e-15


@dataclass(frozen=True)
class JudgedPair:
    """Two places of a ranking whose true order is known.

    Attributes:
        log_odds: stated log odds that the order of the ranking is right.
        right: whether the order is right.
        relation: how the truth is known.
        edit: last edit of the version that is truly farther from the original.
        neighbours: whether the two places are adjacent.
        against_first: whether one of the two is the first place.
    """

    log_odds: float
    right: bool
    relation: Relation
    edit: str
    neighbours: bool
    against_first: bool

    @property
    def margin(self) -> float:
        """Stated log odds of the true order."""
        return self.log_odds if self.right else -self.log_odds


@dataclass(frozen=True)
class Follower:
    """A version after the first place; of versions with equal pixels only the first.

    Attributes:
        ranked: place and stated probabilities.
        closer: whether it is truly closer to the original than the first place; None if unknown.
        is_original: whether it is the original.
        original_is_first: whether the original is in the first place; None if it is not in the group.
    """

    ranked: RankedVersion
    closer: bool | None
    is_original: bool
    original_is_first: bool | None


@dataclass
class Findings:
    """Findings in all groups so far; keys of counts: groups, versions, copies, apart, with_original, original_first."""

    pairs: list[JudgedPair] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def judge_group(
    versions: list[Version], generator: np.random.Generator, scorer: Scorer, ranker: Ranker, findings: Findings
) -> None:
    """Ranks a group in random input order, sometimes without its original, and adds the result to the findings."""
    start = int(generator.random() < WITHOUT_ORIGINAL)
    given = [int(index) for index in generator.permutation(np.arange(start, len(versions)))]
    compare_pairs = PlanesInMemory(lambda position: VersionPlanes.read(versions[given[position]].data))
    ranking = ranker.rank([scorer.score(versions[index].data, with_fingerprint=True) for index in given], compare_pairs)
    places: dict[int, list[RankedVersion]] = {}
    for version in ranking:
        if version.picture == 1:
            places.setdefault(version.place, []).append(version)
    # Versions with equal pixels share a place; the first of them represents all.
    order = [min(given[version.index] for version in members) for members in places.values()]
    stated = [members[0] for members in places.values()]
    n_shown = sum(len(members) for members in places.values())
    findings.counts.update(groups=1, versions=len(given), copies=n_shown - len(order), apart=len(ranking) - n_shown)
    findings.counts.update(with_original=1 - start, original_first=int(order[0] == 0))
    for place, version in enumerate(stated):
        if place > 0 and version.probability_worse_than_first is not None:
            _note(findings, versions, (order[0], order[place]), version.probability_worse_than_first, place == 1, True)
            truth = known_order(versions, order[0], order[place])
            closer = None if truth is None else truth[0] == order[place]
            found = Follower(version, closer, order[place] == 0, None if start else order[0] == 0)
            findings.followers.append(found)
        if place > 0 and version.probability_closer_than_next is not None:
            _note(findings, versions, (order[place], order[place + 1]), version.probability_closer_than_next, True, False)


def chain_margins(folder: Path, scorer: Scorer, ranker: Ranker) -> NDArray[np.float64]:
    """(P,) uncalibrated log odds of the true order, for all pairs of a folder written by make_pairs.py."""
    pairs = read_pairs(folder / "pairs.csv")
    names = sorted({name for pair in pairs for name in (pair.better, pair.worse)})
    scores = {name: scorer.score_file(folder / name) for name in names}
    return np.array([ranker.log_odds([scores[pair.worse], scores[pair.better]])[0, 1] for pair in pairs])


def _note(
    findings: Findings, versions: list[Version], order: tuple[int, int], odds: float, neighbours: bool, against_first: bool
) -> None:
    truth = known_order(versions, *order)
    if truth is None:
        return
    closer, relation = truth
    odds = float(np.clip(odds, _LEAST_ODDS, 1 - _LEAST_ODDS))
    log_odds = float(np.log(odds / (1 - odds)))
    edit = last_edit(versions, order[1] if closer == order[0] else order[0])
    findings.pairs.append(JudgedPair(log_odds, closer == order[0], relation, edit, neighbours, against_first))
