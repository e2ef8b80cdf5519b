"""How a version came from another one, in words for people: what was done, and how sure that is."""

from collections.abc import Sequence

from genloss.model.pairs.changes import is_edit
from genloss.model.pairs.genealogy import Descent
from genloss.tables import percent

MISSING = "by way of a version that is not here"


def changes_text(changes: Sequence[str]) -> str:
    """Changes in a line: "cropped to 81 %, saved as JPEG 75", or "edited: brighter, more saturated; saved as JPEG 92"."""
    edits = [change for change in changes if is_edit(change)]
    if not edits:
        return ", ".join(changes)
    first = changes.index(edits[0])
    before = [change for change in changes[:first] if not is_edit(change)]
    after = [change for change in changes[first:] if not is_edit(change)]
    return "; ".join(filter(None, (", ".join(before), f"edited: {', '.join(edits)}", ", ".join(after))))


def certainty_text(descent: Descent) -> str:
    """How sure it is: "proved: ...", "likely, 83 %", and whether a version in between is missing."""
    if descent.proof is not None:
        sure = f"proved: {descent.proof.sentence}"
    elif descent.direct:
        sure = f"likely, {percent(descent.probability)}"
    else:
        return f"{MISSING} (directly: {percent(descent.probability)})"
    return sure if descent.direct else f"{sure}; {MISSING}"
