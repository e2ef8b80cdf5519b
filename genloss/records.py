"""Results for programs: one flat record per file, the same in JSON, CSV and Parquet."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, get_type_hints

from genloss.model.errors import ImageError
from genloss.model.images.facts import Facts, describe_facts
from genloss.model.printable import storable
from genloss.model.scoring.scorer import Score

if TYPE_CHECKING:  # else `genloss score` would load OpenCV, which takes longer than scoring a picture
    from genloss.model.pairs.placement import Placement
    from genloss.model.scoring.ranked import RankedVersion

Record = dict[str, Any]


class Transform(TypedDict):
    """Placement of a parent's pixels on a version's: a turn, then scales and shifts, as in model/pairs/placement.py."""

    turn: int
    scale_x: float
    scale_y: float
    shift_x_px: float
    shift_y_px: float


# Every record of a command has these columns, in this order, so that rows can be written before all are known.
SCORE_COLUMNS: dict[str, Any] = {
    "path": str, "generation_loss": float, **get_type_hints(Facts), "claims": str, "error": str, "message": str,
    "path_base64": str,
}  # fmt: skip
RANK_COLUMNS: dict[str, Any] = {
    "picture": int, "place": int, **SCORE_COLUMNS, "probability_closer_than_next": float,
    "probability_worse_than_first": float, "too_close_to_call": bool, "same": str, "same_as": str, "differs": list[str],
    "rule": str,
    "may_be_discarded": bool, "holds_more": str, "parent": str, "parent_probability": float, "parent_direct": bool,
    "proof_rule": str, "proof": str, "changes": list[str], "edited": bool, "transform": Transform,
}  # fmt: skip


def score_record(path: Path, score: Score) -> Record:
    """The record of a scored file: path, generation_loss, and every fact of the container."""
    return {
        "path": path_text(path), "generation_loss": score.generation_loss, **vars(score.facts),
        "claims": describe_facts(score.facts), **path_bytes(path),
    }  # fmt: skip


def error_record(path: Path, error: ImageError) -> Record:
    """The record of a file that could not be scored: path, error (a stable code) and a message."""
    return {"path": path_text(path), "error": error.code, "message": str(error), **path_bytes(path)}


def result_record(path: Path, result: Score | ImageError) -> Record:
    """The record of a scored file or of an error, whichever the result is."""
    return error_record(path, result) if isinstance(result, ImageError) else score_record(path, result)


def ranked_records(paths: Sequence[Path], ranked: "Sequence[RankedVersion]", sure: float | None) -> list[Record]:
    """Records of all places of a ranking. A version with content of its own must never be discarded.

    Args:
        paths, sure: as for ranked_record.
        ranked: from Ranker.rank.
    """
    from genloss.model.scoring.own_content import own_content

    own = own_content(ranked)
    return [ranked_record(paths, version, sure, own.get(version.index)) for version in ranked]


def ranked_record(paths: Sequence[Path], version: "RankedVersion", sure: float | None, holds_more: str | None = None) -> Record:
    """The record of one place of a ranking, with all fields of a scored file.

    Args:
        paths: of all versions, in input order.
        version: the place.
        sure: least probability at which a version may be discarded; None to decide nothing.
        holds_more: content of the version that the first place lacks; None if none is known.
    """
    from genloss.model.scoring.ranked import may_be_discarded

    return {
        "picture": version.picture,
        "place": version.place,
        **score_record(paths[version.index], version.score),
        "probability_closer_than_next": version.probability_closer_than_next,
        "probability_worse_than_first": version.probability_worse_than_first,
        "too_close_to_call": version.too_close_to_call,
        "same": version.same,
        "same_as": None if version.same_as is None else path_text(paths[version.same_as]),
        "differs": list(version.differs),
        "rule": version.rule,
        "may_be_discarded": None if sure is None else holds_more is None and may_be_discarded(version, sure),
        "holds_more": holds_more,
        **_descent_record(paths, version),
    }


def _descent_record(paths: Sequence[Path], version: "RankedVersion") -> Record:
    """The parent of a version and the changes; all fields are None if no parent is known."""
    from genloss.model.pairs.changes import is_edit

    descent = version.descent
    if descent is None:
        names = ("parent", "parent_probability", "parent_direct", "proof_rule", "proof", "changes", "edited", "transform")
        return dict.fromkeys(names)
    return {
        "parent": path_text(paths[descent.parent]), "parent_probability": descent.probability, "parent_direct": descent.direct,
        "proof_rule": None if descent.proof is None else descent.proof.rule,
        "proof": None if descent.proof is None else descent.proof.sentence, "changes": list(descent.changes),
        "edited": any(map(is_edit, descent.changes)), "transform": transform_record(descent.placement),
    }  # fmt: skip


def explained_record(path: Path, score: Score) -> Record:
    """The record of a scored file, with its reasons."""
    return {**score_record(path, score), "reasons": [asdict(reason) for reason in score.reasons or ()]}


def path_text(path: Path) -> str:
    """The path as text that any program reads; bytes that are not UTF-8 become \\xNN."""
    return storable(os.fspath(path))


def path_bytes(path: Path, name: str = "path") -> Record:
    """Field NAME_base64: the exact bytes of a path that is not UTF-8, so that programs find the file; else no field."""
    data = os.fsencode(path)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        import base64  # hardly ever needed

        return {f"{name}_base64": base64.b64encode(data).decode()}
    return {}


def transform_record(placement: "Placement | None") -> Transform | None:
    """A placement without the sizes of the two pictures; None if unknown."""
    if placement is None:
        return None
    return {
        "turn": placement.turn, "scale_x": placement.scale_x, "scale_y": placement.scale_y,
        "shift_x_px": placement.shift_x_px, "shift_y_px": placement.shift_y_px,
    }  # fmt: skip
