"""What a run that ends early leaves to the next one: arrays in a folder beside the results, gone when they are whole."""

import shutil
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.claim import Claim
from genloss.model.files import open_atomically

NAME = ".genloss-palettes"


class WorkFolder:
    """The folder of a run; it is made by `begin`.

    Args:
        out: of the results.
        identity: of all that the arrays depend on.

    Raises:
        OutputRefusedError: `out` holds something else, or the work of another run.
    """

    def __init__(self, out: Path, identity: str) -> None:
        self.folder = out / NAME
        self._claim = Claim(out, PurePath(NAME, "identity.json"), identity, "an unfinished set")

    def begin(self) -> None:
        """Makes the folder where it is missing."""
        self._claim.begin()

    def load(self, name: str) -> dict[str, NDArray] | None:
        """Arrays that were saved under a name; None where there are none."""
        path = self.folder / f"{name}.npz"
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)

    def save(self, name: str, arrays: dict[str, NDArray]) -> None:
        """Saves arrays under a name."""
        with open_atomically(self.folder / f"{name}.npz") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]

    def remove(self) -> None:
        """Removes the folder: the results are whole."""
        shutil.rmtree(self.folder)
