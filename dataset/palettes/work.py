"""Intermediate arrays of a run, from which an interrupted run resumes; removed when the results are complete."""

import shutil
from contextlib import AbstractContextManager
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.claim import Claim
from genloss.dataset.stored_arrays import read_stored
from genloss.model.files import open_atomically

NAME = ".genloss-palettes"


class WorkFolder:
    """The work folder of a run; `held` creates it.

    Args:
        out: folder of the results, which holds the work folder.
        identity: text that describes everything the arrays depend on.

    Raises:
        OutputRefusedError: `out` holds other files, or the work of another run, or another run works in it.
    """

    def __init__(self, out: Path, identity: str) -> None:
        self.folder = out / NAME
        self._claim = Claim(out, PurePath(NAME, "identity.json"), identity, "an unfinished set")

    def held(self) -> AbstractContextManager[None]:
        """A block with the folder, in which no other run can work; raises as Claim.held."""
        return self._claim.held()

    def load(self, name: str) -> dict[str, NDArray] | None:
        """Loads the arrays of a name; None if there are none, or the file is damaged."""
        return read_stored(self.folder / f"{name}.npz")

    def save(self, name: str, arrays: dict[str, NDArray]) -> None:
        """Saves arrays under a name."""
        with open_atomically(self.folder / f"{name}.npz") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]

    def remove(self) -> None:
        """Removes the folder when the results are complete."""
        shutil.rmtree(self.folder)
