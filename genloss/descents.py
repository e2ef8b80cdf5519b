"""How a version was made from another one, in words for people: the changes, and how certain they are."""

from collections.abc import Sequence

from genloss.model.pairs.changes import is_edit
from genloss.model.pairs.genealogy import Descent
from genloss.model.percent import percent

MISSING = "by way of a version that is not here"
LIKELY, UNLIKELY = 0.6, 0.4  # nobody should act on a probability between them
CERTAIN = 0.9  # to say "made from" where no probability stands beside it


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
    """The certainty of a descent: "proved: ...", "likely, 83 %", "perhaps, 46 %", or that a version seems to be missing."""
    if descent.proof is not None:
        return f"proved: {descent.proof.sentence}{'' if descent.direct else f'; {MISSING}'}"
    if descent.probability > UNLIKELY:
        return f"{'likely' if descent.probability >= LIKELY else 'perhaps'}, {percent(descent.probability)}"
    return f"a version seems to be missing between or above the two (directly: {percent(descent.probability)})"


def is_certain(proof: object, probability: float) -> bool:
    """Whether "made from" may be said without "perhaps" where no probability stands beside it.

    Args:
        proof: of the descent; None without proof.
        probability: that the descent is direct.
    """
    return proof is not None or probability >= CERTAIN
