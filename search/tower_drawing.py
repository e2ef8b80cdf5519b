"""Drawing of a tower's configuration: branches from left to right, the height of a box by the width of its layer.

This module computes places and sizes in pixels; templates/tower.svg draws them.
"""

import math
from dataclasses import dataclass
from typing import Any

_COLUMN, _BOX = 118, 92
_ROWS = (62, 172, 288)  # centres of the three branches, in pixels
_MERGE = (4 * _COLUMN, (_ROWS[0] + _ROWS[1]) / 2)  # where the branches meet
_AGGREGATORS = {"lstm": "LSTM", "weighted_sum": "weighted sum"}


@dataclass(frozen=True)
class Label:
    """Text and its position."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Box:
    """A layer: its rectangle, its name and the number of its units."""

    x: float
    y: float
    width: float
    height: float
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class TowerDrawing:
    """A drawing of width_px by height_px.

    Attributes:
        title: describes the drawing in words.
        boxes: one box for each layer.
        wires: SVG paths between the boxes.
        labels: text beside the wires.
    """

    title: str
    boxes: tuple[Box, ...]
    wires: tuple[str, ...]
    labels: tuple[Label, ...]
    width_px: int = 8 * _COLUMN
    height_px: int = 346


def draw_tower(document: dict[str, dict[str, Any]]) -> TowerDrawing:
    """Draws one tower.

    Args:
        document: a full configuration, as from space.draw.
    """
    network = document["network"]
    kernels = [f"{side}x{side}" for side in network["conv_kernels"]]
    first, second = network["conv_filters"]
    branches = (
        [("DCT", 64), *(("dense", units) for units in network["dct_units"])],
        [(f"conv {kernels[0]}", first), (f"conv {kernels[1]} /2", second), ("dense", network["conv_units"])],
        [("metadata", None), *(("dense", units) for units in network["metadata_units"])],
    )
    aggregator = _AGGREGATORS[network["aggregator"]]
    trunk = [
        ("merge", network["embedding_units"]), (aggregator, network["aggregator_units"]), ("head", network["head_units"]),
        ("score", 1),
    ]  # fmt: skip
    boxes, wires = _row(trunk, 4, _MERGE[1])
    for layers, y in zip(branches, _ROWS, strict=True):
        of_branch, between = _row(layers, 0, y)
        boxes += of_branch
        wires += between
        end = (len(layers) - 1) * _COLUMN + _BOX
        if y == _ROWS[2]:  # the metadata reach every block and the head
            head = 6 * _COLUMN
            wires.append(_wire(end, y, head, _MERGE[1], bend=head - 13))
            wires.append(_wire(end, y, *_MERGE, bend=_MERGE[0] - 14))
        else:
            wires.append(_wire(end, y, *_MERGE))
    beside = Label(_MERGE[0] + 4, round((_MERGE[1] + _ROWS[2]) / 2 + 30), f"{network['metadata_per_block']} beside every block")
    title = f"{len(network['dct_units'])} DCT layers, {len(network['metadata_units'])} metadata layers, {aggregator}"
    return TowerDrawing(title, tuple(boxes), tuple(wires), (beside,))


def _row(layers: list[tuple[str, int | None]], first_column: int, y: float) -> tuple[list[Box], list[str]]:
    """Boxes side by side from this column on, and the wires between them."""
    boxes = [_box(column * _COLUMN, y, name, units) for column, (name, units) in enumerate(layers, first_column)]
    wires = [
        _wire((column - 1) * _COLUMN + _BOX, y, column * _COLUMN, y)
        for column in range(first_column + 1, first_column + len(layers))
    ]
    return boxes, wires


def _box(x: float, y: float, name: str, units: int | None) -> Box:
    """A box around the height y, taller for more units; without a number where `units` is None."""
    middle = x + _BOX / 2
    if units is None:
        return Box(x, y - 18, _BOX, 36, (Label(middle, y + 4, name),))
    height = round(36 + 7 * math.log2(max(units, 4) / 4), 1)
    labels = Label(middle, round(y - 2), name), Label(middle, round(y + 13), str(units))
    return Box(x, round(y - height / 2, 1), _BOX, height, labels)


def _wire(x0: float, y0: float, x1: float, y1: float, bend: float | None = None) -> str:
    """Straight, or in right angles with the upright part at x = `bend`, shortly before the end if None."""
    if y0 == y1:
        return f"M{x0} {y0}H{x1}"
    turn = (x1 - 12) if bend is None else bend
    return f"M{x0} {y0}H{turn}V{y1}H{x1}"
