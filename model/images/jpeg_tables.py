"""The usual quantisation tables of JPEG, and the quality of a table."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# ITU-T T.81, tables K.1 and K.2; the IJG library scales them to make its qualities.
LUMA_TABLE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)  # fmt: skip
CHROMA_TABLE = np.array(
    [
        [17, 18, 24, 47, 99, 99, 99, 99], [18, 21, 26, 66, 99, 99, 99, 99], [24, 26, 56, 99, 99, 99, 99, 99],
        [47, 66, 99, 99, 99, 99, 99, 99], *[[99] * 8] * 4,
    ]
)  # fmt: skip


def ijg_table(quality: int, base: NDArray[np.int_] = LUMA_TABLE) -> NDArray[np.int_]:
    """The quantisation table that libjpeg writes for a quality in [1, 100]; (8, 8) integers in [1, 255].

    Source: libjpeg, jcparam.c, jpeg_quality_scaling.
    """
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((base * scale + 50) // 100, 1, 255)


def estimate_quality(table: NDArray[np.uint16]) -> tuple[int, float]:
    """The IJG quality whose luma table is nearest, and the mean relative deviation from that table.

    A table of another encoder gets the quality of about the same strength, and a deviation well above 0.
    """
    return _estimate_quality(tuple(table.ravel().tolist()))


@lru_cache(maxsize=256)
def _estimate_quality(steps: tuple[int, ...]) -> tuple[int, float]:
    """The same of the 64 steps; a picture's table is asked for three times."""
    deviations = np.abs(_IJG_TABLES - np.array(steps, float).reshape(1, 8, 8)) / _IJG_TABLES
    errors = deviations.mean(axis=(1, 2))
    best = int(np.argmin(errors))
    return best + 1, float(errors[best])


_IJG_TABLES = np.stack([ijg_table(quality) for quality in range(1, 101)]).astype(float)
