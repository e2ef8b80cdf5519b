"""How one version lies on another: one of the eight turns of a rectangle, then a scale and a shift for each axis.

Coordinates are edges: pixel i covers [i, i + 1]. Scaling a whole picture is then exactly `scale = new / old, shift = 0`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Size = tuple[int, int]  # height, width
N_TURNS = 8
WHOLE_PX = 1e-6  # shifts and scales this close to whole numbers are whole


@dataclass(frozen=True)
class Placement:
    """Where the pixels of a source lie in a target: x' = scale_x * x + shift_x of the turned source.

    Attributes:
        turn: 0 to 3 quarter turns counter-clockwise, 4 to 7 the same after mirroring left to right.
        source, target: sizes in pixels, (height, width), before any turn.
        scale_y, scale_x: target pixels for one pixel of the turned source, above 0.
        shift_y_px, shift_x_px: where the turned source's first edge lies in the target.
    """

    turn: int
    source: Size
    target: Size
    scale_y: float
    scale_x: float
    shift_y_px: float
    shift_x_px: float

    @property
    def turned(self) -> Size:
        """Size of the turned source."""
        return turned_size(self.source, self.turn)

    @property
    def is_whole_shift(self) -> bool:
        """Whether every source pixel lies on exactly one pixel of the target."""
        scales = abs(self.scale_y - 1), abs(self.scale_x - 1)
        shifts = (abs(shift - round(shift)) for shift in (self.shift_y_px, self.shift_x_px))
        return max(*scales, *shifts) < WHOLE_PX

    @property
    def is_whole_frame(self) -> bool:
        """Whether source and target show exactly the same part."""
        return bool(np.abs(self.corners - np.array([0, 0, *self.target], float)).max() < WHOLE_PX)

    @property
    def corners(self) -> NDArray[np.float64]:
        """Top, left, bottom and right edge of the source in the target, (4,) in target pixels."""
        height, width = self.turned
        top, left = self.shift_y_px, self.shift_x_px
        return np.array([top, left, top + self.scale_y * height, left + self.scale_x * width])

    @cached_property
    def covered(self) -> tuple[float, float, float, float]:
        """Top, left, bottom and right edge of the part of the target that the source covers."""
        top, left, bottom, right = (float(edge) for edge in self.corners)
        height, width = self.target
        return max(0.0, top), max(0.0, left), min(float(height), bottom), min(float(width), right)

    @property
    def coverage(self) -> float:
        """Share of the target's area that the source covers, in [0, 1]."""
        top, left, bottom, right = self.covered
        return max(0.0, bottom - top) * max(0.0, right - left) / (self.target[0] * self.target[1])

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(3, 3) matrix that takes (x, y, 1) of the source, before any turn, to the target."""
        scaled = np.array([[self.scale_x, 0, self.shift_x_px], [0, self.scale_y, self.shift_y_px], [0, 0, 1]], float)
        return scaled @ turn_matrix(self.source, self.turn)

    @cached_property
    def inverse(self) -> "Placement":
        """Where the target's pixels lie in the source."""
        back = inverse_turn(self.turn)
        scaled = np.linalg.inv(self.matrix) @ np.linalg.inv(turn_matrix(self.target, back))
        return Placement(
            back, self.target, self.source, float(scaled[1, 1]), float(scaled[0, 0]), _tidy(scaled[1, 2]), _tidy(scaled[0, 2])
        )


def whole_frame(source: Size, target: Size, turn: int = 0) -> Placement:
    """Source and target show the same part."""
    height, width = turned_size(source, turn)
    return Placement(turn, source, target, target[0] / height, target[1] / width, 0.0, 0.0)


def turned_size(size: Size, turn: int) -> Size:
    """Size after a turn."""
    return (size[1], size[0]) if turn % 2 else size


def inverse_turn(turn: int) -> int:
    """The turn that takes a turn back; a mirrored one is its own inverse."""
    return turn if turn >= 4 else -turn % 4


def turn_plane(plane: NDArray, turn: int) -> NDArray:
    """A view of an (H, W, ...) plane, turned."""
    return np.rot90(plane[:, ::-1] if turn >= 4 else plane, turn % 4)


def turn_matrix(size: Size, turn: int) -> NDArray[np.float64]:
    """(3, 3) matrix that takes (x, y, 1) of a picture to the turned one."""
    height, width = size
    matrix = np.array([[-1, 0, width], [0, 1, 0], [0, 0, 1]], float) if turn >= 4 else np.eye(3)
    for _ in range(turn % 4):
        matrix = np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]], float) @ matrix  # as numpy.rot90 turns
        height, width = width, height
    return matrix


def _tidy(number: float) -> float:
    """Without the last digits that an inverse leaves on a whole number."""
    whole = round(float(number))
    return float(whole) if abs(number - whole) < 1e-9 else float(number)
