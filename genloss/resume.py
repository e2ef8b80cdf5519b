"""Resumes an interrupted `genloss score -o FILE`: a journal beside FILE, which is removed when FILE is complete."""

import base64
import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from genloss.inputs import Input
from genloss.model.errors import OutputError, OutputRefusedError
from genloss.model.files import errors_with_name
from genloss.model.images.facts import Facts
from genloss.model.images.outputs import check_output
from genloss.model.json_text import parse_json
from genloss.model.scoring.scorer import Score

_BEGINNING = b'{"model": '  # first bytes of every journal


class ScoreJournal:
    """Stores every finished score. A killed process leaves at most one incomplete line, which reading skips.

    Args:
        output: the file to write; the journal has the same name with ".resume" added.
        model: version of the bundle.
        resume: whether to resume from an earlier journal; otherwise it is discarded.

    Attributes:
        n_reused: number of scores taken from the earlier run.

    Raises:
        OutputError: the journal cannot be written, or belongs to another model.
        OutputRefusedError: another kind of file has the journal's name.
    """

    def __init__(self, output: Path, model: str, resume: bool) -> None:
        self.path = output.with_name(f"{output.name}.resume")
        self.n_reused = 0
        self._known: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, tuple[int, int]] = {}
        try:
            self._check_kind()
            if resume:
                self._read(model)
            # Without a buffer, which would be written again, and fail again, when the file is closed.
            self._stream = open(self.path, "ab" if self._known else "wb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}") from error
        if not self._known:
            try:
                self._write({"model": model})
            except OSError:
                self._stream.close()
                raise

    def find(self, given: Input) -> Score | None:
        """The stored score of an unchanged file: of the same size and modification time, or the same size and sha256."""
        name = _name(given.path)
        try:
            status = os.stat(given.path)
        except OSError:
            return None
        self._asked[name] = (status.st_size, status.st_mtime_ns)
        stored = self._known.get(name)
        if stored is None or stored["size"] != status.st_size:
            return None
        if stored["mtime_ns"] != status.st_mtime_ns and stored["sha256"] != _sha256(given.path):
            return None
        try:
            score = Score(stored["generation_loss"], Facts(**stored["facts"]), np.zeros(0, np.float32))
        except TypeError:  # stored by a version of genloss with other facts
            return None
        self.n_reused += 1
        return score

    def add(self, path: Path, score: Score) -> None:
        """Appends a new score; a reused one is in the journal already."""
        asked = self._asked.pop(_name(path), None)
        if asked is None or score.file_sha256 is None:
            return
        size, mtime_ns = asked
        self._write(
            {
                "path": _name(path), "size": size, "mtime_ns": mtime_ns, "sha256": score.file_sha256,
                "generation_loss": score.generation_loss, "facts": vars(score.facts),
            }
        )  # fmt: skip

    @property
    def n_waiting(self) -> int:
        """Number of files that were asked for and have no result yet."""
        return len(self._asked)

    def drop(self, path: Path) -> None:
        """Forgets that a file was asked for, because it could not be scored."""
        self._asked.pop(_name(path), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.close()
        if kind is None:
            self.path.unlink(missing_ok=True)

    def _check_kind(self) -> None:
        """Refuses to replace any file that is not an earlier journal."""
        check_output(self.path)
        if self.path.is_file() and self.path.stat().st_size:
            with open(self.path, "rb") as stream:
                if not stream.read(len(_BEGINNING)) == _BEGINNING:
                    raise OutputRefusedError(f"{self.path} is no journal of genloss score; name another output, or remove it")

    def _read(self, model: str) -> None:
        try:
            lines = self.path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                stored = parse_json(line)
            except ValueError:  # incomplete: the process was killed
                continue
            if "model" in stored and stored["model"] != model:
                raise OutputError(f"{self.path} is of the model {stored['model']}, not {model}; run without --resume")
            if "path" in stored:
                self._known[stored["path"]] = stored

    def _write(self, line: dict[str, Any]) -> None:
        with errors_with_name(self.path):
            self._stream.write(json.dumps(line).encode("ascii") + b"\n")


def _name(path: Path) -> str:
    return base64.b64encode(os.fsencode(os.path.abspath(path))).decode()


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
