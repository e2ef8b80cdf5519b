"""A proof that one version was made from another, and the input of every rule."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_encoding import encoder_luma
from genloss.model.pairs.comparison import Comparison
from genloss.model.pairs.derivation import Derivation
from genloss.model.pairs.placement import Placement
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.refinement import covered_window
from genloss.model.pairs.resampling import KERNELS, LIGHT, Window, from_light, resample
from genloss.model.pairs.scaling import Way, ways

_ENLARGED_PX, _LEAST_PX = 160, 32  # sides of the window in which the parent is compared with enlargements
_MOST_EXPLAINED = 0.9  # pixels within one level
# Every third pixel of most programs' enlargement by three is a pixel of the picture before. 39 enlargements in linear light
# had 0.665 or more, by kernels in sRGB; 13 photographs had at most 0.571.
_MOST_EXPLAINED_BY_POINTS, _WHOLE = 0.6, 0.01
_HALF = 1.9  # so does every second pixel of what ImageMagick's -scale made about twice as large
_LEAST_ACTIVE, _LEAST_IN_BINS = 300, 0.97  # coefficients, and their share within 0.6 steps

Rule = Literal[
    "cut out", "overwritten", "quantised", "WebP", "AVIF", "palette", "resampled", "enlarged", "recoloured", "filtered",
]  # fmt: skip


@dataclass(frozen=True)
class Proof:
    """That the child was made from the parent.

    Attributes:
        rule: name of the rule.
        sentence: finding and numbers, to follow "it is the other file ...".
    """

    rule: Rule
    sentence: str


@dataclass(frozen=True)
class Case:
    """Two versions; the first is the supposed parent and covers the second.

    Attributes:
        comparison: of the parent and the child, in this order.
        forwards: "the child was made from the parent".
    """

    parent: VersionPlanes
    child: VersionPlanes
    comparison: Comparison
    forwards: Derivation

    @property
    def backwards(self) -> Derivation | None:
        """Of the other way round: "the parent was made from the child"."""
        return self.comparison.backwards

    @property
    def placement(self) -> Placement:
        """Of the parent on the child."""
        return self.comparison.registration.placement

    @property
    def is_enlarged(self) -> bool:
        """Whether the child has more pixels for the same content."""
        return min(self.placement.scale_y, self.placement.scale_x) > 1

    @cached_property
    def ways(self) -> list[Way]:
        """Ways from the parent's pixels to the child's grid, the likeliest first."""
        return list(ways(self.parent, self.child, self.placement, self.forwards.window))

    def explains_parent(self, way: Way) -> bool:
        """Whether the parent is only an enlargement of the child's pixels: then both come from a smaller file."""
        if self.placement.is_whole_shift or self.is_enlarged:
            return False
        back = self.placement.inverse
        window = covered_window(back, _ENLARGED_PX, _LEAST_PX)
        if window is None:
            return True
        given = encoder_luma(way.fill(Window(0, 0, *self.child.size)))
        own = self.parent.luma[window.slices].astype(np.float32)
        takes_points = way.takes_points and (self._is_odd_part or (way.name == "nearest pixel" and self._factors.min() > _HALF))
        most = _MOST_EXPLAINED_BY_POINTS if takes_points else _MOST_EXPLAINED
        for kernel in KERNELS:
            in_light = 255 * from_light(np.clip(resample(LIGHT[given], back, window, kernel), 0, 65535) / 65535)
            for again in (resample(given, back, window, kernel), in_light):
                if np.mean(np.abs(np.rint(np.clip(again, 0, 255)) - own) <= 1) >= most:
                    return True
        return False

    @property
    def _factors(self) -> NDArray[np.float64]:
        """(2,) the parent's pixels for one of the child's, down and across."""
        return np.array([1 / self.placement.scale_y, 1 / self.placement.scale_x])

    @property
    def _is_odd_part(self) -> bool:
        """Whether every third, fifth, ... pixel of the parent lies in the middle of one of the child's."""
        factors = self._factors
        return bool((np.abs(factors - np.rint(factors)) < _WHOLE).all() and (np.rint(factors) % 2 == 1).all())

    def placed(self, way: Way) -> str:
        """How the parent was turned, cut and scaled, to begin a sentence with; empty where it lies as it is."""
        placement, words = self.placement, []
        if placement.turn:
            words.append(("mirrored and " if placement.turn >= 4 else "") + "turned" if placement.turn != 4 else "mirrored")
        top, left = (-shift / scale for shift, scale in self._shifts_and_scales)
        height, width = (length / scale for length, (_, scale) in zip(placement.target, self._shifts_and_scales, strict=True))
        if not placement.is_whole_frame:
            right, bottom = left + width, top + height
            words.append(f"cropped at ({_px(left)}, {_px(top)})-({_px(right)}, {_px(bottom)})")
        if way.name is not None:
            words.append(f"scaled to {placement.target[1]} x {placement.target[0]} pixels by {way.name}")
        return ", ".join(words) + ", " if words else ""

    @property
    def _shifts_and_scales(self) -> tuple[tuple[float, float], tuple[float, float]]:
        placement = self.placement
        return (placement.shift_y_px, placement.scale_y), (placement.shift_x_px, placement.scale_x)


def lies_in_bins(backwards: Derivation) -> bool:
    """Whether the supposed parent's coefficients are what a JPEG encoder makes of the child."""
    return backwards.bins.n_active >= _LEAST_ACTIVE and backwards.bins.within_60 >= _LEAST_IN_BINS


def _px(edge: float) -> str:
    return f"{np.round(edge, 1) + 0.0:g}"  # never -0
