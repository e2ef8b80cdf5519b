"""Decides which versions a plan may put away, and why. A file stays if it has anything that the kept file lacks."""

from collections.abc import Iterator
from dataclasses import dataclass

from genloss.archive.catalog import CatalogFile
from genloss.archive.look import Look
from genloss.archive.rules import Rules, Treatment
from genloss.archive.verify import Kind, PairRelation
from genloss.model.pairs.changes import TURNS
from genloss.model.pairs.surroundings import Around
from genloss.model.percent import percent, percent_of_all

# Below these odds, quality says that a member is the original, and not the kept file. If geometry put the kept file first
# all the same, nothing of the group is put away.
CONTESTED = 0.1
KEPT = "the kept one"
# Reasons why a file stays whatever a person decides.
ANOTHER_NAME, PROTECTED = "another name of the kept file: no bytes are saved", "lies in a protected folder"
_SHOWN_LESS = 0.98  # share of the area below which the reasons mention that a file shows less


@dataclass(frozen=True)
class Verdict:
    """Whether a version may go.

    Attributes:
        treatment: PUT_AWAY only if nothing is lost without the file.
        reasons: sentences that describe the file, then sentences against an action.
    """

    treatment: Treatment
    reasons: tuple[str, ...]


def judge_version(
    file: CatalogFile, look: Look, kept: Look, relation: PairRelation, odds: float | None, rules: Rules, sure: float
) -> Verdict:
    """Whether a version may go in favour of the kept file.

    Args:
        file, look: of the version.
        kept: look of the file that stays.
        relation: of the kept picture to the version.
        odds: probability in [0, 1] that the kept file is closer to the original; None if unknown.
        rules: of the collection.
        sure: least odds of an action, in [0.5, 1].
    """
    against = list(_against(file, look, kept, relation, odds, rules, sure))
    treatment = Treatment.PUT_AWAY
    for found, _ in against:
        if found is Treatment.KEEP or treatment is Treatment.PUT_AWAY:
            treatment = found
    return Verdict(treatment, (*describe(relation), *(sentence for _, sentence in against)))


def describe(relation: PairRelation, other: str = KEPT) -> Iterator[str]:
    """Yields sentences on how a picture differs from the kept picture in geometry, surroundings and lettering.

    Nothing of that is certain between pictures with other content, so of these no more is said.

    Args:
        relation: of the kept picture to this picture.
        other: name of the kept picture in the sentences.
    """
    if relation.kind is Kind.ALTERNATE:
        yield "holds other content in the same setting"
        return
    if relation.seen_turn:
        yield f"{TURNS[relation.seen_turn]} against {other}"
    if abs(relation.turned_degrees) > 0.1:
        yield f"turned by {abs(relation.turned_degrees):.1f}°"
    if relation.around_first is Around.PICTURE and relation.shared_first < _SHOWN_LESS:
        yield f"shows {percent_of_all(relation.shared_first, 0)} of {other}"
    if relation.around_second is Around.FRAME:
        yield "has a frame or bars around it"
    if relation.around_second is Around.SCREEN:
        yield "has a screen, page or caption around it"
    if relation.flattened_second:
        yield f"has a background where {other} is transparent"
    if relation.flattened_first and other != KEPT:
        yield f"is transparent where {other} has a background"
    if relation.recoloured and other != KEPT:
        yield f"has other colours than {other}"
    if relation.overlaid_second:
        yield "carries lettering, a mark or a sticker"
    if relation.overlaid_first and other != KEPT:
        yield f"{other} carries lettering, a mark or a sticker"


def _against(
    file: CatalogFile, look: Look, kept: Look, relation: PairRelation, odds: float | None, rules: Rules, sure: float
) -> Iterator[tuple[Treatment, str]]:
    """Yields each objection to putting the version away, with the treatment that it asks for."""
    review = Treatment.REVIEW
    if kept.is_damaged:
        yield review, "the kept one is damaged"
    if relation.overlaid_first:
        yield review, "the kept one carries lettering, a mark or a sticker"
    if relation.around_first is Around.FRAME:
        yield review, "the kept one has a frame or bars around it"
    if relation.around_first is Around.SCREEN:
        yield review, "the kept one has a screen, page or caption around it"
    if relation.around_second is Around.PICTURE:
        yield review, "shows something that the kept one lacks"
    if relation.recoloured:
        yield review, "has other colours than the kept one"
    if kept.is_grey and look.has_colours:
        yield review, "has colours that the kept one lacks"
    if look.n_frames > 1:
        yield review, "frames after the first were not compared"
    if look.is_transparent:
        not_kept = "is transparent, the kept one is not"
        yield review, "its transparency was not compared" if kept.is_transparent else not_kept
    for applies, treatment, words in (
        (relation.overlaid_second or relation.around_second is Around.SCREEN, rules.captioned, "captioned"),
        (relation.seen_turn or relation.turned_degrees, rules.turned, "turned"),
        (look.is_grey and kept.has_colours, rules.grey, "grey"),
    ):
        if applies and treatment is not Treatment.PUT_AWAY:
            yield treatment, f"the rules say {treatment.value} for {words} copies"
    if odds is None:
        yield review, "could not be compared by quality"
    elif odds < sure:
        yield review, f"odds of {percent(odds)} are below {100 * sure:g} %"
    if rules.is_protected(file.path):
        yield Treatment.KEEP, PROTECTED
