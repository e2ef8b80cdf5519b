"""AUROC of a number that separates known from unknown, for the other scripts here."""

import numpy as np
from numpy.typing import NDArray


def auroc(known: NDArray, unknown: NDArray) -> float:
    """Share of (known, unknown) pairs in which the known item has the larger number; a tie counts half."""
    order = np.sort(unknown)
    return float((np.searchsorted(order, known, "left") + np.searchsorted(order, known, "right")).mean() / (2 * len(order)))
