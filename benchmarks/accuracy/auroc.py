"""How well a number tells known from unknown; for the other scripts here."""

import numpy as np
from numpy.typing import NDArray


def auroc(known: NDArray, unknown: NDArray) -> float:
    """Share of pairs of a known and an unknown one in which the known one has the larger number; a tie is half a pair."""
    order = np.sort(unknown)
    return float((np.searchsorted(order, known, "left") + np.searchsorted(order, known, "right")).mean() / (2 * len(order)))
