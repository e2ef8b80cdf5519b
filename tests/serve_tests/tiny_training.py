"""A training job so small that it takes seconds, and what tests ask about running ones."""

import io
import json
import os
import sqlite3
import sys
import zipfile

import pytest

from tests.fixtures import http, sample_crops, wait_until

# Debian 12 has SQLite 3.40, and Python 3.11.
needs_queue = pytest.mark.skipif(
    sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42), reason="SQLite is too old for a queue of jobs"
)
TOKEN = "a-token-for-tests-only"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
GOOD = {"epochs": 25, "judge_epochs": 20, "blocks": 16, "learning_rate": 0.003}  # seconds of training, and right on the samples
LONG = {"epochs": 1000, "judge_epochs": 1, "blocks": 64}


def archive_of_originals():
    """A zip of the sample's crops, and a text."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in sample_crops():
            archive.writestr(name, data)
        archive.writestr("notes.txt", "no picture")
    return stream.getvalue()


def wait_for(url, job, states):
    """The job, once it is in one of the states."""
    return _wait_for_job(url, job, lambda found: found["state"] in states, " or ".join(states))


def wait_for_epoch(url, job, epoch):
    """The job, once it has so many epochs behind it, or has failed."""
    return _wait_for_job(
        url, job, lambda found: len(found["metrics"]) >= epoch or found["state"] == "failed", f"in epoch {epoch}"
    )


def _wait_for_job(url, job, condition, what):
    found = {}

    def holds():
        found.update(http.get(f"{url}/v1/training-jobs/{job}", headers=HEADERS).json())
        return condition(found)

    wait_until(holds, f"the job is {what}", lambda: found)
    return found


def tower_epochs(jobs_folder, job):
    """Epochs of the tower in the order they were finished."""
    lines = (jobs_folder / job / "run/progress.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    return [record["epoch"] for record in records if record["event"] == "epoch" and record["phase"] == "the tower"]


def processes_of(job):
    """Processes whose command line names the job."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as stream:
                    if job.encode() in stream.read():
                        found.append(int(name))
            except OSError:
                pass
    return found
