"""Accuracies and odds on small cases worked out by hand."""

import numpy as np
import pytest

from genloss.model.errors import PairsError
from genloss.model.scoring.evaluation import Pair, chain_accuracy, evaluate, read_pairs
from genloss.model.training.calibration import calibration_error, fit_slope
from genloss.tables import print_evaluations


def test_ties_count_half_and_missing_scores_count_as_wrong():
    pairs = [Pair("a", "b", "x"), Pair("a", "c", "x"), Pair("a", "gone", "y")]
    result = evaluate(pairs, [0.1, 0.0, None])
    assert result.accuracy == pytest.approx(0.5)
    assert result.macro == pytest.approx((0.75 + 0.0) / 2)
    assert (result.n_pairs, result.n_scored) == (3, 2)


def test_chains_count_every_ordered_pair():
    chains = [np.array([0.1, 0.3, 0.2]), np.array([0.5, 0.4])]
    assert chain_accuracy(chains) == pytest.approx(2 / 4)


def test_fitted_odds_are_honest():
    generator = np.random.default_rng(3)
    size = generator.exponential(0.1, 20_000)
    right = generator.random(size.size) < 1 / (1 + np.exp(-12.0 * size))
    differences = np.where(right, size, -size)
    slope = fit_slope(differences)
    assert slope == pytest.approx(12.0, rel=0.05)
    assert calibration_error(differences, slope) < 0.02
    assert calibration_error(differences, 5 * slope) > 0.05


@pytest.mark.parametrize(
    ("text", "message"),
    [("better,worse\na,b\n", "category"), ("better,worse,category\n", "no pairs")],
)
def test_bad_pair_lists_are_refused(tmp_path, text, message):
    path = tmp_path / "pairs.csv"
    path.write_text(text)
    with pytest.raises(PairsError, match=message):
        read_pairs(path)


def test_a_missing_pair_list_is_refused(tmp_path):
    with pytest.raises(PairsError, match="cannot be read"):
        read_pairs(tmp_path / "none.csv")


def test_a_list_from_a_spreadsheet_and_a_short_row(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_bytes(b"\xef\xbb\xbfbetter,worse,category\r\na.png,b.jpg,jpeg\r\n")
    assert read_pairs(path) == [Pair("a.png", "b.jpg", "jpeg")]
    path.write_text("better,worse,category\na.png,b.jpg,jpeg\nc.png,d.jpg\n")
    with pytest.raises(PairsError, match=r"pairs\.csv, line 3: an entry of better, worse, category is missing"):
        read_pairs(path)


def test_a_table_of_categories_controls_no_terminal(capsys):
    pairs = [Pair("a.png", "b.jpg", "\x1b[31mred")]
    print_evaluations({"score": evaluate(pairs, [1.0])}, "table")
    assert "\\x1b[31mred" in capsys.readouterr().out
