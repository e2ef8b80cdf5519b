"""What somebody who runs the service sees: health, figures, log lines, settings."""

import json
import os
import subprocess
import sys
from unittest.mock import Mock

import pytest

from genloss.serve.server import run
from genloss.serve.settings import Settings
from tests.fixtures import LIMIT_SECONDS, ROOT, http, service

JPEG = (ROOT / "samples/cat/original.jpg").read_bytes()


def _figures(running) -> dict[str, float]:
    lines = http.get(f"{running.url}/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}


def test_what_stops_the_start_reaches_the_command_without_a_traceback(monkeypatch, caplog):
    monkeypatch.setattr("genloss.serve.app.Serving", Mock(side_effect=MemoryError("std::bad_alloc")))
    monkeypatch.setattr("genloss.serve.server.logging_config", lambda *level: {"version": 1, "incremental": True})
    with pytest.raises(MemoryError):
        run(Settings(port=0))
    assert "Traceback" not in caplog.text


def test_figures_count_requests_failures_and_model_time():
    with service() as running:
        version = http.get(f"{running.url}/readyz").json()["model_version"]
        assert http.get(f"{running.url}/livez").json() == {"status": "alive"}
        for body in (JPEG, JPEG, b"just words", JPEG[:9000]):
            http.post(f"{running.url}/v1/score?reasons=false", content=body)
        http.post(f"{running.url}/rank", files=[("files", JPEG), ("files", b"words"), ("files", JPEG)])
        http.get(f"{running.url}/private/holiday.jpg")
        http.post(f"{running.url}/v1/versions", content=JPEG)
        heads = [http.head(f"{running.url}/{name}") for name in ("livez", "readyz", "metrics")]
        figures = _figures(running)
    assert [(head.status_code, head.content) for head in heads] == [(200, b"")] * 3  # what load balancers ask for
    assert figures["genloss_kept_versions"] == 1
    assert figures['genloss_kept_versions_forgotten_total{why="full"}'] == 0
    assert figures['genloss_requests_total{method="POST",route="/v1/score",status="200"}'] == 2
    assert figures['genloss_requests_total{method="POST",route="/v1/score",status="415"}'] == 1
    assert figures['genloss_requests_total{method="GET",route="none",status="404"}'] == 1
    assert figures['genloss_decode_failures_total{code="unsupported_format"}'] == 2
    assert figures['genloss_decode_failures_total{code="image_truncated"}'] == 1
    assert figures['genloss_model_seconds_count{reasons="False"}'] == 3
    assert figures['genloss_model_seconds_count{reasons="True"}'] == 1  # equal uploads are scored once
    assert figures['genloss_model_seconds_sum{reasons="False"}'] > 0
    assert figures[f'genloss_model_info{{version="{version}"}}'] == 1
    assert figures["genloss_queue_depth"] == figures["genloss_requests_working"] == figures["genloss_buffered_bytes"] == 0


def test_log_lines_are_json_and_hold_nothing_of_the_user():
    with service() as running:
        files = [("files", ("private-name.jpg", JPEG)), ("files", ("private-name.txt", b"private words"))]
        http.post(f"{running.url}/rank?private=query", files=files)
        http.get(f"{running.url}/private/holiday.jpg")
        running.wait_for_line('"none"')
    assert "private" not in "".join(running.lines)
    assert "127.0.0.1" not in "".join(line for line in running.lines if "listens on" not in line)
    records = [json.loads(line) for line in running.lines]
    (ranked,) = (record for record in records if record.get("route") == "/rank")
    assert (ranked["message"], ranked["method"], ranked["status"], ranked["level"]) == ("request", "POST", 422, "INFO")
    assert 0 < ranked["seconds"] < LIMIT_SECONDS


@pytest.mark.parametrize(
    ("variables", "words", "expected"),
    [
        ({"GENLOSS_PORT": "eighty", "GENLOSS_WORKERS": "0"}, [], ["settings_invalid", "GENLOSS_PORT", "GENLOSS_WORKERS"]),
        ({"GENLOSS_SCORING_TOKEN": "short"}, [], ["GENLOSS_SCORING_TOKEN: a token has 16 characters or more"]),
        ({}, ["--port", "99999"], ["settings_invalid: --port: "]),
        ({"GENLOSS_HOST": "192.0.2.1"}, [], ["settings_invalid", "cannot listen on 192.0.2.1"]),
        ({"GENLOSS_BUNDLE": "nowhere"}, [], ["bundle_invalid", "nowhere"]),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(variables, words, expected):
    command = [sys.executable, "-m", "genloss.cli", "serve", *words]
    result = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert all(text in line for text in expected)
    assert "short" not in line.replace("shorter", "")  # a token is not repeated


def test_the_factory_of_uvicorn_says_the_same_in_one_line():
    command = [sys.executable, "-m", "uvicorn", "genloss.serve.app:create_app", "--factory"]
    environment = {**os.environ, "GENLOSS_WORKERS": "many"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    assert "settings_invalid: GENLOSS_WORKERS" in result.stderr
