"""Tower and judge as ONNX graphs, built from their weights; the LSTM is a single operator with sequence lengths."""

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from genloss.model.errors import TrainingError
from genloss.model.measurements.dct import DCT_BASIS
from genloss.model.networks.layers import CLIP

OPSET = 17


class _Graph:
    """Collects nodes and weights; every method returns the name of the tensor it made."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def _finish(self, name: str, inputs: list, outputs: list) -> onnx.ModelProto:
        graph = helper.make_graph(self._nodes, name, inputs, outputs, self._weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)

    def _standardise(self, tensor: str, layer: keras.layers.Layer) -> str:
        centred = self._node("Sub", [tensor, self._constant(layer.mean)])
        scaled = self._node("Mul", [centred, self._constant(layer.scale)])
        return self._node("Clip", [scaled, self._constant(np.float32(-CLIP)), self._constant(np.float32(CLIP))])

    def _dense(self, tensor: str, layer: keras.layers.Layer, activate: bool = True) -> str:
        result = self._node("MatMul", [tensor, self._constant(layer.kernel)])
        if layer.use_bias:
            result = self._node("Add", [result, self._constant(layer.bias)])
        return self._activate(result, layer) if activate else result

    def _activate(self, tensor: str, layer: keras.layers.Layer) -> str:
        name = keras.activations.serialize(layer.activation)
        if name == "linear":
            return tensor
        if name in ("relu", "elu", "tanh"):
            return self._node(name.capitalize(), [tensor])
        if name == "silu":
            return self._node("Mul", [tensor, self._node("Sigmoid", [tensor])])
        if name == "gelu":
            spread = self._node("Erf", [self._node("Mul", [tensor, self._constant(np.float32(np.sqrt(0.5)))])])
            share = self._node("Add", [spread, self._constant(np.float32(1))])
            return self._node("Mul", [self._node("Mul", [tensor, share]), self._constant(np.float32(0.5))])
        raise TrainingError(f"the activation {name!r} has no ONNX form here")

    def _node(self, operator: str, inputs: list[str], **attributes) -> str:  # type: ignore[no-untyped-def]
        name = f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def _constant(self, value: NDArray | np.generic | object) -> str:
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name


class JudgeGraph(_Graph):
    """The graph of judge.build_judge."""

    def __init__(self, judge: keras.Model) -> None:
        super().__init__()
        self._judge = judge
        names = [layer.name for layer in judge.layers if layer.name.startswith(("embed", "contrast", "hidden_", "case"))]
        # Weights are stored once though both cases use them.
        self._kernels = {name: self._constant(judge.get_layer(name).kernel) for name in names}
        self._biases = {name: self._constant(judge.get_layer(name).bias) for name in names if judge.get_layer(name).use_bias}

    def build(self) -> onnx.ModelProto:
        standardise = self._judge.get_layer("standardise")
        left, right = (self._standardise(side, standardise) for side in ("left", "right"))
        against_left, against_right = self._case_against(left, right), self._case_against(right, left)
        self._nodes.append(helper.make_node("Sub", [against_left, against_right], ["log_odds"]))
        size = self._judge.inputs[0].shape[1]
        inputs = [helper.make_tensor_value_info(side, TensorProto.FLOAT, ["pairs", size]) for side in ("left", "right")]
        return self._finish(
            "genloss_judge", inputs, [helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, ["pairs", 1])]
        )

    def _case_against(self, one: str, other: str) -> str:
        contrast = self._layer(self._node("Sub", [one, other]), "contrast", relu=False)
        seen = self._node("Concat", [self._layer(one, "embed"), self._layer(other, "embed"), contrast], axis=1)
        for name in self._kernels:
            if name.startswith("hidden_"):
                seen = self._layer(seen, name)
        return self._layer(seen, "case", relu=False)

    def _layer(self, tensor: str, name: str, relu: bool = True) -> str:
        result = self._node("MatMul", [tensor, self._kernels[name]])
        if name in self._biases:
            result = self._node("Add", [result, self._biases[name]])
        return self._node("Relu", [result]) if relu else result


class TowerGraph(_Graph):
    """The graph of network.build_tower."""

    def __init__(self, tower: keras.Model) -> None:
        super().__init__()
        self._tower = tower

    def build(self) -> onnx.ModelProto:
        layer = self._tower.get_layer
        raw = self._node("Cast", ["blocks"], to=TensorProto.FLOAT)

        flat = self._node("Reshape", [raw, self._constant(np.array([0, 0, 64], np.int64))])
        centred = self._node("Sub", [flat, self._constant(np.float32(128.0))])
        frequency = self._node("MatMul", [centred, self._constant(DCT_BASIS)])
        magnitude = self._node("Log", [self._node("Add", [self._node("Abs", [frequency]), self._constant(np.float32(1))])])
        frequency = self._node("Mul", [self._node("Sign", [frequency]), magnitude])
        frequency = self._dense_stack(frequency, "dct_dense")

        pixels = self._convolutions(raw, layer("pixels"))
        facts = self._metadata(layer("standardise"))
        beside = self._dense(facts, layer("metadata_per_block"))

        merge = layer("merge")
        block = self._dense(self._node("Concat", [frequency, pixels], axis=2), merge.per_block)
        image = self._node("MatMul", [beside, self._constant(merge.per_image.kernel)])
        image = self._node("Unsqueeze", [image, self._constant(np.array([1], np.int64))])
        merged = self._activate(self._node("Add", [block, image]), merge)

        aggregator = layer("aggregator")
        make = self._lstm if isinstance(aggregator, keras.layers.LSTM) else self._weighted_sum
        self._nodes.append(helper.make_node("Identity", [make(merged, aggregator)], ["block_summary"]))
        head = self._dense(self._node("Concat", ["block_summary", facts], axis=1), layer("head"))
        logit = self._dense(head, layer("generation_loss"), activate=False)
        self._nodes.append(helper.make_node("Sigmoid", [logit], ["generation_loss"]))

        size = self._tower.inputs[2].shape[1]
        inputs = [
            helper.make_tensor_value_info("blocks", TensorProto.UINT8, ["batch", "n_blocks", 8, 8]),
            helper.make_tensor_value_info("presence", TensorProto.FLOAT, ["batch", "n_blocks"]),
            helper.make_tensor_value_info("metadata", TensorProto.FLOAT, ["batch", size]),
        ]
        outputs = [
            helper.make_tensor_value_info("generation_loss", TensorProto.FLOAT, ["batch", 1]),
            helper.make_tensor_value_info("block_summary", TensorProto.FLOAT, ["batch", aggregator.output.shape[1]]),
        ]
        return self._finish("genloss_tower", inputs, outputs)

    def _metadata(self, standardise: keras.layers.Layer) -> str:
        return self._dense_stack(self._standardise("metadata", standardise), "metadata_dense")

    def _convolutions(self, raw: str, layer: keras.layers.Layer) -> str:
        maps = self._node("Reshape", [raw, self._constant(np.array([-1, 1, 8, 8], np.int64))])
        scaled = self._node("Div", [maps, self._constant(np.float32(64))])
        maps = self._node("Sub", [scaled, self._constant(np.float32(2))])
        for convolution, stride in ((layer.first, 1), (layer.second, 2)):
            kernel = self._constant(np.ascontiguousarray(np.array(convolution.kernel).transpose(3, 2, 0, 1)))
            bias = self._constant(convolution.bias)
            maps = self._node(
                "Conv", [maps, kernel, bias], strides=[stride, stride], kernel_shape=list(convolution.kernel_size)
            )
            maps = self._activate(maps, convolution)
        # Keras flattens height, width, filters; ONNX holds filters first.
        maps = self._node("Transpose", [maps], perm=[0, 2, 3, 1])
        size = int(layer.dense.kernel.shape[0])
        flat = self._node("Reshape", [maps, self._constant(np.array([-1, size], np.int64))])
        dense = self._dense(flat, layer.dense)
        shape = self._node("Slice", [
            self._node("Shape", ["blocks"]), self._constant(np.array([0], np.int64)), self._constant(np.array([2], np.int64)),
        ])  # fmt: skip
        shape = self._node("Concat", [shape, self._constant(np.array([layer.units], np.int64))], axis=0)
        return self._node("Reshape", [dense, shape])

    def _lstm(self, merged: str, layer: keras.layers.Layer) -> str:
        units = layer.units
        # Keras orders the gates i, f, c, o; ONNX i, o, f, c.
        order = np.concatenate([np.arange(units) + gate * units for gate in (0, 3, 1, 2)])
        cell = layer.cell
        kernel = np.array(cell.kernel).T[order][None]
        recurrent = np.array(cell.recurrent_kernel).T[order][None]
        bias = np.concatenate([np.array(cell.bias)[order], np.zeros(4 * units)])[None].astype(np.float32)
        lengths = self._node("Cast", [
            self._node("ReduceSum", ["presence", self._constant(np.array([1], np.int64))], keepdims=0)
        ], to=TensorProto.INT32)  # fmt: skip
        sequence = self._node("Transpose", [merged], perm=[1, 0, 2])
        weights = [self._constant(np.ascontiguousarray(one, dtype=np.float32)) for one in (kernel, recurrent, bias)]
        name = f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node("LSTM", [sequence, *weights, lengths], ["", name], hidden_size=units, name="lstm"))
        return self._node("Squeeze", [name, self._constant(np.array([0], np.int64))])

    def _weighted_sum(self, merged: str, layer: keras.layers.Layer) -> str:
        value = self._dense(merged, layer.value)
        logits = self._dense(merged, layer.weight)
        absent = self._node("Mul", [
            self._node("Sub", ["presence", self._constant(np.float32(1))]), self._constant(np.float32(1e9)),
        ])  # fmt: skip
        absent = self._node("Unsqueeze", [absent, self._constant(np.array([2], np.int64))])
        weight = self._node("Softmax", [self._node("Add", [logits, absent])], axis=1)
        product = self._node("Mul", [value, weight])
        return self._node("ReduceSum", [product, self._constant(np.array([1], np.int64))], keepdims=0)

    def _dense_stack(self, tensor: str, prefix: str) -> str:
        for layer in self._tower.layers:  # in the order they were built
            if layer.name.startswith(f"{prefix}_"):
                tensor = self._dense(tensor, layer)
        return tensor
