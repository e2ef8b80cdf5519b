"""Claims a folder of results for one run: the folder stores the run's identity, and only the same run may resume it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from genloss.model.errors import OutputRefusedError
from genloss.model.files import lock_folder, write_atomically
from genloss.model.images.outputs import make_folder


class Claim:
    """A claim on a folder of results. The constructor checks the folder; `held` claims and locks it.

    Args:
        out: folder of the results.
        marker: path below `out` of the file with the identity. Other files of the run may lie in its first folder.
        identity: text that describes everything the results depend on.
        what: name of the results in error messages, with an article.

    Raises:
        OutputRefusedError: `out` holds other files, or the results of another run, or another run works in it.
    """

    def __init__(self, out: Path, marker: PurePath, identity: str, what: str) -> None:
        self._out, self._marker, self._identity, self._what = out, marker, identity.encode(), what
        self._path = out / marker
        self._check()
        if out.exists():
            with self._locked():
                pass  # else the second run would find out only after it has read all pictures

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block in which no other run can claim the folder. The folder is created if it is missing.

        Raises:
            OutputRefusedError: another run works in the folder, or worked there since it was checked.
            OutputError: the folder cannot be created.
        """
        make_folder(self._out)
        with self._locked():
            self._check()
            make_folder(self._path.parent)
            write_atomically(self._path, self._identity)
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with lock_folder(self._out) as is_alone:
            if not is_alone:
                raise OutputRefusedError(f"another run works in {self._out}; wait until it is done, or name another --out")
            yield

    def _check(self) -> None:
        if self._path.exists():
            if self._path.read_bytes() != self._identity:
                raise OutputRefusedError(
                    f"{self._out} holds {self._what} of other pictures or with other options; repeat those to resume it, "
                    "or name another --out"
                )
        elif self._out.exists() and any(entry.name != self._marker.parts[0] for entry in self._out.iterdir()):
            raise OutputRefusedError(f"{self._out} holds files already; name another folder")
