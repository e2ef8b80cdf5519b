"""What a client of POST /v1/versions, /v1/rankings and /v1/preview sees; the pages' addresses; which models may serve."""

import io
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress

import httpx2 as httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from genloss.model.scoring.scorer import Scorer
from genloss.serve.app import create_app
from genloss.serve.models import endpoints as models
from genloss.serve.models.schemas import GoldenImage
from genloss.serve.scoring.kept import KeptVersion, KeptVersions, version_id
from genloss.serve.settings import Settings
from tests.fixtures import ROOT, saved, wait_until

CAT = ROOT / "samples/cat"
NAMES = ("messenger.jpg", "original.jpg", "laundered.png")
JPEG = (CAT / "original.jpg").read_bytes()
PROBLEM = "application/problem+json"
TOKEN = "a-token-for-tests-only"


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(Settings(workers=2)), raise_server_exceptions=False) as client:
        yield client


def _send(client, data, reasons=False):
    answer = client.post(f"/v1/versions?reasons={str(reasons).lower()}", content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _steady(answer):
    """A ranking without what differs between two requests."""
    return [{**place, "filename": ""} for place in answer["ranking"]]


def test_files_sent_once_are_ranked_as_rank_does(client):
    ids = [_send(client, (CAT / name).read_bytes(), reasons=True)["id"] for name in NAMES]
    ranked = client.post("/v1/rankings", json={"versions": ids, "sure": 0.9}).json()
    files = [("files", (name, (CAT / name).read_bytes())) for name in NAMES]
    at_once = client.post("/v1/rank?sure=0.9", files=files).json()
    assert _steady(ranked) == _steady(at_once)
    assert ranked["n_pictures"] == 1
    assert ranked["failed"] == []
    assert {place["filename"] for place in ranked["ranking"]} == {""}
    fewer = client.post("/v1/rankings", json={"versions": ids[:2]}).json()["ranking"]
    assert [(place["index"], place["may_be_discarded"]) for place in fewer] == [(1, None), (0, None)]


def test_both_ways_rank_different_pictures_together_on_the_clients_word(client):
    files = [CAT / "original.jpg", CAT / "messenger.jpg", CAT.parent / "drawing/original.png"]
    ids = [_send(client, file.read_bytes(), reasons=True)["id"] for file in files]
    assert client.post("/v1/rankings", json={"versions": ids}).json()["n_pictures"] == 2
    ranked = client.post("/v1/rankings", json={"versions": ids, "one_picture": True}).json()
    assert (ranked["n_pictures"], [place["place"] for place in ranked["ranking"]]) == (1, [1, 2, 3])
    parts = [("files", (file.name, file.read_bytes())) for file in files]
    assert _steady(client.post("/v1/rank?one_picture=true", files=parts).json()) == _steady(ranked)


def test_the_same_file_gets_the_same_id_and_is_scored_once(client):
    first, form = _send(client, JPEG), client.post("/v1/versions", files={"file": JPEG}).json()
    assert first["id"] == form["id"] == version_id(first["model_version"], JPEG)
    assert form["timing"]["scoring_seconds"] == 0
    assert first["generation_loss"] == client.post("/score", content=JPEG).json()["generation_loss"]
    assert _send(client, (CAT / "messenger.jpg").read_bytes())["id"] != first["id"]


def test_files_are_kept_to_be_laid_on_each_other(client):
    kept = client.app.state.kept
    before = kept.n_bytes
    data = (CAT / "palette.gif").read_bytes()
    _send(client, data)
    assert kept.n_bytes - before == len(data)


def test_reasons_are_looked_for_when_they_are_asked_for_later(client):
    data = (CAT / "enlarged.jpg").read_bytes()
    assert _send(client, data)["reasons"] is None
    known = _send(client, data, reasons=True)
    assert known["reasons"]
    assert _send(client, data)["reasons"] is None
    (place,) = client.post("/v1/rankings", json={"versions": [known["id"]]}).json()["ranking"]
    assert place["reasons"] == known["reasons"]


def test_one_version_alone_and_the_same_one_twice(client):
    id = _send(client, JPEG)["id"]
    answer = client.post("/v1/rankings", json={"versions": [id, id], "sure": 0.9}).json()
    assert [(place["place"], place["index"], place["same_as"], place["same"]) for place in answer["ranking"]] == [
        (1, 0, None, None),
        (1, 1, 0, "file"),
    ]
    assert [place["may_be_discarded"] for place in answer["ranking"]] == [False, True]
    assert len(client.post("/v1/rankings", json={"versions": [id]}).json()["ranking"]) == 1


def test_unknown_ids_are_listed(client):
    id, unknown = _send(client, JPEG)["id"], "0" * 64
    answer = client.post("/v1/rankings", json={"versions": [unknown, id, unknown]})
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert (answer.json()["code"], answer.json()["unknown"]) == ("version_unknown", [unknown])


@pytest.mark.parametrize(
    "asked", [{"versions": []}, {"versions": ["0" * 64] * 65}, {"versions": ["x"]}, {"versions": ["0" * 64], "sure": 0.4}, {}]
)
def test_a_ranking_that_cannot_be_asked_for(client, asked):
    answer = client.post("/v1/rankings", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


def test_a_score_of_another_model_is_not_ranked(client, monkeypatch):
    id = _send(client, JPEG)["id"]
    monkeypatch.setattr("genloss.serve.scoring.serving.ServingModel.version", "0123456789ab")
    assert client.post("/v1/rankings", json={"versions": [id]}).json()["unknown"] == [id]


def test_kept_versions_are_forgotten_by_age_and_by_number():
    now = [0.0]
    kept = KeptVersions(2, 1000, 30.0, lambda: now[0])
    version = KeptVersion(Scorer().score(JPEG), b"")
    kept.keep("a", "m", version)
    now[0] = 20.0
    kept.keep("b", "m", version)
    assert kept.find("a", "m") is version  # used again, so that b is the oldest
    kept.keep("c", "m", version)
    assert kept.find_all(["a", "b", "c", "b"], "m") == ([version, version], ["b"])
    assert kept.find("a", "another model") is None
    now[0] = 49.0
    assert kept.find("a", "m") is version
    now[0] = 60.0
    assert kept.find_all(["a", "c"], "m") == ([version], ["c"])
    now[0] = 100.0
    assert len(kept) == 0
    assert kept.n_forgotten == {"full": 1, "expired": 2}


def test_the_files_of_kept_versions_are_bounded_in_bytes():
    kept = KeptVersions(100, 1000, 30.0)
    score = Scorer().score(JPEG)
    for name, n_bytes in (("a", 400), ("b", 500), ("a", 300), ("c", 300)):
        kept.keep(name, "m", KeptVersion(score, b"x" * n_bytes))
        assert kept.n_bytes <= 1000
    assert (len(kept), kept.n_bytes) == (2, 600)
    assert kept.find_all(["a", "b", "c"], "m")[1] == ["b"]  # a was sent again, so that b was the oldest
    kept.keep("large", "m", KeptVersion(score, b"x" * 2000))
    assert (len(kept), kept.n_bytes) == (1, 2000)
    assert kept.find("large", "m") is not None
    kept.keep("d", "m", KeptVersion(score, b"x"))
    assert (len(kept), kept.n_bytes) == (1, 1)


def test_a_file_that_cannot_be_scored_has_the_codes_of_score(client):
    for path in ("/v1/versions", "/v1/preview"):
        answer = client.post(path, content=b"just words")
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_format")
        answer = client.post(path, content=JPEG[: len(JPEG) // 2])
        assert (answer.status_code, answer.json()["code"]) == (422, "image_truncated")


def test_a_token_guards_them_all():
    with TestClient(create_app(Settings(workers=1, scoring_token=TOKEN))) as client:
        for path in ("/v1/versions", "/v1/preview", "/v1/rankings"):
            assert client.post(path, content=JPEG).json()["code"] == "token_missing"


def _drawn(client, data):
    answer = client.post("/v1/preview", content=data)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), answer.text
    return Image.open(io.BytesIO(answer.content))


def test_a_preview_shows_the_pixels_of_a_tiff(client, cat):
    drawn = _drawn(client, saved(cat, "TIFF"))
    assert np.array_equal(np.asarray(drawn), np.asarray(cat))
    form = client.post("/v1/preview", files={"file": saved(cat, "TIFF")})
    assert Image.open(io.BytesIO(form.content)).size == cat.size


def test_a_preview_is_turned_as_the_camera_was(client, cat):
    upright = np.asarray(cat)
    turns = {1: upright, 3: upright[::-1, ::-1], 6: np.rot90(upright, -1), 8: np.rot90(upright), 2: upright[:, ::-1]}
    for orientation, expected in turns.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        assert np.array_equal(np.asarray(_drawn(client, saved(cat, "PNG", exif=exif))), expected), orientation


def test_a_large_preview_is_shrunk_by_area(client):
    stripes = np.zeros((64, 4096, 3), np.uint8)
    stripes[:, ::2] = 200
    drawn = _drawn(client, saved(Image.fromarray(stripes), "PNG"))
    assert drawn.size == (2048, 32)
    assert set(np.unique(np.asarray(drawn))) == {100}


@pytest.mark.parametrize("path", ["/", "/jobs", "/docs", "/web/page.js", "/web/samples/cat-original.jpg"])
def test_head_of_a_page_has_the_headers_of_get(client, path):
    head, got = client.head(path), client.get(path)
    assert (head.status_code, got.status_code) == (200, 200)
    assert dict(head.headers) == dict(got.headers)
    assert "default-src 'none'" in head.headers["content-security-policy"]
    assert head.content == b""


def test_only_listed_samples_are_there(client):
    assert client.get("/web/samples/cat-original.jpg").headers["content-type"] == "image/jpeg"
    for name in ("cat-unknown.jpg", "..%2f..%2fapp.py", "%2e%2e/page.js"):
        assert client.get(f"/web/samples/{name}").status_code == 404


def test_a_model_that_fails_golden_images_serves_only_when_forced(tmp_path, monkeypatch, caplog):
    settings = Settings(workers=1, training_token=TOKEN, jobs_folder=tmp_path, jobs_worker="separate")
    seen = [GoldenImage(name=name, original=0.5, damaged=0.6, ranked_rightly=name != "cat") for name in ("cat", "drawing")]
    monkeypatch.setattr(models, "self_test", lambda folder: seen)
    with TestClient(create_app(settings), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        serving = client.get("/v1/models").json()["serving"]
        refused = client.post(f"/v1/models/{serving}/activate")
        assert (refused.status_code, refused.json()["code"], refused.json()["may_be_forced"]) == (409, "self_test_failed", True)
        assert [image["ranked_rightly"] for image in refused.json()["self_test"]] == [False, True]
        forced = client.post(f"/v1/models/{serving}/activate?force=true")
        assert (forced.status_code, forced.json()["failed"]) == (200, ["cat"])
        assert "forced to serve" in caplog.text
        monkeypatch.setattr(models, "self_test", lambda folder: seen[1:])
        assert client.post(f"/v1/models/{serving}/activate").json()["failed"] == []


def _is_alive(url):
    try:
        return httpx.get(f"{url}/livez").status_code == 200
    except httpx.TransportError:
        return False


def test_on_a_terminal_one_plain_line_says_where():
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    command = [sys.executable, "-m", "genloss.cli", "serve", "--port", "0", "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = bytearray()

    def read() -> bytes:
        with suppress(OSError):  # nothing yet, or the other side is closed
            said.extend(os.read(ours, 4096))
        return bytes(said)

    try:
        wait_until(lambda: b"\n" in read(), "it says something", read)
        url = re.search(r"http://[\d.:]+", said.decode())[0]
        wait_until(lambda: _is_alive(url), "the service answers", read)
        process.send_signal(signal.SIGINT)
        wait_until(lambda: process.poll() is not None, "it stops", read)
        assert process.returncode == 0
        (line,) = read().decode().splitlines()
        assert re.fullmatch(r"genloss serves on http://127\.0\.0\.1:\d+ — Ctrl-C stops it", line)
    finally:
        process.kill()
        os.close(ours)
