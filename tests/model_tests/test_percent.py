"""Percentages that are shown: rounded down, so that none looks better than it is."""

import pytest

from genloss.model.percent import percent, percent_of_all


@pytest.mark.parametrize(
    ("odds", "shown"),
    [(0.29, "29 %"), (0.919, "91 %"), (0.98999, "98 %"), (0.99, "99.0 %"), (0.9989, "99.8 %"), (1.0, "> 99.9 %")],
)
def test_a_probability_is_never_overstated(odds, shown):
    assert percent(odds) == shown


def test_only_all_is_a_hundred_percent():
    assert percent_of_all(1.0) == "100.0 %"
    assert percent_of_all(53_999 / 54_000) == "99.9 %"
    assert percent_of_all(0.57, 0) == "57 %"
