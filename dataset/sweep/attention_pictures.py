"""Test pictures at every level under a heat map of the attention, as PNG files in base64."""

import base64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import read_rgb
from genloss.dataset.networks.attention import spread_over
from genloss.dataset.sweep.degradations import degrade
from genloss.dataset.sweep.levels import AS_FOUND
from genloss.dataset.sweep.run import Sweep, Trained
from genloss.model.images.reencoding import encode_png
from genloss.model.images.resizing import resize

_SIDE_PX = 120
_STRENGTH = 0.55
_RED = np.array([255.0, 40.0, 20.0])


@dataclass(frozen=True)
class AttentionRow:
    """A test picture at all levels.

    Attributes:
        path: of the file.
        own: true class.
        cells: for each level: PNG in base64, predicted class, and whether the prediction is right.
    """

    path: str
    own: str
    cells: list[tuple[str, str, bool]]


def attention_rows(found: Sweep, trained: Trained, per_class: int = 2) -> list[AttentionRow]:
    """The first `per_class` shown test pictures of each class whose prediction is right without degradation."""
    classes, labels = found.parts.files.classes, found.test_labels
    right = trained.outputs[AS_FOUND].similarities.argmax(axis=1) == labels
    rows = []
    for label, own in enumerate(classes):
        chosen = [number for number, place in enumerate(found.shown) if labels[place] == label and right[place]][:per_class]
        for number in chosen:
            path = found.parts.files.paths[found.parts.test[found.shown[number]]]
            (rgb,) = read_rgb([path])
            cells = [_cell(found, trained, rgb, number, level, label) for level in trained.outputs]
            rows.append(AttentionRow(str(path), own, cells))
    return rows


def _cell(found: Sweep, trained: Trained, rgb: NDArray[np.uint8], number: int, level: int, label: int) -> tuple[str, str, bool]:
    outputs = trained.outputs[level]
    shown = rgb if level == AS_FOUND else degrade(rgb, found.options.degradation, level)[0]
    height, width = shown.shape[:2]
    scale = _SIDE_PX / max(height, width)
    small = resize(shown, (max(1, round(height * scale)), max(1, round(width * scale))), "bilinear")
    attention = spread_over(outputs.attention[number : number + 1], *small.shape[:2])[0, ..., None] * _STRENGTH
    mixed = np.rint(small * (1 - attention) + _RED * attention).astype(np.uint8)
    answer = int(outputs.similarities[found.shown[number]].argmax())
    return base64.b64encode(encode_png(mixed)).decode(), found.parts.files.classes[answer], answer == label
