"""What a classifier sees of pictures: the maps of its first block, the means of its last, and where it looks."""

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.networks.attention import attend
from genloss.dataset.networks.classifier import FIRST_MAP, LAST_MAP, Network, class_weights, predict, tapped


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
        """First-block features (N, C), deep features (N, F) and the attention to the class (N, h, w).

        Features are means over all places: what a picture is coloured like, not what is where.

        Args:
            pictures: (N, S, S, 3).
            labels: (N,) classes.
        """
        first, last = predict(self._maps, pictures)
        return first.mean(axis=(1, 2)), last.mean(axis=(1, 2)), attend(last, self._weights[labels])
