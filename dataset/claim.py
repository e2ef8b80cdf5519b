"""Claims a folder of results for one run: the folder stores the run's identity, and only the same run may resume it."""

from pathlib import Path, PurePath

from genloss.model.errors import OutputRefusedError
from genloss.model.files import write_atomically
from genloss.model.images.outputs import make_folder


class Claim:
    """A claim on a folder of results. The constructor checks the folder; `begin` claims it.

    Args:
        out: folder of the results.
        marker: path below `out` of the file with the identity. Other files of the run may lie in its first folder.
        identity: text that describes everything the results depend on.
        what: name of the results in error messages, with an article.

    Raises:
        OutputRefusedError: `out` holds other files, or the results of another run.
    """

    def __init__(self, out: Path, marker: PurePath, identity: str, what: str) -> None:
        self._path, self._identity = out / marker, identity
        if self._path.exists():
            if self._path.read_text(encoding="utf-8") != identity:
                raise OutputRefusedError(
                    f"{out} holds {what} of other pictures or with other options; repeat those to resume it, "
                    "or name another --out"
                )
        elif out.exists() and any(entry.name != marker.parts[0] for entry in out.iterdir()):
            raise OutputRefusedError(f"{out} holds files already; name another folder")

    def begin(self) -> None:
        """Creates the folder if it is missing, and writes the identity.

        Raises:
            OutputError: the folder cannot be created.
        """
        make_folder(self._path.parent)
        write_atomically(self._path, self._identity.encode())
