"""Claims a folder of results for one study, so that no other study replaces its best.json and report."""

import json
from pathlib import Path

from genloss.model.errors import SearchError
from genloss.model.files import errors_with_name, wait_for_lock
from genloss.model.json_text import parse_json

NAME = "study.json"


def check_claim(out: Path, study_name: str) -> None:
    """Checks, before a study is opened, that a folder does not hold the results of a study of another name.

    Raises:
        SearchError: it does.
    """
    path = out / NAME
    if path.exists() and (found := _read(path.read_bytes(), path)) is not None and found.get("study") != study_name:
        raise _other_study(out, found)


def claim_folder(out: Path, study_name: str, study_id: str) -> None:
    """Claims a folder for a study; its other workers may claim it too.

    Args:
        out: existing folder.
        study_name: of the study in its database.
        study_id: study.STUDY_ID of the study; empty for one of an earlier version of genloss.

    Raises:
        SearchError: the folder holds the results of another study.
    """
    path = out / NAME
    with errors_with_name(path), open(path, "a+b") as stream:
        wait_for_lock(stream)
        stream.seek(0)
        found = _read(stream.read(), path)
        claim = {"study": study_name, "id": study_id}
        if found is None:
            stream.write(json.dumps(claim).encode() + b"\n")
        elif found != claim:
            raise _other_study(out, found)


def _read(data: bytes, path: Path) -> dict[str, str] | None:
    """The claim in a file; None if a killed process left the file empty."""
    if not data:
        return None
    try:
        found = parse_json(data)
    except ValueError as error:
        raise SearchError(f"{path} is damaged; remove it, or give another --out") from error
    return found if isinstance(found, dict) else {}


def _other_study(out: Path, found: dict[str, str]) -> SearchError:
    return SearchError(f"{out} holds the results of another study, {found.get('study')!r}; give another --out")
