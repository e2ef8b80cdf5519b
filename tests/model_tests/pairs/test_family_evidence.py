"""What all versions of a group say about one parent and child."""

import numpy as np
import pytest

from genloss.model.pairs.family_evidence import COLUMNS, MOST, family_columns


def by_name(parent, worse):
    return dict(zip(COLUMNS, np.moveaxis(family_columns(parent, worse), -1, 0), strict=True))


def one_by_one(parent, worse, candidate, child):
    """The columns that need a third version, without any array in between."""
    odds = np.clip(parent, -MOST, MOST)
    others = [one for one in range(len(parent)) if one not in (candidate, child)]
    rivals = sorted((odds[one, child] for one in others), reverse=True)
    rival = max(others, key=lambda one: odds[one, child])
    return {
        "best_other": rivals[0],
        "second_other": rivals[1] if len(rivals) > 1 else -MOST,
        "by_way_of_another": max(min(odds[candidate, one], odds[one, child]) for one in others),
        "common_parent": max(min(odds[one, candidate], odds[one, child]) for one in others),
        "best_other_is_child": odds[candidate, rival],
        "best_other_is_parent": odds[rival, candidate],
        "worse_than_best_other": worse[candidate, rival],
    }


@pytest.mark.parametrize("n", [3, 4, 7])
def test_columns_are_those_of_a_search_one_by_one(n):
    generator = np.random.default_rng(n)
    parent = generator.normal(0, 6, (n, n))
    worse = generator.normal(0, 5, (n, n))
    worse -= worse.T
    found = by_name(parent, worse)
    for child in range(n):
        for candidate in range(n):
            if candidate != child:
                for name, value in one_by_one(parent, worse, candidate, child).items():
                    assert found[name][candidate, child] == pytest.approx(value, rel=1e-5), name


def test_pairs_that_were_not_compared_are_no_parent_and_child():
    parent = np.full((3, 3), -np.inf)
    parent[0, 1] = 4.0
    found = by_name(parent, np.zeros((3, 3)))
    assert np.isfinite(family_columns(parent, np.zeros((3, 3)))).all()
    assert found["parent"][0, 1] == 4.0
    assert found["parent"][0, 2] == -MOST
    assert found["other_parents"][2, 1] == pytest.approx(1 / (1 + np.exp(-4.0)))


def test_a_group_of_two_has_no_third_version():
    found = by_name(np.array([[-np.inf, 3.0], [-2.0, -np.inf]]), np.array([[0.0, -1.0], [1.0, 0.0]]))
    assert found["parent"][0, 1] == 3.0
    assert found["reversed"][0, 1] == -2.0
    assert found["best_other"][0, 1] == found["by_way_of_another"][0, 1] == found["common_parent"][0, 1] == -MOST
    assert found["place_of_parent"][0, 1] == 0
    assert found["place_of_child"][0, 1] == 1
