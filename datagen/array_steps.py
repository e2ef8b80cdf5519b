"""Steps that ImageMagick lacks, from pixels to pixels, with OpenCV, PyWavelets and NumPy; nothing here is random."""

from collections.abc import Callable

import cv2
import numpy as np
import pywt  # type: ignore[import-untyped]
from numpy.typing import NDArray

from genloss.datagen import smoothing
from genloss.datagen.blocks_of_shifts import mean_of_shifts
from genloss.datagen.recipe import Step
from genloss.datagen.whole_levels import as_bytes, ycc_to_rgb

Bytes = NDArray[np.uint8]

cv2.setNumThreads(1)  # chains are made side by side
_BLOCK_PX = 8


def _nlm(rgb: Bytes, step: Step) -> Bytes:
    """Non-local means (Buades, Coll and Morel, 2005), as phones and scanners' programs smooth noise."""
    return np.asarray(
        cv2.fastNlMeansDenoisingColored(rgb, None, step["strength"], step["strength"], 5, step["search_px"]), np.uint8
    )


def _bilateral(rgb: Bytes, step: Step) -> Bytes:
    return np.asarray(cv2.bilateralFilter(rgb, step["size_px"], step["strength"], step["sigma"]), np.uint8)


def _wavelet(rgb: Bytes, step: Step) -> Bytes:
    """Soft thresholding of wavelet coefficients in luma, and twice as hard in chroma (Donoho and Johnstone, 1994)."""
    ycc = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    planes = []
    for channel, factor in enumerate((1, 2, 2)):
        parts = pywt.wavedec2(ycc[..., channel], step["wavelet"], mode="symmetric", level=step["levels"])
        smooth = [
            parts[0],
            *(tuple(pywt.threshold(one, factor * step["strength"], "soft") for one in part) for part in parts[1:]),
        ]
        planes.append(pywt.waverec2(smooth, step["wavelet"], mode="symmetric")[: rgb.shape[0], : rgb.shape[1]])
    return ycc_to_rgb(np.dstack(planes))


def _deblock_grid(rgb: Bytes, step: Step) -> Bytes:
    """Small steps across the edges of 8x8 blocks become ramps over `reach_px` pixels on either side; larger ones are edges."""
    found = rgb.astype(np.float32)
    for axis in (0, 1):
        lines = np.moveaxis(found, axis, 0)
        reach = step["reach_px"]
        edges = np.arange(_BLOCK_PX, len(lines) - reach, _BLOCK_PX)
        jump = lines[edges] - lines[edges - 1]
        jump = np.where(np.abs(jump) < step["strength"], jump, 0)
        for away in range(reach):
            share = (reach - away - 0.5) / (2 * reach)
            lines[edges + away] -= jump * share
            lines[edges - 1 - away] += jump * share
    return as_bytes(found)


def _deblock_shifts(rgb: Bytes, step: Step) -> Bytes:
    """Shifted 8x8 transforms without their small coefficients (Nosratinia, 1999), as spp filters do."""

    def drop(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.where(np.abs(coefficients) < step["strength"], np.float32(0), coefficients)

    return mean_of_shifts(rgb, step["n_shifts"], drop)


def _local_contrast(rgb: Bytes, step: Step) -> Bytes:
    """Contrast-limited equalisation of the luma of tiles (Zuiderveld, 1994): the "HDR" and "clarity" of phones."""
    ycc = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)
    tiles = step["tiles"], step["tiles"]
    equalised = cv2.createCLAHE(clipLimit=step["limit"], tileGridSize=tiles).apply(ycc[..., 0])
    ycc[..., 0] = as_bytes(ycc[..., 0] + step["strength"] * (equalised.astype(np.float32) - ycc[..., 0]))
    return np.asarray(cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB), np.uint8)


def _auto_contrast(rgb: Bytes, step: Step) -> Bytes:
    """The darkest and the lightest share of the pixels become black and white: of all channels together, or of each."""
    axes = None if step["joint"] else (0, 1)
    black, white = np.quantile(rgb, step["black"], axis=axes), np.quantile(rgb, 1 - step["white"], axis=axes)
    return as_bytes((rgb - black) * 255 / np.maximum(white - black, 1))


def _white_balance(rgb: Bytes, step: Step) -> Bytes:
    return as_bytes(rgb.astype(np.float32) * np.array([step["red"], 1.0, step["blue"]], np.float32))


def _grey(rgb: Bytes, step: Step) -> Bytes:
    return np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def _whiten(rgb: Bytes, step: Step) -> Bytes:
    """The paper of a scan made white: divided by its own brightness over a wide neighbourhood."""
    paper = cv2.GaussianBlur(cv2.dilate(rgb, np.ones((9, 9), np.uint8)), (0, 0), step["sigma"]).astype(np.float32)
    flat = 255 * rgb.astype(np.float32) / np.maximum(paper, 1)
    return as_bytes((flat - 255 * step["black"]) / (1 - step["black"]))


def _threshold(rgb: Bytes, step: Step) -> Bytes:
    """Two levels: by one threshold for all, or by that of the neighbourhood where it has a size."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if step["size_px"]:
        two = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, step["size_px"], 10)
    else:
        level = np.clip(np.quantile(grey, step["share"]), int(grey.min()) + 1, grey.max())  # something stays of either side
        two = np.where(grey >= level, 255, 0).astype(np.uint8)
    return np.repeat(np.asarray(two)[..., None], 3, axis=2)


def _error_diffused(rgb: Bytes, step: Step) -> Bytes:
    """Black and white by Floyd and Steinberg's weights, as a fax has them."""
    rows = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) + 0.0
    found = np.zeros(rows.shape, np.uint8)
    carried = [0.0] * (rows.shape[1] + 2)
    for y in range(len(rows)):
        line, ahead, below = (rows[y] + carried[1:-1]).tolist(), 0.0, [0.0] * len(carried)
        for x, level in enumerate(line):
            value = level + ahead
            found[y, x] = 255 if value >= step["level"] else 0
            error = value - float(found[y, x])
            ahead = error * 7 / 16
            below[x] += error * 3 / 16
            below[x + 1] += error * 5 / 16
            below[x + 2] += error / 16
        carried = below
    return np.repeat(found[..., None], 3, axis=2)


ARRAY_STEPS: dict[str, Callable[[Bytes, Step], Bytes]] = {
    "nlm": _nlm, "bilateral": _bilateral, "wavelet": _wavelet, "deblock_grid": _deblock_grid, "deblock_shifts": _deblock_shifts,
    "local_contrast": _local_contrast, "auto_contrast": _auto_contrast, "white_balance": _white_balance, "grey": _grey,
    "whiten": _whiten, "threshold": _threshold, "error_diffused": _error_diffused, "shrink": smoothing.shrink,
    "recursive": smoothing.recursive, "variation": smoothing.variation, "guided": smoothing.guided,
}  # fmt: skip
