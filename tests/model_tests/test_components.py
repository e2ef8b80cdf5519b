"""Groups that pairs connect, and pairs that no group may hold."""

from genloss.model.components import connected, connected_unless


def test_pairs_connect_groups():
    assert connected(5, [(3, 1), (4, 3)]) == [[0], [1, 3, 4], [2]]
    assert connected_unless(5, [(3, 1), (4, 3)], []) == [[0], [1, 3, 4], [2]]


def test_no_group_holds_a_pair_that_may_not_be_together_and_the_first_pairs_count():
    assert connected_unless(4, [(0, 1), (1, 2), (2, 3)], [(2, 0)]) == [[0, 1], [2, 3]]
    assert connected_unless(4, [(2, 3), (1, 2), (0, 1)], [(2, 0)]) == [[0], [1, 2, 3]]
    assert connected_unless(4, [(0, 1), (2, 3), (1, 2)], [(0, 3)]) == [[0, 1], [2, 3]]
