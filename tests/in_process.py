"""Commands as typed, run in this process: most tests need not wait for a new Python and all its packages."""

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import IO
from unittest.mock import patch

from genloss import cli
from tests.fixtures import ROOT


def genloss_here(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
    """What `genloss WORDS` prints, byte for byte, and its exit code.

    Tests of starts, signals, environments and closed streams start a process instead.
    """
    typed = [os.fsdecode(word) if isinstance(word, bytes) else str(word) for word in words]
    threshold = gc.get_threshold()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        with chdir(cwd), patch.object(sys, "argv", ["genloss", *typed]), _instead(1, out), _instead(2, error):
            code = cli.run()
        gc.set_threshold(*threshold)  # the command raises it for its own short life
        printed = []
        for stream in (out, error):
            stream.seek(0)
            printed.append(stream.read())
    return subprocess.CompletedProcess(typed, code, *printed)


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
