"""What a run that ends early leaves to the next one: arrays in a folder beside the results, gone when they are whole."""

import io
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import OutputRefusedError
from genloss.model.files import write_atomically

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
        self._path, self._identity = self.folder / "identity.json", identity
        if self._path.exists():
            if self._path.read_text(encoding="utf-8") != identity:
                raise OutputRefusedError(
                    f"{out} holds an unfinished set of other pictures or with other options; repeat those to resume it, "
                    "or name another --out"
                )
        elif out.exists() and any(entry.name != NAME for entry in out.iterdir()):
            raise OutputRefusedError(f"{out} holds files already; name another folder")

    def begin(self) -> None:
        """Makes the folder where it is missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, self._identity.encode())

    def load(self, name: str) -> dict[str, NDArray] | None:
        """Arrays that were saved under a name; None where there are none."""
        path = self.folder / f"{name}.npz"
        if not path.exists():
            return None
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return dict(stored)

    def save(self, name: str, arrays: dict[str, NDArray]) -> None:
        """Saves arrays under a name."""
        stream = io.BytesIO()
        np.savez(stream, **arrays)  # type: ignore[arg-type]
        write_atomically(self.folder / f"{name}.npz", stream.getvalue())

    def remove(self) -> None:
        """Removes the folder: the results are whole."""
        shutil.rmtree(self.folder)
