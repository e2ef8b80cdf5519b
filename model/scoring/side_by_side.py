"""Chooses the pairs of a group to register, and derives the order and the family tree."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genloss.model.components import connected, connected_unless
from genloss.model.images.facts import Facts
from genloss.model.pairs.changes import describe_changes
from genloss.model.pairs.evidence import N_MEASURES
from genloss.model.pairs.findings import Apart, ComparePairs, Finding
from genloss.model.pairs.genealogy import DIRECT, Descent, tree_in_order
from genloss.model.pairs.rivals import settle_rivals
from genloss.model.scoring.order import likeliest_order
from genloss.model.scoring.pair_models import PairModels

ALL_PAIRS = 8  # versions up to which every pair is compared
NEIGHBOURS = 3  # beyond: pairs at most so many places apart, those that are uncertain, and all with the first
UNCERTAIN = 2.0  # log odds
STANDS_OUT = 2.0  # times that strokes of two pages agree worse in one place, which hardly any copies have
ROUNDS = 3  # of comparing new neighbours after the order changed
PROVED = 6.3  # log odds of a proof: 0 of 1,700 proofs of held-out pairs were wrong, so fewer than 3 in 1,700 are (95 %)


@dataclass
class SideBySide:
    """Comparisons of the versions of one picture, as many as their order needs.

    Attributes:
        log_odds: (V, V) calibrated and antisymmetric: that the row's version is worse than the column's.
        findings: by pair (first, second) of positions, first below second.
        parent_log_odds: (V, V) that the row's version is the column's parent; -inf for pairs that were not compared.
        family_log_odds: (V, V) the same in view of all versions.
        models: pair models of the judge's bundle.
        compared: pairs that were submitted.
        apart: compared pairs that do not show the same picture.
        pages: those of them that are two pages of one layout.
    """

    log_odds: NDArray[np.float64]
    findings: dict[tuple[int, int], Finding]
    parent_log_odds: NDArray[np.float64]
    family_log_odds: NDArray[np.float64]
    models: PairModels
    compared: set[tuple[int, int]] = field(default_factory=set)
    apart: set[tuple[int, int]] = field(default_factory=set)
    pages: set[tuple[int, int]] = field(default_factory=set)

    @property
    def order(self) -> list[int]:
        """Positions, the closest to the original first."""
        return likeliest_order(self.log_odds)

    def pictures(self, alike: Sequence[tuple[int, int]]) -> list[list[int]]:
        """Positions by picture: a chain of versions joins its ends, unless it joins two pages of one layout.

        Args:
            alike: further pairs that show the same picture, whatever their comparison says.
        """
        together = {*(self.compared - self.apart), *alike}
        if not self.pages:
            return connected(len(self.log_odds), together)
        return connected_unless(len(self.log_odds), sorted(together, key=self._doubt), self.pages - set(alike))

    def _doubt(self, pair: tuple[int, int]) -> tuple[bool, float]:
        """Lower where two files more surely show the same page: nothing stands out, and they are likely parent and child."""
        finding = self.findings.get(pair)
        stands_out = finding is None or finding.times_worse >= STANDS_OUT
        return stands_out, -float(max(self.parent_log_odds[pair], self.parent_log_odds[pair[::-1]]))

    def finding(self, first: int, second: int) -> Finding | None:
        """The finding for two positions, seen from the first."""
        if first < second:
            return self.findings.get((first, second))
        found = self.findings.get((second, first))
        return None if found is None else found.swapped

    def descents(self, facts: Sequence[Facts], order: Sequence[int]) -> list[Descent | None]:
        """The descent of each version; None for the root, and for versions that were registered with no other.

        Args:
            facts: facts of all versions.
            order: positions, the closest to the original first.
        """
        log_odds = self.family_log_odds
        if self.models.compares_rivals:
            log_odds = settle_rivals(log_odds, order, self._contest)
        tree = tree_in_order(log_odds, list(order)) if order else []
        return [self._descent(parent, child, facts) for child, parent in enumerate(tree)]

    def _contest(self, child: int, parents: Sequence[int]) -> NDArray[np.float64]:
        """A Contest of rivals.py."""
        evidence = []
        for parent in parents:
            finding = self.finding(parent, child)
            assert finding is not None
            evidence.append((finding.comparison.forwards_vector, finding.comparison.backwards_vector))
        one, other = np.triu_indices(len(parents), 1)
        forwards, backwards = (np.stack(side) for side in zip(*evidence, strict=True))
        found = np.zeros((len(parents), len(parents)))
        found[one, other] = self.models.rival_log_odds((forwards[one], backwards[one]), (forwards[other], backwards[other]))
        return found - found.T

    def _descent(self, parent: int | None, child: int, facts: Sequence[Facts]) -> Descent | None:
        if parent is None or not np.isfinite(self.family_log_odds[parent, child]):
            return None
        finding = self.finding(parent, child)
        assert finding is not None
        # The parent model doubts parents of several children; the family model trusts that no version is missing.
        log_odds = (self.parent_log_odds[parent, child] + self.family_log_odds[parent, child]) / 2
        probability = float(1 / (1 + np.exp(-log_odds)))
        made, comparison = finding.made, finding.comparison
        direct = made is not None or probability > DIRECT  # a proof is of one step
        changes = describe_changes(comparison, facts[child], facts[parent])
        return Descent(parent, probability, direct, made, changes, comparison.registration.placement)


def compare_side_by_side(judge: NDArray[np.floating], models: PairModels, compare_pairs: ComparePairs) -> SideBySide:
    """Compares versions until every two neighbours of the order have been compared.

    Args:
        judge: (V, V) log odds of the pair judge, not calibrated, that the row's version is worse than the column's.
        models: pair models of the judge's bundle.
        compare_pairs: registers pairs of positions.
    """
    alone = models.calibration.alone_slope * np.asarray(judge, float)
    found = SideBySide(alone, {}, np.full_like(alone, -np.inf), np.full_like(alone, -np.inf), models)
    for _ in range(ROUNDS):
        wanted = sorted(_wanted(found) - found.compared)
        if not wanted:
            break
        found.compared |= set(wanted)
        results = dict(zip(wanted, compare_pairs(wanted), strict=True))
        apart = {pair: finding for pair, finding in results.items() if isinstance(finding, Apart)}
        found.apart |= apart.keys()
        found.pages |= {pair for pair, finding in apart.items() if finding.pages}
        _take(found, {pair: finding for pair, finding in results.items() if isinstance(finding, Finding)}, judge, models)
    found.family_log_odds = models.family_log_odds(found.parent_log_odds, found.log_odds)
    return found


def _wanted(found: SideBySide) -> set[tuple[int, int]]:
    """Pairs whose comparison may change the order or the tree."""
    order = found.order
    n = len(order)
    if n <= ALL_PAIRS:
        return {(first, second) for second in range(n) for first in range(second)}
    wanted = set()
    for position, version in enumerate(order):
        others = [order[0], *order[position + 1 : position + 1 + NEIGHBOURS]]
        near = order[position + 1 : position + 1 + 3 * NEIGHBOURS]
        others += [other for other in near if abs(found.log_odds[version, other]) < UNCERTAIN]
        wanted |= {(min(version, other), max(version, other)) for other in others if other != version}
    return wanted


def _take(found: SideBySide, findings: dict[tuple[int, int], Finding], judge: NDArray[np.floating], models: PairModels) -> None:
    """Enters new findings into the odds."""
    if not findings:
        return
    found.findings.update(findings)
    first, second = (np.array(side) for side in zip(*findings, strict=True))
    forwards = np.stack([finding.comparison.forwards_vector for finding in findings.values()]).reshape(-1, N_MEASURES)
    backwards = np.stack([finding.comparison.backwards_vector for finding in findings.values()]).reshape(-1, N_MEASURES)
    own = np.asarray(judge, float)[first, second]
    log_odds = models.log_odds(forwards, backwards, own)
    made = np.array([bool(finding.made) for finding in findings.values()])
    made_backwards = np.array([bool(finding.made_backwards) for finding in findings.values()])
    log_odds = np.where(made, np.minimum(log_odds, -PROVED), np.where(made_backwards, np.maximum(log_odds, PROVED), log_odds))
    found.log_odds[first, second], found.log_odds[second, first] = log_odds, -log_odds
    parent = models.parent_log_odds(forwards, backwards, own)
    child = models.parent_log_odds(backwards, forwards, -own)
    found.parent_log_odds[first, second], found.parent_log_odds[second, first] = parent, child
