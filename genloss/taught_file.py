"""The file of a user's taught kinds of damage, and a scorer that uses it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genloss.model.errors import NamesError
from genloss.remarks import say

if TYPE_CHECKING:
    from genloss.model.scoring.scorer import Scorer

MemoryFile = Annotated[
    Path | None,
    typer.Option(
        "--memory", metavar="FILE", help="File of taught kinds. [default: damage.json in your settings folder]",
        show_default=False,
    ),
]  # fmt: skip


def default_memory() -> Path:
    """The default file of taught kinds, which --memory overrides."""
    return Path(typer.get_app_dir("genloss")) / "damage.json"


def scorer_with_taught(bundle: Path, max_pixels: int, memory: Path | None) -> "Scorer":
    """A scorer whose reasons name taught kinds.

    If the default file belongs to another bundle, as after an update, it is left out with a remark.

    Args:
        bundle, max_pixels: as for Scorer.
        memory: the file that the user named; None for the default file.

    Raises:
        NamesError: the named file is missing, damaged or of another bundle.
        BundleError: the bundle cannot be used.
    """
    from genloss.model.scoring.scorer import Scorer

    if memory is not None and not memory.exists():
        raise NamesError(f"{memory} does not exist; genloss teach NAME FILES --memory {memory} makes it")
    path = memory or default_memory()
    scorer = Scorer(bundle, max_pixels, path if path.exists() else None)
    try:
        _ = scorer.damage
    except NamesError as error:
        if memory is not None:
            raise
        say(f"taught kinds of damage are left out: {error}")
        return Scorer(bundle, max_pixels)
    return scorer
