"""The service as its users run it: `genloss serve` in a process of its own."""

import io
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import ROOT
from tests.serve_tests.tiny_training import archive_of_originals


class Service:
    """A running `genloss serve`.

    Attributes:
        process: its process.
        port: where it listens on 127.0.0.1.
        lines: what it has written on standard error so far.
    """

    def __init__(self, **variables: object) -> None:
        words = [sys.executable, "-m", "genloss.cli", "serve", "--port", "0"]
        settings = {f"GENLOSS_{name.upper()}": str(value) for name, value in {"workers": 1, **variables}.items()}
        self.lines: list[str] = []
        self.process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", self.wait_for_line("listens on"))[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.wait_for_line("startup complete")

    def wait_for_line(self, text: str, seconds: float = 30.0) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if text in line:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no line with {text!r} in {self.lines}")

    def stop(self) -> int:
        """Asks it to stop; its exit code."""
        self.process.terminate()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join()
        return code

    def _read(self) -> None:
        for line in self.process.stderr:
            self.lines.append(line)
        self.process.stderr.close()


@contextmanager
def service(**variables: object) -> Iterator[Service]:
    """Runs one for the length of the block; it must end with exit code 0."""
    running = Service(**variables)
    try:
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.lines


@pytest.fixture(scope="session")
def pairs_folder(tmp_path_factory):
    """A folder that holds a pair set `tiny`."""
    folder = tmp_path_factory.mktemp("data")
    with zipfile.ZipFile(io.BytesIO(archive_of_originals())) as archive:
        archive.extractall(folder / "images")
    make = [sys.executable, "datagen/make_pairs.py", "--images", folder / "images", "--out", folder / "tiny", "--chains", "40"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True, timeout=200)
    return folder


@pytest.fixture(scope="session")
def listed_pairs(tmp_path_factory):
    """A folder with a pair set `tiny` that can be chosen, for tests that never train on it."""
    folder = tmp_path_factory.mktemp("listed")
    (folder / "tiny").mkdir()
    (folder / "tiny/chains.jsonl").touch()
    return folder
