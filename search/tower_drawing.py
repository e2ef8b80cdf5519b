"""A tower's configuration as a drawing: branches from left to right, boxes as tall as their layers are wide."""

import math
from html import escape
from typing import Any

_COLUMN, _BOX = 118, 92
_ROWS = (62, 172, 288)  # centres of the three branches, in pixels
_WIDTH, _HEIGHT = 8 * _COLUMN, 346


def draw_tower(document: dict[str, dict[str, Any]]) -> str:
    """SVG of one tower; colours come from the page's style (classes box, wire, words).

    Args:
        document: a full configuration, as from space.draw.
    """
    network = document["network"]
    kernels = [f"{side}x{side}" for side in network["conv_kernels"]]
    first, second = network["conv_filters"]
    rows = (
        [("DCT", 64), *(("dense", units) for units in network["dct_units"])],
        [(f"conv {kernels[0]}", first), (f"conv {kernels[1]} /2", second), ("dense", network["conv_units"])],
        [("metadata", None), *(("dense", units) for units in network["metadata_units"])],
    )
    parts: list[str] = []
    merge = (4 * _COLUMN, (_ROWS[0] + _ROWS[1]) / 2)
    for row, y in zip(rows, _ROWS, strict=True):
        for column, (name, units) in enumerate(row):
            parts.append(_box(column * _COLUMN, y, name, units))
            if column:
                parts.append(_wire((column - 1) * _COLUMN + _BOX, y, column * _COLUMN, y))
        end = (len(row) - 1) * _COLUMN + _BOX
        if y != _ROWS[2]:
            parts.append(_wire(end, y, *merge))
            continue
        head = 6 * _COLUMN
        parts.append(_wire(end, y, head, merge[1], bend=head - 13))
        parts.append(_wire(end, y, *merge, bend=merge[0] - 14))
        beside = f"{network['metadata_per_block']} beside every block"
        parts.append(f"<text class=words x={merge[0] + 4} y={(merge[1] + y) / 2 + 30:.0f}>{beside}</text>")
    aggregator = {"lstm": "LSTM", "weighted_sum": "weighted sum"}[network["aggregator"]]
    trunk = (
        ("merge", network["embedding_units"]),
        (aggregator, network["aggregator_units"]),
        ("head", network["head_units"]),
        ("score", 1),
    )
    for column, (name, units) in enumerate(trunk, 4):
        parts.append(_box(column * _COLUMN, merge[1], name, units))
        if column > 4:
            parts.append(_wire((column - 1) * _COLUMN + _BOX, merge[1], column * _COLUMN, merge[1]))
    title = f"{len(network['dct_units'])} DCT layers, {len(network['metadata_units'])} metadata layers, {aggregator}"
    return (
        f"<svg class=tower viewBox='-2 0 {_WIDTH} {_HEIGHT}' role=img aria-label='{escape(title)}'>"
        f"{''.join(sorted(parts, key=lambda part: part.startswith('<g')))}</svg>"
    )


def _box(x: float, y: float, name: str, units: int | None) -> str:
    height = 36.0 if units is None else 36 + 7 * math.log2(max(units, 4) / 4)
    said = "" if units is None else f"<text x={x + _BOX / 2} y={y + 13:.0f}>{units}</text>"
    middle = y + 4 if units is None else y - 2
    return (
        f"<g class=box><rect x={x} y={y - height / 2:.1f} width={_BOX} height={height:.1f} rx=5></rect>"
        f"<text x={x + _BOX / 2} y={middle:.0f}>{escape(name)}</text>{said}</g>"
    )


def _wire(x0: float, y0: float, x1: float, y1: float, bend: float | None = None) -> str:
    if y0 == y1:
        return f"<path class=wire d='M{x0} {y0}H{x1}'></path>"
    turn = (x1 - 12) if bend is None else bend
    return f"<path class=wire d='M{x0} {y0}H{turn}V{y1}H{x1}'></path>"
