"""Batches for Keras from a set with shared palettes."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import to_square
from genloss.dataset.palettes.loader import PaletteSet


class PaletteBatches(keras.utils.PyDataset):
    """Batches of (B, S, S, 3) float32 pictures in [0, 255] and (B,) labels, in a new order each epoch.

    Args:
        pictures: the set.
        batch: B; the last batch of an epoch may be smaller.
        generator: draws the order; None for the order of the set.
        side_px: S; pictures of other sizes are resized, without keeping the aspect ratio.
        options: for keras.utils.PyDataset, such as workers.

    Example:
        batches = PaletteBatches(PaletteSet(Path("small")), 64, np.random.default_rng(0), side_px=32)
        network.fit(batches, epochs=20)
    """

    def __init__(
        self, pictures: PaletteSet, batch: int, generator: np.random.Generator | None, side_px: int, **options: Any
    ) -> None:
        super().__init__(**options)
        self._pictures, self._batch, self._generator, self._side_px = pictures, batch, generator, side_px
        self._order = self._draw()

    def __len__(self) -> int:
        return -(-len(self._pictures) // self._batch)

    def __getitem__(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        places = self._order[number * self._batch : (number + 1) * self._batch]
        pictures = np.stack([to_square(self._pictures[place], self._side_px) for place in places])
        return pictures.astype(np.float32), self._pictures.labels[places]

    def on_epoch_end(self) -> None:
        """Draws the order of the next epoch; Keras calls it."""
        self._order = self._draw()

    def _draw(self) -> NDArray[np.int64]:
        if self._generator is None:
            return np.arange(len(self._pictures))
        return self._generator.permutation(len(self._pictures))
