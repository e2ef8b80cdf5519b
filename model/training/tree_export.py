"""Exports boosted trees to ONNX, with the same results as LightGBM."""

from typing import Any

import lightgbm
import numpy as np
import onnx
from onnx import TensorProto, helper

OPSET, ML_OPSET = 17, 3


def export_trees(boosters: list[lightgbm.Booster], n_columns: int) -> bytes:
    """Exports several boosters as one network that returns the mean of their raw scores.

    Args:
        boosters: boosters on the same columns, without categorical columns.
        n_columns: columns of the input `columns`, (N, n_columns) float32, NaN for a missing value.

    Returns:
        Content of an ONNX file with the output `score`, (N, 1) float32.
    """
    nodes = _Nodes(1.0 / len(boosters))
    tree_id = 0
    for booster in boosters:
        for tree in booster.dump_model()["tree_info"]:
            nodes.add_tree(tree_id, tree["tree_structure"])
            tree_id += 1
    return _write(nodes.attributes(), n_columns)


def join_trees(first: bytes, second: bytes) -> bytes:
    """A network whose score is the sum of two networks' scores.

    Args:
        first, second: from export_trees, on the same columns.
    """
    one, other = (onnx.load_from_string(content) for content in (first, second))
    found, added = _attributes(one), _attributes(other)
    n_trees = max(found["nodes_treeids"]) + 1
    for name, values in added.items():
        found[name] = [*found[name], *(value + n_trees if name.endswith("_treeids") else value for value in values)]
    return _write(found, one.graph.input[0].type.tensor_type.shape.dim[1].dim_value)


def _attributes(model: onnx.ModelProto) -> dict[str, list[Any]]:
    """The columns of its only node, without the settings that all trees share."""
    (node,) = model.graph.node
    found = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    return {
        name: [value.decode() if isinstance(value, bytes) else value for value in values]
        for name, values in found.items()
        if name.startswith(("nodes_", "target_"))
    }


def _write(attributes: dict[str, list[Any]], n_columns: int) -> bytes:
    node = helper.make_node(
        "TreeEnsembleRegressor", ["columns"], ["score"], domain="ai.onnx.ml", n_targets=1, aggregate_function="SUM",
        post_transform="NONE", **attributes,
    )  # fmt: skip
    graph = helper.make_graph(
        [node], "trees",
        [helper.make_tensor_value_info("columns", TensorProto.FLOAT, [None, n_columns])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])],
    )  # fmt: skip
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    )
    model.ir_version = 8
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised


class _Nodes:
    """The attributes of TreeEnsembleRegressor, node after node."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._columns: dict[str, list[Any]] = {
            f"nodes_{name}": []
            for name in (
                "treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
                "missing_value_tracks_true",
            )
        }  # fmt: skip
        self._columns |= {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}

    def attributes(self) -> dict[str, list[Any]]:
        return self._columns

    def add_tree(self, tree_id: int, root: dict[str, Any]) -> None:
        """Nodes are numbered as they are met."""
        waiting = [(0, root)]
        n_nodes = 1
        while waiting:
            node_id, node = waiting.pop()
            if "leaf_value" in node and "split_feature" not in node:
                self._add_node(tree_id, node_id, 0, "LEAF", 0.0, 0, 0, 0)
                self._add_leaf(tree_id, node_id, float(node["leaf_value"]) * self._share)
                continue
            yes, no = n_nodes, n_nodes + 1
            n_nodes += 2
            # LightGBM takes NaN for 0 where training met none in that column.
            missing_goes_left = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
            threshold = _below_or_equal(float(node["threshold"]))
            self._add_node(
                tree_id, node_id, int(node["split_feature"]), "BRANCH_LEQ", threshold, yes, no, int(missing_goes_left)
            )
            waiting += [(yes, node["left_child"]), (no, node["right_child"])]

    def _add_node(self, *values: Any) -> None:
        names = (
            "treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids", "missing_value_tracks_true",
        )  # fmt: skip
        for name, value in zip(names, values, strict=True):
            self._columns[f"nodes_{name}"].append(value)

    def _add_leaf(self, tree_id: int, node_id: int, weight: float) -> None:
        for name, value in zip(("treeids", "nodeids", "ids", "weights"), (tree_id, node_id, 0, weight), strict=True):
            self._columns[f"target_{name}"].append(value)


def _below_or_equal(threshold: float) -> float:
    """The largest float32 that is not above a float64, so that float32 columns fall on the same side."""
    most = float(np.finfo(np.float32).max)
    found = np.float32(min(max(threshold, -most), most))
    return float(np.nextafter(found, np.float32(-np.inf)) if float(found) > threshold else found)
