"""Everything that can be drawn can be trained and exported, and the shipped configuration is among it."""

import optuna
import pytest

from genloss.model.networks.config import NetworkConfig, convolved_side
from genloss.model.networks.onnx_export import export_onnx
from genloss.model.networks.tower import build_tower
from genloss.model.training.config import TrainingConfig
from genloss.model.training.configuration import from_document, to_document
from genloss.search.space import MOST_BLOCKS_PER_STEP, draw, shipped_parameters, space_identity


def _drawn(n, seed=0):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return [draw(study.ask()) for _ in range(n)]


def test_the_shipped_parameters_give_the_shipped_configuration():
    network, training = from_document(draw(optuna.trial.FixedTrial(shipped_parameters())), 9)
    assert network == NetworkConfig(9)
    assert training == TrainingConfig()


def test_every_draw_is_feasible():
    for document in _drawn(300):
        network, training = from_document(document, 9)
        assert convolved_side(network.conv_kernels) >= 1
        assert training.versions_per_batch * training.blocks_per_version <= MOST_BLOCKS_PER_STEP
        assert training.versions_per_batch >= 6  # the longest chain
        assert to_document(network, training)["network"] == document["network"]


def test_drawn_towers_can_be_exported():
    seen = set()
    for document in _drawn(5, seed=3):
        network, _ = from_document(document, 9)
        export_onnx(build_tower(network))  # raises where ONNX and Keras disagree
        seen |= {network.aggregator, network.activation}
    assert len(seen) > 3


def test_only_parameters_that_count_are_drawn():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(50):
        trial = study.ask()
        draw(trial)
        names = trial.params
        assert ("lstm_units" in names) == (names["aggregator"] == "lstm")
        assert [name for name in names if name.endswith("learning_rate")] == [f"{names['optimizer']}_learning_rate"]
        assert ("label_smoothing" in names) == (names["loss"] != "squared_error")
        assert len([name for name in names if name.startswith("dct_units_") and name[-1].isdigit()]) == names["dct_units_depth"]


def test_another_shipped_configuration_is_another_space(monkeypatch):
    before = space_identity()
    monkeypatch.setattr("genloss.search.space._NETWORK", NetworkConfig(1, head_units=999, dropout=0.9))
    assert space_identity() != before
    network, _ = from_document(draw(optuna.trial.FixedTrial(shipped_parameters())), 1)
    assert network.head_units == 999  # the ranges reach as far as the shipped configuration
    assert network.dropout == pytest.approx(0.9)
