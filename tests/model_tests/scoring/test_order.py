"""One order from many comparisons: the one that agrees best with all of them."""

from itertools import pairwise, permutations

import numpy as np
import pytest

from genloss.model.scoring.order import likeliest_order


def _antisymmetric(n, seed):
    matrix = np.random.default_rng(seed).normal(size=(n, n))
    return matrix - matrix.T


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_the_order_agrees_best_with_all_comparisons(n):
    for seed in range(25):
        log_odds = _antisymmetric(n, seed)

        def agreement(order, log_odds=log_odds):
            return sum(log_odds[order[j], order[i]] for i in range(n) for j in range(i + 1, n))

        assert agreement(likeliest_order(log_odds)) == pytest.approx(max(map(agreement, permutations(range(n)))))


def test_many_versions_with_few_errors_come_in_their_order():
    generator = np.random.default_rng(3)
    truth = generator.permutation(40)
    place = np.argsort(truth)
    log_odds = np.sign(place[:, None] - place[None]) * 3.0 + np.triu(generator.normal(size=(40, 40)), 1)
    log_odds = np.triu(log_odds, 1) - np.triu(log_odds, 1).T
    assert likeliest_order(log_odds) == truth.tolist()


def test_neighbours_stand_as_their_own_comparison_says():
    for seed in range(20):
        log_odds = _antisymmetric(12, seed)
        order = likeliest_order(log_odds)
        assert all(log_odds[after, before] >= -1e-9 for before, after in pairwise(order))


def test_a_cycle_is_broken_where_it_is_weakest():
    log_odds = np.zeros((3, 3))
    for better, worse, odds in ((0, 1, 5.0), (1, 2, 4.0), (2, 0, 0.5)):
        log_odds[worse, better], log_odds[better, worse] = odds, -odds
    assert likeliest_order(log_odds) == [0, 1, 2]
