"""Features of pictures from a classifier: means of the first block and of the last maps, and attention."""

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.networks.attention import attend
from genloss.dataset.networks.classifier import FIRST_MAP, LAST_MAP, Network, class_weights, predict, tapped


class Seer:
    """Extracts features and attention from a classifier.

    Args:
        network: from build_classifier.
        keys: (K, D) of the classes.
    """

    def __init__(self, network: Network, keys: NDArray[np.float32]) -> None:
        self._maps = tapped(network, (FIRST_MAP, LAST_MAP))
        self._weights = class_weights(network, keys)

    def see(
        self, pictures: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Means of the first block, means of the last maps, and attention to the class of each picture.

        Both means are over all places: they describe how a picture is coloured, not what is where.

        Args:
            pictures: (N, S, S, 3).
            labels: (N,) classes.

        Returns:
            (N, C), (N, F) and (N, h, w), float32.
        """
        first, last = predict(self._maps, pictures)
        return first.mean(axis=(1, 2)), last.mean(axis=(1, 2)), attend(last, self._weights[labels])
