"""Loads a set with shared palettes as arrays, without TensorFlow."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.palettes.bits import packed_size, unpack
from genloss.dataset.palettes.tables import read_tables
from genloss.model.errors import DatasetError, DatasetUnreadableError
from genloss.model.json_text import parse_json

MANIFEST, INDICES = "palettes.json", "indices.bin"
LAYOUT = 1


class PaletteSet:
    """A set with shared palettes. Pictures are rebuilt on access, from indices in a memory-mapped file.

    Args:
        folder: the --out of `genloss palettes`.

    Attributes:
        bits: bits of an index.
        classes: sorted names.
        labels: (N,) places of the pictures' classes in `classes`.
        rows: rows of the N pictures.
        palettes: (K, 3) sRGB arrays.

    Raises:
        DatasetUnreadableError: the folder holds no such set, or the set is damaged or of another version.

    Example:
        pictures = PaletteSet(Path("small"))
        rgb, label = pictures[0], pictures.classes[pictures.labels[0]]
    """

    def __init__(self, folder: Path) -> None:
        try:
            manifest = parse_json((folder / MANIFEST).read_bytes())
            layout, self.bits, self.classes = manifest["layout"], int(manifest["bits"]), list(manifest["classes"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetUnreadableError(f"{folder} holds no finished set of genloss palettes ({error})") from error
        if layout != LAYOUT or manifest["form"] != "indices":
            raise DatasetUnreadableError(f"{folder} holds PNG files, or was written by another version of genloss")
        self.rows, self.palettes = read_tables(folder)
        place_of = {name: place for place, name in enumerate(self.classes)}
        self.labels = np.array([place_of[row.label] for row in self.rows], np.int64)
        try:
            self._indices = np.memmap(folder / INDICES, np.uint8, "r")
        except (OSError, ValueError) as error:
            raise DatasetUnreadableError(f"{folder / INDICES} cannot be read ({error})") from error
        last = self.rows[-1]
        if len(self._indices) != last.offset + packed_size(self.bits, (last.height_px, last.width_px)):
            raise DatasetUnreadableError(
                f"{folder / INDICES} has {len(self._indices)} bytes, which are not those of its tables"
            )

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB picture."""
        return self.palettes[self.rows[place].palette][self.indices(place)]

    def indices(self, place: int) -> NDArray[np.uint8]:
        """(H, W) indices into the picture's palette."""
        row = self.rows[place]
        shape = row.height_px, row.width_px
        return unpack(self._indices[row.offset : row.offset + packed_size(self.bits, shape)], self.bits, shape)

    def batch(self, places: Sequence[int]) -> NDArray[np.uint8]:
        """(B, H, W, 3) sRGB pictures, all of the same size.

        Raises:
            DatasetError: the sizes differ.
        """
        pictures = [self[place] for place in places]
        sizes = {picture.shape for picture in pictures}
        if len(sizes) != 1:
            raise DatasetError(f"a batch has pictures of one size, not of {len(sizes)}; take them one by one and resize them")
        return np.stack(pictures)
