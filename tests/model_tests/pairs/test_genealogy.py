"""The family tree has the largest sum of log odds, whatever circles the best parents make."""

from itertools import product

import numpy as np
import pytest

from genloss.model.pairs.genealogy import likeliest_tree


def _is_tree(parents, root):
    for start in range(len(parents)):
        node, steps = start, 0
        while node != root and steps <= len(parents):
            node, steps = parents[node], steps + 1
        if node != root:
            return False
    return True


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_no_other_tree_is_likelier(n):
    generator = np.random.default_rng(n)
    for _ in range(20):
        log_odds, root = generator.normal(size=(n, n)), int(generator.integers(n))
        found = likeliest_tree(log_odds, root)
        assert found[root] is None
        assert _is_tree(found, root)
        others = [node for node in range(n) if node != root]
        best = max(
            sum(log_odds[parent, child] for child, parent in zip(others, choice, strict=True))
            for choice in product(range(n), repeat=len(others))
            if all(child != parent for child, parent in zip(others, choice, strict=True))
            and _is_tree({**dict(zip(others, choice, strict=True)), root: None} | {}, root)
        )
        assert sum(log_odds[found[child], child] for child in others) == pytest.approx(best)


def test_what_is_ruled_out_is_taken_only_where_nothing_else_is_left():
    log_odds = np.full((3, 3), -np.inf)
    log_odds[0, 1], log_odds[1, 2] = 1.0, -5.0
    assert likeliest_tree(log_odds, 0) == [None, 0, 1]
