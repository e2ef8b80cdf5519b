"""Medians and quantiles are those of NumPy; parts of a plane are those asked for."""

import numpy as np
import pytest

from genloss.model.pairs.sampling import cut_blocks, median_of, quantiles_of, spread_places

DRAWN = np.random.default_rng(4).normal(0, 30, (41, 50)).astype(np.float32)


@pytest.mark.parametrize(
    "numbers",
    [
        DRAWN,
        DRAWN[:, ::3],
        DRAWN[:9, :9],
        np.rint(DRAWN / 20),
        np.abs(DRAWN),
        np.zeros(8, np.float32),
        DRAWN[0, :1],
        DRAWN[0, :2],
    ],
    ids=["even", "strides", "odd", "few values", "positive", "equal", "one", "two"],
)
def test_medians_and_quantiles_are_numpys(numbers):
    assert median_of(numbers) == np.median(numbers)
    assert quantiles_of(numbers, (0.0, 0.5, 0.9, 1.0)) == list(np.quantile(numbers, (0.0, 0.5, 0.9, 1.0)))


def test_blocks_are_whole_ones_and_places_are_spread():
    blocks = cut_blocks(DRAWN)
    assert blocks.shape == (30, 64)
    assert np.array_equal(blocks[7].reshape(8, 8), DRAWN[8:16, 8:16])
    assert sorted(spread_places(9000, 41 * 50)) == list(range(41 * 50))
    assert len(set(spread_places(100, 41 * 50))) == 100
