"""Tower and judge read back from their ONNX files, to train them further or to look inside."""

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from genloss.model.errors import BundleError
from genloss.model.networks.onnx_graphs import JudgeGraph, TowerGraph

# Weights are numbered from here: whole numbers that float32 holds exactly, far above every constant of a graph.
_FIRST_NUMBER = 2_000_000
_MOST_WEIGHTS = 2**24 - _FIRST_NUMBER


def read_network(network: keras.Model, graph: type[TowerGraph] | type[JudgeGraph], data: bytes) -> keras.Model:
    """Fills a network with the weights of an exported one.

    The export itself says where each weight lies: it is made once from a network whose weights are their own numbers.

    Args:
        network: tower or judge of the same shape; its weights are replaced.
        graph: how such a network is exported.
        data: content of its ONNX file.

    Returns:
        The network.

    Raises:
        BundleError: the file has another shape.
    """
    name = f"{network.name}.onnx"
    shapes = [weight.shape for weight in network.weights]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    if ends[-1] > _MOST_WEIGHTS:
        raise BundleError(f"{name}: a network of {ends[-1]} weights is too large to be read")
    network.set_weights(_shaped(_FIRST_NUMBER + np.arange(ends[-1], dtype=np.float32), ends, shapes))
    numbered = _constants(graph(network).build())
    try:
        stored = _constants(onnx.load_model_from_string(data))
    except Exception as error:  # protobuf's DecodeError is of no public module
        raise BundleError(f"{name} is no ONNX file: {error}") from error
    if [one.shape for one in numbered] != [one.shape for one in stored]:
        raise BundleError(f"{name} has another shape than its bundle.json states")
    weights = np.full(ends[-1], np.nan, np.float32)
    for numbers, values in zip(numbered, stored, strict=True):
        is_weight = (numbers >= _FIRST_NUMBER) & (numbers < _FIRST_NUMBER + ends[-1])
        weights[numbers[is_weight].astype(np.int64) - _FIRST_NUMBER] = values[is_weight]
    network.set_weights(_shaped(weights, ends, shapes))
    return network


def _constants(model: onnx.ModelProto) -> list[NDArray]:
    return [numpy_helper.to_array(one) for one in model.graph.initializer]


def _shaped(flat: NDArray[np.float32], ends: NDArray[np.int64], shapes: list[tuple[int, ...]]) -> list[NDArray[np.float32]]:
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
