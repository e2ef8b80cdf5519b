"""Networks read back from their ONNX files: the same weights, or a clear refusal."""

from dataclasses import replace

import numpy as np
import pytest

from genloss.model.errors import BundleError
from genloss.model.networks.config import JudgeConfig, NetworkConfig
from genloss.model.networks.judge import build_judge
from genloss.model.networks.onnx_export import export_judge, export_onnx
from genloss.model.networks.onnx_graphs import JudgeGraph, TowerGraph
from genloss.model.networks.onnx_import import read_network
from genloss.model.networks.tower import build_tower

NETWORK = NetworkConfig(6, dct_units=(8,), conv_units=4, metadata_units=(8,), aggregator_units=8, head_units=8)
JUDGE = JudgeConfig(6, 2, embedding_units=16, hidden_units=(16, 8))


@pytest.mark.parametrize("options", [{}, {"aggregator": "weighted_sum", "activation": "gelu", "conv_kernels": (5, 3)}])
def test_a_tower_comes_back_weight_for_weight(options):
    network = replace(NETWORK, **options)
    tower = build_tower(network)
    again = read_network(build_tower(network), TowerGraph, export_onnx(tower))
    for weight, same in zip(tower.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(weight, same)


def test_a_judge_comes_back_weight_for_weight():
    judge = build_judge(JUDGE)
    again = read_network(build_judge(JUDGE), JudgeGraph, export_judge(judge))
    for weight, same in zip(judge.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(weight, same)


def test_another_shape_and_another_file_are_refused():
    data = export_onnx(build_tower(NETWORK))
    with pytest.raises(BundleError, match="another shape than its bundle"):
        read_network(build_tower(replace(NETWORK, head_units=9)), TowerGraph, data)
    with pytest.raises(BundleError, match="is no ONNX file"):
        read_network(build_tower(NETWORK), TowerGraph, b"PK nothing of the kind")
