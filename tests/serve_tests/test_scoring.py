"""What a client of POST /score and POST /rank sees."""

import json
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from genloss.serve.app import create_app
from genloss.serve.settings import Settings
from tests.fixtures import ROOT

CAT = ROOT / "samples/cat"
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(Settings(workers=2)), raise_server_exceptions=False) as client:
        yield client


def _versions(*names):
    return [("files", (name, (CAT / name).read_bytes())) for name in names]


def test_the_same_bytes_score_the_same_by_python_command_line_and_http(client, scorer):
    names = sorted((ROOT / "samples").glob("*/*.*"))
    printed = subprocess.run(
        [sys.executable, "-m", "genloss.cli", "score", "--format", "jsonl", *map(str, names)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    by_command_line = [json.loads(line)["generation_loss"] for line in printed.splitlines()]
    by_python = [scorer.score(path.read_bytes()).generation_loss for path in names]
    raw = [client.post("/v1/score", content=path.read_bytes()).json()["generation_loss"] for path in names]
    form = [client.post("/score", files={"file": path.read_bytes()}).json()["generation_loss"] for path in names]
    assert by_python == by_command_line == raw == form


def test_rank_orders_as_the_command_line_does(client):
    names = sorted(path.name for path in CAT.iterdir())
    answer = client.post("/v1/rank", files=_versions(*names)).json()
    command = [sys.executable, "-m", "genloss.cli", "rank", "--format", "json", *(str(CAT / name) for name in names)]
    printed = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    keys = ("place", "generation_loss", "probability_closer_than_next", "too_close_to_call")
    assert [[one[key] for key in keys] for one in answer["ranking"]] == [[one[key] for key in keys] for one in printed]
    assert [str(CAT / one["filename"]) for one in answer["ranking"]] == [one["path"] for one in printed]
    assert [names[one["index"]] for one in answer["ranking"]] == [one["filename"] for one in answer["ranking"]]
    assert all(one["reasons"] for one in answer["ranking"])


def test_a_file_that_cannot_be_scored_is_listed_and_the_others_are_ranked(client):
    files = [*_versions("original.jpg"), ("files", ("notes.txt", b"just words")), *_versions("messenger.jpg")]
    answer = client.post("/rank", files=files).json()
    assert [one["filename"] for one in answer["ranking"]] == ["original.jpg", "messenger.jpg"]
    assert [(one["index"], one["filename"], one["code"]) for one in answer["failed"]] == [
        (1, "notes.txt", "unsupported_format")
    ]


def test_equal_files_are_scored_once(client):
    def n_scored():
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("genloss_model_seconds_count"))

    before = n_scored()
    answer = client.post("/rank", files=_versions("original.jpg", "messenger.jpg", "original.jpg", "original.jpg")).json()
    assert n_scored() - before == 2
    assert [(one["index"], one["place"]) for one in answer["ranking"]] == [(0, 1), (2, 1), (3, 1), (1, 4)]
    assert [one["index"] for one in answer["failed"]] == []


def test_reasons_come_when_asked_for(client):
    data = (CAT / "laundered.png").read_bytes()
    assert client.post("/score", content=data).json()["reasons"] is None
    reasons = client.post("/score?reasons=true", content=data).json()["reasons"]
    assert [reason["code"] for reason in reasons] == ["earlier_jpeg"]


FORM = {"content-type": "multipart/form-data"}
BOUNDED = {"content-type": "multipart/form-data; boundary=x"}
JPEG = (CAT / "original.jpg").read_bytes()
# UTF-7 for half of a surrogate pair, which UTF-8 cannot hold.
ODD_CHARSET = {"content-type": "multipart/form-data; boundary=x; charset=utf-7"}
ODD_NAME = 2 * b'--x\r\nContent-Disposition: form-data; name="a"; filename="+2AA-"\r\n\r\nx\r\n' + b"--x--\r\n"
CUT_OFF = 3 * b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nx\r\n'
WRONG = {
    "text": ("post", "/score", {"content": b"just words"}, 415, "unsupported_format"),
    "empty body": ("post", "/score", {"content": b""}, 422, "file_empty"),
    "empty file": ("post", "/score", {"files": {"file": b""}}, 422, "file_empty"),
    "half a picture": ("post", "/score", {"content": JPEG[: len(JPEG) // 2]}, 422, "image_truncated"),
    "too many pixels": ("post", "/score", {"content": b"GIF89a\xff\xff\xff\xff\0\0\0"}, 422, "image_too_large"),
    "two files to score": ("post", "/score", {"files": [("file", JPEG), ("file", JPEG)]}, 422, "request_invalid"),
    "not a boolean": ("post", "/score?reasons=maybe", {"content": JPEG}, 422, "request_invalid"),
    "one version": ("post", "/rank", {"files": {"files": JPEG}}, 422, "request_invalid"),
    "65 versions": ("post", "/rank", {"files": [("files", b"x")] * 65}, 422, "request_invalid"),
    "one good version": ("post", "/rank", {"files": [("files", JPEG), ("files", b"x")]}, 422, "too_few_versions"),
    "raw body to rank": ("post", "/rank", {"content": JPEG}, 400, "request_malformed"),
    "broken form": ("post", "/rank", {"content": b"nonsense", "headers": BOUNDED}, 400, "request_malformed"),
    "form without boundary": ("post", "/score", {"content": b"nonsense", "headers": FORM}, 400, "request_malformed"),
    "a form that is cut off": ("post", "/rank", {"content": CUT_OFF, "headers": BOUNDED}, 400, "request_malformed"),
    "a closed form": ("post", "/rank", {"content": CUT_OFF + b"--x--", "headers": BOUNDED}, 422, "too_few_versions"),
    "a name that is no text": ("post", "/rank", {"content": ODD_NAME, "headers": ODD_CHARSET}, 422, "too_few_versions"),
    "JSON sent as a form": ("post", "/v1/rankings", {"content": b'{"versions": []}'}, 422, "request_invalid"),
    "nowhere": ("get", "/v1/nothing", {}, 404, "not_found"),
    "wrong method": ("delete", "/v1/score", {}, 405, "method_not_allowed"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_every_error_is_a_problem_document_with_a_stable_code(client, case):
    method, path, options, status, code = WRONG[case]
    answer = client.request(method, path, **options)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    document = answer.json()
    assert (document["status"], document["code"], document["type"]) == (status, code, f"urn:genloss:{code}")
    assert document["detail"]
    assert "allow" in answer.headers or status != 405


def test_a_body_without_its_content_type_is_told_which_to_send(client):
    answer = client.post(
        "/v1/rankings", content=b'{"versions": []}', headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.json()["detail"] == "body: must be JSON, with the header Content-Type: application/json"


def test_a_token_is_asked_for_only_where_one_is_set():
    token = "correct horse battery"
    with TestClient(create_app(Settings(workers=1, scoring_token=token))) as client:
        codes = []
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Bearer {token}"}):
            answer = client.post("/v1/score", content=JPEG, headers=headers)
            codes.append((answer.status_code, answer.json().get("code")))
    assert codes == [(401, "token_missing"), (403, "token_wrong"), (200, None)]
