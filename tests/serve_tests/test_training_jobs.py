"""Training jobs and models as their clients see them, with real training on a tiny pair set."""

import io
import json
import zipfile
from itertools import groupby

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from genloss.model.scoring.bundle import BUNDLED, load_bundle, save_bundle
from genloss.serve.app import create_app
from genloss.serve.settings import Settings
from tests.fixtures import ROOT, http, saved, service
from tests.serve_tests.tiny_training import (
    GOOD,
    HEADERS,
    LONG,
    TOKEN,
    archive_of_originals,
    needs_queue,
    processes_of,
    wait_for,
    wait_for_epoch,
)  # fmt: skip

pytestmark = needs_queue

PROBLEM = "application/problem+json"
FROM_ORIGINALS = "/v1/training-jobs/from-originals"
CAT = ROOT / "samples/cat/original.jpg"


def _asked(**training):
    return {"pairs": "tiny", "training": training}


@pytest.fixture
def client(tmp_path, listed_pairs):
    """The service without a worker: what is queued stays queued."""
    settings = Settings(
        workers=1, training_token=TOKEN, jobs_folder=tmp_path / "jobs", pairs_folder=listed_pairs, jobs_worker="separate"
    )
    with TestClient(create_app(settings), headers=HEADERS, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A service, the finished job of one training from originals, the kinds of events seen, and a score from before."""
    jobs = tmp_path_factory.mktemp("jobs")
    with service(training_token=TOKEN, jobs_folder=jobs, pairs_folder=jobs) as running:
        running.jobs_folder = jobs
        before = http.post(f"{running.url}/v1/score", content=CAT.read_bytes()).json()
        started = http.post(
            f"{running.url}/v1/training-jobs/from-originals",
            params={**GOOD, "chains": 40, "corpus": "crops of the samples"}, content=archive_of_originals(),
            headers={**HEADERS, "Content-Type": "application/zip"}, timeout=30,
        )  # fmt: skip
        assert started.status_code == 202, started.text
        assert started.json()["n_originals"] == 24
        address = running.url + started.headers["Location"]
        with http.stream("GET", f"{address}/events", headers=HEADERS) as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            seen = [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]
        yield running, http.get(address, headers=HEADERS).json(), seen, before


def test_originals_are_trained_on_and_every_epoch_is_seen_live(trained):
    _, job, seen, _ = trained
    assert job["state"] == "finished", job["log_tail"]
    assert seen[0] == "state"
    assert seen.count("epoch") == len(job["metrics"]) == GOOD["epochs"] + GOOD["judge_epochs"]
    assert "finished" in seen
    assert job["metrics"][GOOD["epochs"] - 1]["loss"] < job["metrics"][0]["loss"]
    assert job["evaluation"]["judge"]["test"]["n_pairs"] > 0
    assert any("bundle in" in line for line in job["log_tail"])


def test_an_activated_model_serves_survives_a_restart_and_is_rolled_back(trained):
    running, job, _, before = trained
    url, picture = running.url, CAT.read_bytes()
    models = http.get(f"{url}/v1/models", headers=HEADERS).json()
    assert {one["id"]: one["serving"] for one in models["models"]} == {before["model_version"]: True, job["model"]: False}
    # So small a model may confuse one of the golden pictures.
    activated = http.post(f"{url}/v1/models/{job['model']}/activate?force=true", headers=HEADERS)
    assert activated.status_code == 200, activated.text
    assert activated.json()["previous"] == before["model_version"]
    assert sum(one["ranked_rightly"] for one in activated.json()["self_test"]) >= 2
    after = http.post(f"{url}/v1/score", content=picture).json()
    assert after["model_version"] == job["model"]
    assert after["generation_loss"] != before["generation_loss"]
    settings = Settings(workers=1, training_token=TOKEN, jobs_folder=running.jobs_folder, jobs_worker="separate")
    with TestClient(create_app(settings)) as restarted:
        assert restarted.post("/v1/score", content=picture).json()["generation_loss"] == after["generation_loss"]
    back = http.post(f"{url}/v1/models/{before['model_version']}/activate", headers=HEADERS)
    assert back.json()["previous"] == job["model"]
    assert http.post(f"{url}/v1/score", content=picture).json()["generation_loss"] == before["generation_loss"]


def test_a_job_starts_from_its_parent_is_cancelled_and_keeps_its_checkpoint(trained):
    running, earlier, _, _ = trained
    url = running.url
    asked = {"pairs": f"{earlier['id']}/pairs", "training": {**LONG, "parent": earlier["model"]}}
    job = http.post(f"{url}/v1/training-jobs", json=asked, headers=HEADERS).json()["id"]
    waiting = http.post(f"{url}/v1/training-jobs", json=asked, headers=HEADERS).json()["id"]
    found = wait_for_epoch(url, job, 2)
    while found["state"] == "running" and found["progress"]["seconds_left"] is None:  # the first second cannot tell
        found = wait_for_epoch(url, job, len(found["metrics"]) + 1)
    assert found["state"] == "running", found["log_tail"]
    assert found["progress"]["phase"] == "the tower"
    assert found["progress"]["epochs"] == 1000
    assert found["progress"]["seconds_left"] > 0
    assert found["training"]["parent"] == earlier["model"]
    assert found["metrics"][0]["loss"] < 0.8 * earlier["metrics"][0]["loss"]  # what the parent had learned is there
    assert http.get(f"{url}/v1/training-jobs/{waiting}", headers=HEADERS).json()["state"] == "queued"  # one at a time
    assert http.delete(f"{url}/v1/training-jobs/{waiting}", headers=HEADERS).json()["state"] == "cancelled"
    assert http.delete(f"{url}/v1/training-jobs/{job}", headers=HEADERS).json()["state"] in ("cancelling", "cancelled")
    assert len(wait_for(url, job, ["cancelled"])["metrics"]) < LONG["epochs"]
    assert not processes_of(job)
    assert (running.jobs_folder / job / "run/checkpoint.npz").exists()


@pytest.mark.slow
def test_a_search_comes_first_and_what_it_found_is_trained(trained):
    running, earlier, _, _ = trained
    asked = {"search_trials": 2, "search_minutes": 0.05, "search_fraction": 1.0, "epochs": 2, "judge_epochs": 2}
    answer = http.post(
        f"{running.url}/v1/training-jobs", json={"pairs": f"{earlier['id']}/pairs", "training": asked}, headers=HEADERS
    )
    job = answer.json()["id"]
    with http.stream("GET", f"{running.url}/v1/training-jobs/{job}/events", headers=HEADERS) as stream:
        steps = [json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if '"event": "step"' in line]
    found = http.get(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS).json()
    assert found["state"] == "finished", found["log_tail"]
    assert [phase for phase, _ in groupby(step["phase"] for step in steps)][:2] == ["the search", "the tower"]
    folder = running.jobs_folder / job
    trained_as = json.loads((folder / "run/bundle/bundle.json").read_text())
    assert found["found"]["network"] == {key: trained_as["network"][key] for key in found["found"]["network"]}
    assert found["found"]["training"]["learning_rate"] == trained_as["training"]["learning_rate"]
    assert trained_as["training"]["epochs"] == 2
    assert (folder / "search/report.html").exists()


def test_training_is_off_without_a_token(tmp_path):
    with TestClient(create_app(Settings(workers=1)), raise_server_exceptions=False) as client:
        for method, path in (("GET", "/v1/training-jobs"), ("POST", "/v1/training-jobs"), ("GET", "/v1/models")):
            answer = client.request(method, path, headers=HEADERS)
            assert (answer.status_code, answer.json()["code"]) == (403, "training_off")
            assert answer.headers["Content-Type"] == PROBLEM


def test_every_error_is_a_problem_document(client):
    job = "00000000-0000-4000-8000-000000000000"
    serving = client.get("/v1/models").json()["serving"]
    cases = [
        (client.get("/v1/training-jobs", headers={"Authorization": ""}), 401, "token_missing"),
        (client.get("/v1/models", headers={"Authorization": "Bearer something-else"}), 403, "token_wrong"),
        (client.get(f"/v1/training-jobs/{job}"), 404, "job_unknown"),
        (client.get(f"/v1/training-jobs/{job}/events"), 404, "job_unknown"),
        (client.delete(f"/v1/training-jobs/{job}"), 404, "job_unknown"),
        (client.post(f"/v1/training-jobs/{job}/resume"), 404, "job_unknown"),
        (client.get("/v1/training-jobs/one"), 422, "request_invalid"),
        (client.get("/v1/training-jobs", params={"state": "sleeping"}), 422, "request_invalid"),
        (client.post("/v1/training-jobs", json={"pairs": "none"}), 422, "pairs_unknown"),
        (client.post("/v1/training-jobs", json={"pairs": "../tiny"}), 422, "request_invalid"),
        (client.post("/v1/training-jobs", json={"pairs": "tiny", "training": {"epochs": 0}}), 422, "request_invalid"),
        (client.post("/v1/training-jobs", json={"pairs": "tiny", "training": {"layers": 9}}), 422, "request_invalid"),
        (client.post("/v1/training-jobs", json=_asked(parent="0123456789ab")), 422, "parent_unknown"),
        (client.post("/v1/training-jobs", json=_asked(parent="../tiny")), 422, "request_invalid"),
        (client.post("/v1/training-jobs", json=_asked(parent=serving, aggregator="weighted_sum")), 422, "request_invalid"),
        (client.post("/v1/training-jobs", json=_asked(parent=serving, search_trials=3)), 422, "request_invalid"),
        (client.post("/v1/training-jobs", json=_asked(dropout=0.1, search_trials=3)), 422, "request_invalid"),
        (client.post(f"{FROM_ORIGINALS}?parent=0123456789ab", content=archive_of_originals()), 422, "parent_unknown"),
        (client.post(FROM_ORIGINALS, content=b"no archive"), 422, "originals_invalid"),
        (client.post(f"{FROM_ORIGINALS}?epochs=-1", content=archive_of_originals()), 422, "request_invalid"),
        (client.post("/v1/models/000000000000/activate"), 404, "model_unknown"),
    ]
    for answer, status, code in cases:
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["Content-Type"] == PROBLEM


def test_the_same_key_starts_nothing_new(client):
    asked = {"pairs": "tiny", "training": {"epochs": 3}}
    first = client.post("/v1/training-jobs", json=asked, headers={"Idempotency-Key": "monday"})
    again = client.post("/v1/training-jobs", json=asked, headers={"Idempotency-Key": "monday"})
    assert first.status_code == again.status_code == 202
    assert first.headers["Location"] == again.headers["Location"]
    other = client.post("/v1/training-jobs", json={"pairs": "tiny"}, headers={"Idempotency-Key": "monday"})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert client.post("/v1/training-jobs", json=asked).headers["Location"] != first.headers["Location"]
    assert len(client.get("/v1/training-jobs").json()["jobs"]) == 2


def test_a_job_with_a_parent_keeps_a_copy_and_the_network_of_it(client, tmp_path):
    serving = client.get("/v1/models").json()["serving"]
    network = load_bundle(BUNDLED).description["network"]
    job = client.post("/v1/training-jobs", json=_asked(parent=serving, jitter=0.37)).json()
    assert load_bundle(tmp_path / "jobs" / job["id"] / "parent").version == serving
    assert (tmp_path / "jobs" / job["id"] / "parent/tower.onnx").read_bytes() == (BUNDLED / "tower.onnx").read_bytes()
    told = {name: job["training"][name] for name in ("parent", "aggregator", "dropout", "jitter")}
    assert told == {"parent": serving, "aggregator": network["aggregator"], "dropout": network["dropout"], "jitter": 0.37}


def test_jobs_are_listed_newest_first_and_filtered(client):
    made = [
        client.post("/v1/training-jobs", json={"pairs": "tiny", "training": {"seed": seed}}).json()["id"] for seed in (1, 2, 3)
    ]
    assert client.get("/v1/pair-sets").json() == {"pair_sets": ["tiny"]}
    assert [job["id"] for job in client.get("/v1/training-jobs").json()["jobs"]] == made[::-1]
    assert [job["id"] for job in client.get("/v1/training-jobs?limit=1&offset=1").json()["jobs"]] == [made[1]]
    assert client.delete(f"/v1/training-jobs/{made[0]}").json()["state"] == "cancelled"
    cancelled = client.get("/v1/training-jobs?state=cancelled").json()["jobs"]
    assert [(job["id"], job["training"]["seed"]) for job in cancelled] == [(made[0], 1)]
    assert [job["id"] for job in client.get("/v1/training-jobs?state=queued&state=running").json()["jobs"]] == made[:0:-1]
    again = client.post(f"/v1/training-jobs/{made[0]}/resume")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    twice = client.post(f"/v1/training-jobs/{made[0]}/resume")
    assert (twice.status_code, twice.json()["code"]) == (409, "job_not_cancelled")


def test_an_archive_leads_nowhere_and_may_not_inflate(tmp_path, listed_pairs):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside.png", saved(Image.new("RGB", (64, 64)), "PNG"))
        archive.writestr("/tmp/outside.jpg", CAT.read_bytes())
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large.png", bytes(3_000_000))
    settings = Settings(
        workers=1, training_token=TOKEN, jobs_folder=tmp_path / "a/jobs", pairs_folder=listed_pairs, jobs_worker="separate",
        max_originals_bytes=2_000_000,
    )  # fmt: skip
    with TestClient(create_app(settings), headers=HEADERS, raise_server_exceptions=False) as client:
        job = client.post("/v1/training-jobs/from-originals", content=stream.getvalue()).json()
        assert sorted(path.name for path in (tmp_path / "a/jobs" / job["id"] / "originals").iterdir()) == [
            "000001.png", "000002.jpg",
        ]  # fmt: skip
        assert not list(tmp_path.rglob("outside*"))
        refused = client.post("/v1/training-jobs/from-originals", content=bomb.getvalue())
        assert (refused.status_code, refused.json()["code"]) == (422, "originals_invalid")
        too_long = client.post("/v1/training-jobs/from-originals", content=bytes(2_000_001))
        assert (too_long.status_code, too_long.json()["code"]) == (413, "body_too_large")
        assert [path.name for path in (tmp_path / "a/jobs").iterdir() if path.is_dir()] == [job["id"]]


def test_the_golden_images_are_the_samples():
    golden = {path.name: path.read_bytes() for path in (ROOT / "serve/models/golden").iterdir()}
    assert len(golden) == 8
    for name, data in golden.items():
        subject, _, version = name.partition("-")
        assert (ROOT / "samples" / subject / version.replace("damaged", "messenger")).read_bytes() == data


def test_a_model_that_fails_the_self_test_does_not_serve(client, tmp_path):
    shipped = load_bundle(BUNDLED)
    files = {"tower.onnx": shipped.onnx, "judge.onnx": b"not a network"}
    save_bundle(
        tmp_path / "jobs/broken/run/bundle", files, {key: shipped.description[key] for key in ("features", "calibration")}
    )
    models = client.get("/v1/models").json()
    broken = next(one["id"] for one in models["models"] if one["job"] == "broken")
    answer = client.post(f"/v1/models/{broken}/activate")
    assert (answer.status_code, answer.json()["code"]) == (409, "self_test_failed")
    assert client.get("/v1/models").json() == models
    assert client.post("/v1/score", content=CAT.read_bytes()).json()["model_version"] == models["serving"]
