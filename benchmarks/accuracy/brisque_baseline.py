"""BRISQUE as a baseline: a no-reference quality model, lower is better (pip install 'genloss[benchmarks]').

Source: Mittal, Moorthy and Bovik, "No-reference image quality assessment in the spatial domain", 2012.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def brisque_of_files(paths: Sequence[Path]) -> list[float] | None:
    """BRISQUE of each file's RGB pixels, NaN if it has no value; None if the package is not installed."""
    try:
        import brisque  # noqa: F401
    except ImportError:
        return None
    with ProcessPoolExecutor() as pool:
        return list(pool.map(_brisque, paths, chunksize=8))


def _brisque(path: Path) -> float:
    rgb: NDArray[np.uint8] = np.asarray(Image.open(path).convert("RGB"))
    try:
        value = float(_model().score(rgb))
    except (ValueError, ZeroDivisionError, FloatingPointError):  # flat pictures have no statistics to fit
        return float("nan")
    return value


@cache
def _model():  # type: ignore[no-untyped-def]
    from brisque import BRISQUE

    class Brisque(BRISQUE):  # type: ignore[misc]
        def scale_features(self, features: NDArray) -> NDArray:
            # Release 0.2.0 has one-element arrays among its features; numpy 2.4 no longer converts those to numbers.
            return super().scale_features([np.asarray(one).item() for one in features])

    return Brisque()
