"""Places of a ranking as the service answers them."""

from collections.abc import Sequence

from genloss.model.images.facts import describe_facts
from genloss.model.pairs.changes import is_edit
from genloss.model.pairs.genealogy import Descent
from genloss.model.scoring.own_content import own_content
from genloss.model.scoring.ranked import RankedVersion, may_be_discarded
from genloss.serve.scoring.schemas import DescentOfPicture, PlacementOfParent, ProofOfDescent, RankedPicture


def describe_places(
    ranked: Sequence[RankedVersion], positions: Sequence[int], names: Sequence[str], sure: float | None
) -> list[RankedPicture]:
    """All places; a version with content of its own may never be discarded.

    Args:
        ranked: from Ranker.rank.
        positions, names, sure: as for describe_place.
    """
    own = own_content(ranked)
    return [describe_place(version, positions, names, sure, own.get(version.index)) for version in ranked]


def describe_place(
    version: RankedVersion, positions: Sequence[int], names: Sequence[str], sure: float | None, holds_more: str | None
) -> RankedPicture:
    """One place.

    Args:
        version: from Ranker.rank.
        positions: position of every ranked version among the files of the client.
        names: names of all files of the client.
        sure: odds at which a version may be discarded, or None.
        holds_more: content of this version that the first place lacks; None if none is known.
    """
    return RankedPicture(
        picture=version.picture,
        place=version.place,
        index=positions[version.index],
        filename=names[positions[version.index]],
        same_as=None if version.same_as is None else positions[version.same_as],
        same=version.same,
        generation_loss=version.score.generation_loss,
        probability_closer_than_next=version.probability_closer_than_next,
        probability_worse_than_first=version.probability_worse_than_first,
        too_close_to_call=version.too_close_to_call,
        differs=version.differs,
        rule=version.rule,
        may_be_discarded=None if sure is None else holds_more is None and may_be_discarded(version, sure),
        holds_more=holds_more,
        facts=version.score.facts,
        claims=describe_facts(version.score.facts),
        reasons=version.score.reasons,
        descent=None if version.descent is None else _describe_descent(version.descent, positions),
    )


def _describe_descent(descent: Descent, positions: Sequence[int]) -> DescentOfPicture:
    placement, proof = descent.placement, descent.proof
    edits = tuple(change for change in descent.changes if is_edit(change))
    return DescentOfPicture(
        parent=positions[descent.parent],
        probability=descent.probability,
        direct=descent.direct,
        proof=None if proof is None else ProofOfDescent(rule=proof.rule, sentence=proof.sentence),
        changes=descent.changes,
        edited=bool(edits),
        edits=edits,
        placement=PlacementOfParent(
            turn=placement.turn, scale_x=placement.scale_x, scale_y=placement.scale_y,
            shift_x_px=placement.shift_x_px, shift_y_px=placement.shift_y_px,
        ),
    )  # fmt: skip
