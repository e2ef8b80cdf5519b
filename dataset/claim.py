"""A folder of results that belongs to one run: what was asked for lies in it, so that only that run resumes it."""

from pathlib import Path, PurePath

from genloss.model.errors import OutputRefusedError
from genloss.model.files import write_atomically


class Claim:
    """The folder is looked at when this is made, and claimed by `begin`.

    Args:
        out: of the results.
        marker: file below `out` that holds the identity; what lies beside it below its first folder is the run's own.
        identity: of all that the results depend on.
        what: the results are, with an article, as an error says.

    Raises:
        OutputRefusedError: `out` holds something else, or the results of another run.
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
        """Makes the folder where it is missing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, self._identity.encode())
