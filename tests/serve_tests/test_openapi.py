"""The OpenAPI document says what the service does: schemathesis asks everything it can think of."""

import subprocess
import sys

import pytest

from genloss.model import errors
from genloss.serve.app import create_app
from genloss.serve.http.problems import STATUSES
from genloss.serve.settings import Settings
from tests.fixtures import ROOT, service
from tests.serve_tests.tiny_training import needs_queue


@needs_queue
@pytest.mark.parametrize(
    ("n_examples", "phases"), [(5, "coverage"), pytest.param(300, "coverage,fuzzing,stateful", marks=pytest.mark.slow)]
)
def test_schemathesis_finds_nothing(tmp_path, n_examples, phases):
    token = "0123456789abcdef"
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", "--checks", "all", "--max-examples", str(n_examples),
        "--phases", phases, "--no-color", "-H", f"Authorization: Bearer {token}",
        # It sends pictures of 1x1 pixels, and a schema cannot say which bytes are pictures that can be scored.
        "--exclude-checks", "positive_data_acceptance",
        # It cannot make application/zip; tests of training jobs send real ones.
        "--exclude-path", "/v1/training-jobs/from-originals",
    ]  # fmt: skip
    (tmp_path / "pairs").mkdir()
    jobs = {
        "training_token": token,
        "jobs_folder": tmp_path / "jobs",
        "pairs_folder": tmp_path / "pairs",
        "jobs_worker": "separate",
    }
    with service(workers=2, scoring_token=token, **jobs) as running:
        result = subprocess.run([*command, f"{running.url}/openapi.json"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
    assert not any('"status": 5' in line for line in running.lines)


def test_the_document_has_an_example_of_every_answer():
    document = create_app(Settings(workers=1)).openapi()
    schemas = document["components"]["schemas"]
    assert schemas["ScoreAnswer"]["examples"]
    assert schemas["RankAnswer"]["examples"]
    problems = document["paths"]["/v1/score"]["post"]["responses"]["422"]["content"]["application/problem+json"]
    assert "image_truncated" in problems["examples"]


def test_every_error_a_picture_can_cause_has_a_status_of_its_own_and_is_documented():
    classes = [errors.ImageError, *errors.ImageError.__subclasses__()]
    from_requests = {one.code for one in classes} - {"file_unreadable", "file_too_large"}
    assert from_requests <= STATUSES.keys()
    assert all(400 <= STATUSES[code] < 500 for code in from_requests)
    text = "".join((ROOT / "docs/using" / name).read_text() for name in ("service.md", "errors.md", "training-jobs.md"))
    assert [code for code in STATUSES if f"`{code}`" not in text] == []
