"""Commands as typed, run in this process: most tests need not wait for a new Python and all its packages.

Tests of starts, signals, environments and closed streams start a process instead.
"""

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import IO
from unittest.mock import patch

from genloss import cli

ROOT = Path(__file__).resolve().parent.parent


def genloss_here(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
    """What `genloss WORDS` prints, byte for byte, and its exit code."""
    typed = [os.fsdecode(word) if isinstance(word, bytes) else str(word) for word in words]
    threshold = gc.get_threshold()
    try:
        with chdir(cwd), patch.object(sys, "argv", ["genloss", *typed]):
            return _printed(cli.run)
    finally:
        gc.set_threshold(*threshold)  # the command raises it for its own short life


def script_here(main: Callable[[list[str]], int], *words: object) -> subprocess.CompletedProcess[str]:
    """What a script with this `main` prints, and its exit code."""

    def run() -> int:
        try:
            return main([str(word) for word in words])
        except SystemExit as wrong_arguments:
            return int(wrong_arguments.code or 0)

    result = _printed(run)
    return subprocess.CompletedProcess(words, result.returncode, result.stdout.decode(), result.stderr.decode())


def _printed(run: Callable[[], int]) -> subprocess.CompletedProcess[bytes]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        with _instead(1, out), _instead(2, error):
            code = run()
        for stream in (out, error):
            stream.seek(0)
        return subprocess.CompletedProcess([], code, out.read(), error.read())


@contextmanager
def _instead(descriptor: int, file: IO[bytes]) -> Iterator[None]:
    """The file takes the place of standard output (1) or standard error (2), for Python, codecs and child processes."""
    kept = os.dup(descriptor)
    os.dup2(file.fileno(), descriptor)
    name = {1: "stdout", 2: "stderr"}[descriptor]
    try:
        with open(descriptor, "w", buffering=1, encoding="utf-8", closefd=False) as stream, patch.object(sys, name, stream):
            yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
