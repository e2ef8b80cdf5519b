"""Intermediate arrays of a run, from which an interrupted run resumes; removed when the results are complete."""

import shutil
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.claim import Claim
from genloss.model.files import open_atomically

NAME = ".genloss-palettes"


class WorkFolder:
    """The work folder of a run; `begin` creates it.

    Args:
        out: folder of the results, which holds the work folder.
        identity: text that describes everything the arrays depend on.

    Raises:
        OutputRefusedError: `out` holds other files, or the work of another run.
    """

    def __init__(self, out: Path, identity: str) -> None:
        self.folder = out / NAME
        self._claim = Claim(out, PurePath(NAME, "identity.json"), identity, "an unfinished set")

    def begin(self) -> None:
        """Creates the folder if it is missing."""
        self._claim.begin()

    def load(self, name: str) -> dict[str, NDArray] | None:
        """Loads the arrays of a name; None if there are none."""
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
        """Removes the folder when the results are complete."""
        shutil.rmtree(self.folder)
