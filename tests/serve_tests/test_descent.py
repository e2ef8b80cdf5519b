"""What a client sees of versions that were laid on each other: who was made from whom, and what happens when that fails."""

import os
import signal
from concurrent.futures import Future

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from genloss.serve.app import create_app
from genloss.serve.scoring.kept_findings import KeptFindings
from genloss.serve.settings import Settings
from tests.fixtures import ROOT, saved


@pytest.fixture(scope="module")
def client(paired_bundle):
    settings = Settings(workers=1, bundle=paired_bundle)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def files():
    """A PNG, a JPEG whose descent from it is proved, and no picture."""
    with Image.open(ROOT / "samples/screenshot/original.png") as picture:
        original = picture.convert("RGB").crop((0, 0, 480, 320))
    return [saved(original, "JPEG", quality=80), b"just words", saved(original, "PNG")]


def _rank(client, files):
    answer = client.post("/v1/rank", files=[("files", (f"{number}", data)) for number, data in enumerate(files)])
    assert answer.status_code == 200, answer.text
    return answer.json()["ranking"]


def _send(client, files):
    return [client.post("/v1/versions", content=data).json()["id"] for data in files]


def _crash(*arguments: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def test_an_answer_says_what_was_made_from_what(client, files):
    first, second = _rank(client, files)
    assert (first["index"], first["descent"], second["index"]) == (2, None, 0)
    descent = second["descent"]
    assert (descent["parent"], descent["direct"], descent["edited"]) == (2, True, False)
    assert descent["probability"] == pytest.approx(0.731, abs=1e-3)
    assert descent["proof"]["rule"] == "quantised"
    assert "half a step" in descent["proof"]["sentence"]
    assert descent["changes"] == ["saved as JPEG 80, 4:2:0"]
    assert descent["placement"] == {"turn": 0, "scale_x": 1, "scale_y": 1, "shift_x_px": 0, "shift_y_px": 0}


def test_kept_versions_are_laid_on_each_other_once(client, files, monkeypatch):
    ids = _send(client, [files[2], files[0]])
    first, second = client.post("/v1/rankings", json={"versions": ids}).json()["ranking"]
    assert (first["index"], second["index"], second["descent"]["parent"]) == (0, 1, 0)
    assert second["descent"]["proof"] == _rank(client, files)[1]["descent"]["proof"]
    monkeypatch.setattr("genloss.model.scoring.workers.ScoringWorkers.submit_finding", lambda *_: pytest.fail("again"))
    assert client.post("/v1/rankings", json={"versions": ids}).json()["ranking"] == [first, second]


def test_a_pair_that_crashes_a_worker_goes_by_the_judge_alone(client, files, monkeypatch, caplog):
    monkeypatch.setattr("genloss.model.scoring.compare_in_worker.find_in_bytes", _crash)
    ranking = _rank(client, files)
    monkeypatch.undo()
    assert [place["descent"] for place in ranking] == [None, None]
    assert "a pair goes by the judge alone: decode_crashed" in caplog.text
    assert _rank(client, files)[1]["descent"] is not None


def test_without_time_the_judge_decides_alone_and_without_room_versions_are_unknown(paired_bundle, files):
    n_bytes = len(files[0]) + len(files[2])
    settings = Settings(workers=1, bundle=paired_bundle, comparing_seconds=0, kept_bytes=n_bytes - 1)
    with TestClient(create_app(settings)) as client:
        assert [place["descent"] for place in _rank(client, files)] == [None, None]
        ids = _send(client, [files[2], files[0]])
        answer = client.post("/v1/rankings", json={"versions": ids})
        assert (answer.status_code, answer.json()["code"], answer.json()["unknown"]) == (404, "version_unknown", ids[:1])
        figures = client.get("/metrics").text
        assert f"genloss_kept_bytes {float(len(files[0]))}" in figures
        assert 'genloss_kept_versions_forgotten_total{why="full"} 1.0' in figures


def test_findings_are_forgotten_by_age_and_by_number():
    now = [0.0]
    kept = KeptFindings(30.0, most=2, now=lambda: now[0])
    asked = []

    def find(*pair):
        def compare():
            asked.append(pair)
            future = Future()
            future.set_result(None)
            return future

        assert kept.find(pair, compare).result() is None

    for pair in (("a", "b"), ("a", "c"), ("a", "b"), ("b", "c"), ("a", "c")):
        find(*pair)
    assert asked == [("a", "b"), ("a", "c"), ("b", "c"), ("a", "c")]
    now[0] = 31.0
    kept.forget_expired()
    assert len(kept) == 0
