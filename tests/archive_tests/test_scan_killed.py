"""kill -9 at any point of a scan: the next scan goes on from there and finds what a scan without a kill finds."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

import genloss
from tests.archive_tests.pictures import CAT, DRAWING, fill
from tests.fixtures import ROOT

FEW = (3, 9, 25, 45)  # statements: while the catalog is made, in the listing, among the looks, near the end


def _scan_with_kills(folder, catalog, points):
    """What scans killed at these points and then one to its end found."""
    command = [sys.executable, "-m", "tests.archive_tests.scan_killed", folder, catalog, *points]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _check(catalog, folder, before):
    """The catalog is whole, and the folder holds the same bytes."""
    with closing(sqlite3.connect(catalog)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_scan_that_is_killed_a_few_times_goes_on(tmp_path):
    folder = tmp_path.resolve() / "pictures"
    folder.mkdir()
    for name, source in (("a.jpg", CAT), ("b.jpg", CAT), ("c.png", DRAWING)):
        shutil.copy(source, folder / name)
    (folder / "cut off.jpg").write_bytes(CAT.read_bytes()[:5000])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    expected = genloss.scan([folder], isolated=False)
    found = _scan_with_kills(folder, tmp_path / "catalog", FEW)
    assert found["n_killed"] == len(FEW)
    assert found["files"] == list(map(repr, expected.files))
    _check(tmp_path / "catalog", folder, before)


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """A folder of versions, its files, and what a scan without a kill says."""
    folder = tmp_path_factory.mktemp("killed").resolve() / "pictures"
    fill(folder)
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return folder, before, list(map(repr, genloss.scan([folder], isolated=False).files))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_kills_at_random_statements(versions, tmp_path, seed):
    folder, before, expected = versions
    draw = random.Random(seed)
    points = [draw.randrange(1, 140) for _ in range(5)]
    found = _scan_with_kills(folder, tmp_path / "catalog", points)
    assert found["n_killed"] >= 3
    assert found["files"] == expected
    _check(tmp_path / "catalog", folder, before)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_kills_at_random_moments_with_worker_processes(versions, tmp_path, seed):
    """Nothing of a killed scan goes on running: workers end with it."""
    folder, before, expected = versions
    draw = random.Random(100 + seed)
    catalog = tmp_path / "catalog"
    command = [sys.executable, "-m", "genloss", "scan", folder, "--catalog", catalog, "--isolated"]
    for _ in range(5):
        scan = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.3, 8))
        scan.kill()
        scan.wait()
    result = genloss.scan([folder], catalog, isolated=False)
    assert list(map(repr, result.files)) == expected
    _check(catalog, folder, before)
    assert not _n_running(str(catalog))


def _n_running(word: str) -> int:
    """Processes with a word in their command line; they may take a moment to notice that their parent is gone."""
    for _ in range(40):
        found = 0
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{number}/cmdline", "rb") as stream:
                    found += word.encode() in stream.read()
            except OSError:
                continue
        if not found:
            return 0
        time.sleep(0.25)
    return found
