"""Configurations survive their JSON, and mistakes in one are named."""

import json

import pytest

from genloss.model.errors import TrainingError
from genloss.model.networks.config import NetworkConfig
from genloss.model.training.config import TrainingConfig
from genloss.model.training.configuration import from_document, read_document, to_document


def test_a_configuration_survives_json():
    network = NetworkConfig(7, dct_units=(9,), conv_kernels=(5, 3), activation="gelu", dropout=0.0)
    training = TrainingConfig(optimizer="lion", learning_rate=0.5, seed=0)
    assert from_document(json.loads(json.dumps(to_document(network, training))), 7) == (network, training)


def test_what_is_left_out_has_its_default():
    network, training = from_document({"network": {"dropout": 0}}, 5)
    assert network == NetworkConfig(5, dropout=0.0)
    assert training == TrainingConfig()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "a configuration is a JSON object"),
        ({"net": {}}, "'net' is none of network, training"),
        ({"network": 3}, "network must be an object"),
        ({"network": {"depth": 3}}, "network has no 'depth'"),
        ({"network": {"metadata_size": 3}}, "network has no 'metadata_size'"),
        ({"training": {"seed": 2**32}}, "training.seed cannot be 4294967296"),
        ({"network": {"dct_units": [8, "x"]}}, "network.dct_units must be int"),
        ({"network": {"conv_filters": [8]}}, "network.conv_filters must be a list of 2 numbers"),
        ({"network": {"head_units": True}}, "network.head_units must be int"),
        ({"network": {"head_units": 0}}, "network.head_units cannot be 0"),
        ({"network": {"dropout": 1.0}}, "network.dropout cannot be 1.0"),
        ({"network": {"dropout": 2}}, "network.dropout cannot be 2.0"),
        ({"training": {"learning_rate": -1}}, "training.learning_rate cannot be -1.0"),
        ({"network": {"activation": 1}}, "network.activation must be str"),
        ({"training": {"learning_rate": float("nan")}}, "training.learning_rate cannot be nan"),
    ],
)
def test_mistakes_are_named(document, said):
    with pytest.raises(TrainingError, match=said):
        from_document(document, 5)


def test_a_file_that_is_not_json_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(TrainingError, match="cannot be read as JSON"):
        read_document(tmp_path / "config.json")
