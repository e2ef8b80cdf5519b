"""A training job so small that it takes seconds, and what tests ask about running ones."""

import io
import json
import os
import time
import zipfile

import httpx2 as httpx
from PIL import Image

from tests.fixtures import ROOT, saved

TOKEN = "a-token-for-tests-only"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
GOOD = {"epochs": 40, "judge_epochs": 30, "blocks": 16, "learning_rate": 0.003}  # seconds of training, and right on the samples
LONG = {"epochs": 1000, "judge_epochs": 1, "blocks": 64}


def archive_of_originals(*names):
    """A zip of 24 pictures, eight crops of each sample: names decide the split, and all three sides are needed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names or ("cat/original.jpg", "drawing/original.png", "screenshot/original.png"):
            picture = Image.open(ROOT / "samples" / name).convert("RGB")
            for index in range(8):
                left, top = (picture.width - 150) * (index % 4) // 3, (picture.height - 150) * (index // 4)
                archive.writestr(f"{name[:3]}{index}.png", saved(picture.crop((left, top, left + 150, top + 150)), "PNG"))
        archive.writestr("notes.txt", "no picture")
    return stream.getvalue()


def wait_for(url, job, states, seconds=240):
    """The job, once it is in one of the states."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = httpx.get(f"{url}/v1/training-jobs/{job}", headers=HEADERS).json()
        if found["state"] in states:
            return found
        time.sleep(0.2)
    raise AssertionError(found)


def wait_for_epoch(url, job, epoch):
    deadline = time.monotonic() + 240  # generous: a busy machine takes a minute to load TensorFlow
    while time.monotonic() < deadline:
        found = httpx.get(f"{url}/v1/training-jobs/{job}", headers=HEADERS).json()
        if len(found["metrics"]) >= epoch or found["state"] == "failed":
            return found
        time.sleep(0.2)
    raise AssertionError(found)


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
