"""What an interrupted `genloss score -o FILE` has done: a journal beside FILE, which goes when FILE is whole."""

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
from genloss.model.images.facts import Facts
from genloss.model.images.outputs import check_output
from genloss.model.scoring.scorer import Score

_BEGINNING = b'{"model": '  # of every journal


class ScoreJournal:
    """Keeps every finished score; a process that is killed leaves at most one torn line, which is read over.

    Args:
        output: the file that is being written; the journal is called like it, with ".resume" added.
        model: version of the bundle.
        resume: whether to go on with an earlier journal; else it is thrown away.

    Attributes:
        n_reused: scores that were taken from the earlier run.

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
            self._stream = open(self.path, "a" if self._known else "w", encoding="ascii")  # noqa: SIM115
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}") from error
        if not self._known:
            self._write({"model": model})

    def find(self, given: Input) -> Score | None:
        """The score of a file that has not changed since: the same size and time, or the same size and sha256."""
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
        self.n_reused += 1
        return Score(stored["generation_loss"], Facts(**stored["facts"]), np.zeros(0, np.float32))

    def add(self, path: Path, score: Score) -> None:
        """Notes a score that was made just now."""
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
        """Files that were asked for and have no result yet."""
        return len(self._asked)

    def drop(self, path: Path) -> None:
        """Forgets what was asked of a file that gave no score."""
        self._asked.pop(_name(path), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.close()
        if kind is None:
            self.path.unlink(missing_ok=True)

    def _check_kind(self) -> None:
        """An earlier journal may be thrown away, and nothing else."""
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
                stored = json.loads(line)
            except ValueError:  # torn by a kill
                continue
            if "model" in stored and stored["model"] != model:
                raise OutputError(f"{self.path} is of the model {stored['model']}, not {model}; run without --resume")
            if "path" in stored:
                self._known[stored["path"]] = stored

    def _write(self, line: dict[str, Any]) -> None:
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()


def _name(path: Path) -> str:
    return base64.b64encode(os.fsencode(os.path.abspath(path))).decode()


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
