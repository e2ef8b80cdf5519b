"""progress.jsonl: the progress of a long run for other programs, one JSON object a line."""

import json
import math
import os
import time
from pathlib import Path
from typing import Any

from genloss.model.files import errors_with_name

NAME = "progress.jsonl"
STEP_SECONDS = 1.0  # between two lines about steps


class ProgressLog:
    """Appends lines to a file. A process that dies leaves at most one incomplete line, which readers skip.

    Args:
        path: the file; created if missing, appended to otherwise.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._phase = ""
        self._start = (0.0, 0)  # when this process first saw the phase, and at which step
        self._written = 0.0
        path.parent.mkdir(parents=True, exist_ok=True)
        with errors_with_name(path), open(path, "a+b") as stream:
            if stream.tell():
                stream.seek(-1, os.SEEK_END)
                if stream.read() != b"\n":  # a process died while it wrote
                    stream.write(b"\n")

    def write(self, event: str, **values: Any) -> None:
        """Appends a line with the event, the time in seconds since 1970, and the values; NaN becomes null."""
        kept = {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in values.items()}
        line = json.dumps({"event": event, "time": round(time.time(), 3), **kept}, allow_nan=False)
        with errors_with_name(self._path), open(self._path, "ab", buffering=0) as stream:
            stream.write(line.encode() + b"\n")  # one call, so that lines never mix

    def step(self, phase: str, step: int, steps: int, **values: Any) -> None:
        """Appends the progress of a phase and its remaining seconds: at most one line a second, and the last step."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._start, self._written = phase, (now, step), 0.0
        if now - self._written < STEP_SECONDS and step < steps:
            return
        self._written = now
        started, first = self._start
        left = (steps - step) * (now - started) / (step - first) if step > first else None
        self.write("step", phase=phase, step=step, steps=steps, seconds_left=left, **values)


def read_progress(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Reads complete lines from a byte offset on, and returns them with the next offset; no lines if the file is missing."""
    try:
        with open(path, "rb") as stream:
            stream.seek(offset)
            data = stream.read()
    except FileNotFoundError:
        return [], offset
    end = data.rfind(b"\n") + 1
    records = []
    for line in data[:end].splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "event" in record:
            records.append(record)
    return records, offset + end
