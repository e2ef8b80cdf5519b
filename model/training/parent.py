"""The networks of a bundle in Keras: as the parent of a training, and to look inside."""

from typing import Any

import keras

from genloss.model.errors import BundleError
from genloss.model.networks.config import JudgeConfig, NetworkConfig
from genloss.model.networks.judge import build_judge
from genloss.model.networks.onnx_graphs import JudgeGraph, TowerGraph
from genloss.model.networks.onnx_import import read_network
from genloss.model.networks.tower import build_tower
from genloss.model.scoring.bundle import Bundle


def keras_tower(bundle: Bundle) -> keras.Model:
    """The tower of a bundle, weight for weight that of its tower.onnx.

    Raises:
        BundleError: bundle.json states another shape.
    """
    return read_network(build_tower(_shape(NetworkConfig, bundle, "network")), TowerGraph, bundle.onnx)


def keras_judge(bundle: Bundle) -> keras.Model:
    """The judge of a bundle, weight for weight that of its judge.onnx.

    Raises:
        BundleError: bundle.json states another shape.
    """
    return read_network(build_judge(_shape(JudgeConfig, bundle, "judge")), JudgeGraph, bundle.judge)


def _shape(kind: type[Any], bundle: Bundle, section: str) -> Any:
    try:
        # JSON has lists where the shapes have tuples.
        stated = bundle.description[section].items()
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in stated})
    except (KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"{bundle.folder}: bundle.json states no shape of the {section} ({error})") from error
