"""Every shard of a scan by Daft, and of a scan on a Ray cluster that loses a node, byte for byte as by threads.

A scan without an engine finds the same.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.archive_tests.pictures import fill, make_old
from tests.fixtures import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(None in map(find_spec, ("daft", "ray", "grpc")), reason="needs requirements/cluster.txt"),
]


def _scan(folder: Path, engine: str) -> tuple[dict, dict[str, bytes]]:
    """What a scan prints, and all its shards; "none" scans without an engine."""
    words = [str(folder / name) for name in ("pictures", f"{engine}.catalog", engine)]
    script = ROOT / "tests/archive_tests/cluster_scan.py"
    done = subprocess.run([sys.executable, str(script), *words, engine], capture_output=True, text=True, timeout=1800, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    place = folder / engine
    return json.loads(done.stdout.splitlines()[-1]), {
        str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()
    }


def test_shards_do_not_depend_on_the_engine_nor_on_a_node_that_dies(tmp_path):
    fill(tmp_path / "pictures")
    make_old(tmp_path / "pictures")
    said, shards = _scan(tmp_path, "threads")
    assert len(shards) > 6
    assert {name.split("-")[0] for name in shards} == {"exact", "look", "pair", "check", "relate", "rank"}
    in_process, _ = _scan(tmp_path, "none")
    assert in_process == said
    for engine in ("daft", "ray"):
        other, made = _scan(tmp_path, engine)
        assert other == {**said, "a_node_died": engine == "ray"}
        assert made == shards
