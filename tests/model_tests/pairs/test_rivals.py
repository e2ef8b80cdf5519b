"""Where a parent and a grandparent explain a version almost equally well, comparing both directly decides."""

import numpy as np

from genloss.model.pairs.evidence import N_MEASURES
from genloss.model.pairs.genealogy import tree_in_order
from genloss.model.pairs.rivals import MOST_RIVALS, N_COLUMNS, possible_parents, rival_columns, settle_rivals

NEVER = -np.inf


def test_exchanging_two_rivals_exchanges_their_columns():
    generator = np.random.default_rng(2)
    one, other = generator.normal(size=(2, 2, 5, N_MEASURES)).astype(np.float32)
    columns, exchanged = rival_columns(tuple(one), tuple(other)), rival_columns(tuple(other), tuple(one))
    assert columns.shape == (5, N_COLUMNS)
    assert np.array_equal(columns[:, :N_MEASURES], -exchanged[:, :N_MEASURES])
    assert np.array_equal(columns[:, N_MEASURES : 2 * N_MEASURES], exchanged[:, 2 * N_MEASURES : 3 * N_MEASURES])


def test_a_close_call_between_parent_and_grandparent_is_settled_by_comparing_them():
    alone = np.array([[NEVER, 2.0, 1.0], [NEVER, NEVER, 0.8], [NEVER, NEVER, NEVER]])
    order = [0, 1, 2]
    assert tree_in_order(alone, order) == [None, 0, 0]

    def contest(child, parents):
        assert (child, parents) == (2, [0, 1])  # version 1 has one possible parent only
        return np.array([[0.0, -3.0], [3.0, 0.0]])

    assert tree_in_order(settle_rivals(alone, order, contest), order) == [None, 0, 1]


def test_a_clear_call_stands():
    alone = np.array([[NEVER, 2.0, 9.0], [NEVER, NEVER, 0.0], [NEVER, NEVER, NEVER]])
    settled = settle_rivals(alone, [0, 1, 2], lambda child, parents: np.array([[0.0, -50.0], [50.0, 0.0]]))
    assert tree_in_order(settled, [0, 1, 2]) == [None, 0, 0]


def test_rivals_are_few_and_stand_before_the_child():
    n = 40
    log_odds = np.random.default_rng(1).normal(size=(n, n))
    order = list(np.random.default_rng(2).permutation(n))
    for child, parents in enumerate(possible_parents(log_odds, order)):
        assert len(parents) <= MOST_RIVALS
        assert all(order.index(parent) < order.index(child) for parent in parents)
