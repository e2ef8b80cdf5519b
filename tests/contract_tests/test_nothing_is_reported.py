"""genloss sends nothing and leaves nothing behind: ONNX Runtime's own telemetry is off."""

import os
import subprocess
import sys

from tests.fixtures import LIMIT_SECONDS, ROOT


def test_a_score_leaves_nothing_in_the_home_folder(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "XDG_CACHE_HOME"}}
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment |= {"ORT_DISABLE_TELEMETRY": "0", "ORT_RUNNING_UNIT_TESTS": "0"}
    command = [sys.executable, "-m", "genloss.cli", "score", "samples/cat/original.jpg"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=LIMIT_SECONDS)
    assert list(tmp_path.rglob("*")) == []
