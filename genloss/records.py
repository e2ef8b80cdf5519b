"""What a result holds for programs: one flat record per file, the same in JSON, CSV and Parquet."""

import base64
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_type_hints

from genloss.model.errors import ImageError
from genloss.model.images.facts import Facts, describe_facts
from genloss.model.scoring.ranker import RankedVersion, may_be_discarded
from genloss.model.scoring.scorer import Score

Record = dict[str, Any]

# Every record of a command has these columns, in this order, so that rows can be written before all are known.
SCORE_COLUMNS: dict[str, Any] = {
    "path": str, "generation_loss": float, **get_type_hints(Facts), "claims": str, "error": str, "message": str,
    "path_base64": str,
}  # fmt: skip
RANK_COLUMNS: dict[str, Any] = {
    "picture": int, "place": int, **SCORE_COLUMNS, "probability_closer_than_next": float,
    "probability_worse_than_first": float, "too_close_to_call": bool, "same": str, "same_as": str, "may_be_discarded": bool,
}  # fmt: skip


def score_record(path: Path, score: Score) -> Record:
    """One scored file: path, generation_loss, and every fact of the container."""
    return {
        "path": path_text(path), "generation_loss": score.generation_loss, **vars(score.facts),
        "claims": describe_facts(score.facts), **_path_bytes(path),
    }  # fmt: skip


def error_record(path: Path, error: ImageError) -> Record:
    """One file that could not be scored: path, error (a stable code) and a message."""
    return {"path": path_text(path), "error": error.code, "message": str(error), **_path_bytes(path)}


def result_record(path: Path, result: Score | ImageError) -> Record:
    """Whichever of the two it is."""
    return error_record(path, result) if isinstance(result, ImageError) else score_record(path, result)


def ranked_record(paths: Sequence[Path], version: RankedVersion, sure: float | None) -> Record:
    """One place of a ranking, with everything a scored file has.

    Args:
        paths: of all versions, in input order.
        version: the place.
        sure: odds at which a version may be discarded, None where nobody asked.
    """
    return {
        "picture": version.picture,
        "place": version.place,
        **score_record(paths[version.index], version.score),
        "probability_closer_than_next": version.probability_closer_than_next,
        "probability_worse_than_first": version.probability_worse_than_first,
        "too_close_to_call": version.too_close_to_call,
        "same": version.same,
        "same_as": None if version.same_as is None else path_text(paths[version.same_as]),
        "may_be_discarded": None if sure is None else may_be_discarded(version, sure),
    }


def explained_record(path: Path, score: Score) -> Record:
    """One scored file and its reasons."""
    return {**score_record(path, score), "reasons": [asdict(reason) for reason in score.reasons or ()]}


def path_text(path: Path) -> str:
    """The path as text any reader takes; bytes that are not UTF-8 become \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _path_bytes(path: Path) -> Record:
    """The exact bytes of a name that is not UTF-8, for programs that have to find the file again."""
    name = os.fsencode(path)
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return {"path_base64": base64.b64encode(name).decode()}
    return {}
