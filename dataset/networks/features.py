"""What a classifier sees of pictures: the maps of its first block, the means of its last, and where it looks."""

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.networks.attention import attend
from genloss.dataset.networks.classifier import FIRST_MAP, LAST_MAP, Network, class_weights, predict, tapped

_GRID = 4


class Seer:
    """A classifier asked for its maps.

    Args:
        network: from build_classifier.
        keys: (K, D) of its classes.
    """

    def __init__(self, network: Network, keys: NDArray[np.float32]) -> None:
        self._maps = tapped(network, (FIRST_MAP, LAST_MAP))
        self._weights = class_weights(network, keys)

    def see(
        self, pictures: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """First-block features (N, 16 C), deep features (N, F) and the attention to the class (N, h, w).

        Args:
            pictures: (N, S, S, 3).
            labels: (N,) classes.
        """
        first, last = predict(self._maps, pictures)
        return _on_grid(first), last.mean(axis=(1, 2)), attend(last, self._weights[labels])


def _on_grid(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 16 C): means of (N, h, w, C) maps over 4 x 4 areas."""
    rows = np.array_split(np.arange(maps.shape[1]), _GRID)
    columns = np.array_split(np.arange(maps.shape[2]), _GRID)
    areas = [maps[:, row[0] : row[-1] + 1, column[0] : column[-1] + 1].mean(axis=(1, 2)) for row in rows for column in columns]
    return np.concatenate(areas, axis=1)
