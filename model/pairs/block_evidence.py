"""Whether two pictures laid on each other hold the same content everywhere, block by block."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.overlap import Plane

BLOCK_PX = 12
_BLUR_PX = 1.2  # removes the noise of coarse encoding and dithering
_TEXTURE = 1.6  # steps of levels a pixel above which a block shows something
_STRONG = 3.0  # a block that no encoder flattens
_ALIKE, _UNLIKE = 0.6, 0.35  # correlation of gradients
_TEXT_CONTRAST = 90.0  # levels between the darkest and the lightest pixels of lettering


@dataclass(frozen=True)
class BlockEvidence:
    """Counts over blocks; shares are of the textured blocks, in which at least one picture shows something.

    Attributes:
        n_blocks: number of textured blocks.
        textured: their share of all blocks.
        alike: share whose gradients agree.
        both: share in which both show something, but not the same.
        only_first, only_second: share in which only that picture shows much; the other is nearly empty or weak there.
        largest: share of all blocks that lie in the largest connected differing region.
        n_differ: number of differing blocks.
        text_first, text_second: share of the differing blocks in which that picture has lettering.
    """

    n_blocks: int
    textured: float
    alike: float
    both: float
    only_first: float
    only_second: float
    largest: float
    n_differ: int
    text_first: float
    text_second: float

    @property
    def differ(self) -> float:
        """Share of blocks that differ."""
        return self.both + self.only_first + self.only_second


def compare_blocks(first: Plane, second: Plane) -> BlockEvidence:
    """Evidence of two planes of one size.

    Args:
        first, second: (h, w) levels, at least BLOCK_PX on both sides.
    """
    one, other = in_one_contrast(first, second)
    sums: dict[str, Plane] = {}
    for axis in (0, 1):
        steps = [np.gradient(plane, axis=axis) for plane in (one, other)]
        for name, product in (("aa", steps[0] ** 2), ("bb", steps[1] ** 2), ("ab", steps[0] * steps[1])):
            sums[f"{name}{axis}"] = _of_blocks(product) if name == "ab" else np.maximum(_of_blocks(product), 0)
    power_first, power_second = sums["aa0"] + sums["aa1"], sums["bb0"] + sums["bb1"]
    energies = np.sqrt(power_first), np.sqrt(power_second)
    strongest = np.maximum(*energies)
    textured = strongest > _TEXTURE
    whole = (sums["ab0"] + sums["ab1"]) / np.sqrt(power_first * power_second + 1e-3)
    directions = [
        np.where(
            np.sqrt(np.maximum(sums[f"aa{axis}"], sums[f"bb{axis}"])) > 0.6 * _STRONG,
            sums[f"ab{axis}"] / np.sqrt(sums[f"aa{axis}"] * sums[f"bb{axis}"] + 1e-3),
            1.0,
        )
        for axis in (0, 1)
    ]
    worst = np.minimum(whole, np.minimum(*directions) + 0.1)
    weak = np.minimum(*energies) < 0.35 * strongest
    unlike = (whole < _UNLIKE) | (np.minimum(*directions) < 0.1)
    differ = (strongest > _STRONG) & unlike
    texts = [_has_text(plane) for plane in (first, second)]
    n = max(1, int(textured.sum()))
    n_differ = max(1, int(differ.sum()))
    return BlockEvidence(
        n_blocks=int(textured.sum()),
        textured=float(textured.mean()),
        alike=float((textured & (worst > _ALIKE)).sum()) / n,
        both=float((differ & ~weak).sum()) / n,
        only_first=float((differ & weak & (energies[0] > energies[1])).sum()) / n,
        only_second=float((differ & weak & (energies[1] >= energies[0])).sum()) / n,
        largest=_largest_region(differ) / differ.size,
        n_differ=int(differ.sum()),
        text_first=float((differ & texts[0]).sum()) / n_differ,
        text_second=float((differ & texts[1]).sum()) / n_differ,
    )


def in_one_contrast(first: Plane, second: Plane) -> tuple[Plane, Plane]:
    """Both planes a little blurred, and the first one in the second one's contrast."""
    one, other = (np.asarray(cv2.GaussianBlur(plane, (0, 0), _BLUR_PX), np.float32) for plane in (first, second))
    return one * np.float32(_contrast_gain(one, other)), other


def _contrast_gain(first: Plane, second: Plane) -> float:
    """Factor from the first plane's contrast to the second's: the median ratio of their steps."""
    steps = [np.abs(np.gradient(plane, axis=1)) for plane in (first, second)]
    strong = (steps[0] > 1) & (steps[1] > 1)
    if int(strong.sum()) < 50:
        return 1.0
    return float(np.clip(np.median(steps[1][strong] / steps[0][strong]), 0.3, 3.0))


def _of_blocks(plane: NDArray) -> Plane:
    """(rows, columns) means of blocks that overlap by half."""
    means = cv2.boxFilter(plane.astype(np.float64), -1, (BLOCK_PX, BLOCK_PX), borderType=cv2.BORDER_REFLECT)
    half = BLOCK_PX // 2
    return np.asarray(means[half : plane.shape[0] - half + 1 : half, half : plane.shape[1] - half + 1 : half], np.float32)


def _has_text(plane: Plane) -> NDArray[np.bool_]:
    """(rows, columns) whether a block has two levels far apart and little between them, as lettering has."""
    kernel = np.ones((BLOCK_PX, BLOCK_PX), np.uint8)
    low, high = cv2.erode(plane, kernel), cv2.dilate(plane, kernel)
    spread = high - low
    position = (plane - low) / np.maximum(spread, 1)
    at_an_end = ((position < 0.2) | (position > 0.8)).astype(np.float32)
    half = BLOCK_PX // 2
    picked = np.s_[half : plane.shape[0] - half + 1 : half, half : plane.shape[1] - half + 1 : half]
    return np.asarray((spread[picked] > _TEXT_CONTRAST) & (_of_blocks(at_an_end) > 0.6), bool)


def _largest_region(differ: NDArray[np.bool_]) -> int:
    n_regions, _, boxes, _ = cv2.connectedComponentsWithStats(differ.astype(np.uint8), connectivity=8)
    return int(boxes[1:, 4].max()) if n_regions > 1 else 0
