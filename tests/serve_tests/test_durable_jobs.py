"""Jobs survive the death of everything, on SQLite and on a real PostgreSQL."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.fixtures import LIMIT_SECONDS, ROOT, Service, http, service, wait_until
from tests.serve_tests.tiny_training import (
    HEADERS,
    LONG,
    TOKEN,
    needs_queue,
    processes_of,
    tower_epochs,
    wait_for,
    wait_for_epoch,
)

pytestmark = [pytest.mark.slow, needs_queue]


@pytest.fixture(scope="module")
def postgresql():
    """The address of a database of our own, on a server that ends with the tests."""
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [str(Path(shutil.which("initdb") or "").parent)]
    if not (Path(programs[-1]) / "initdb").exists():
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="genloss-postgresql-"))
    user = {}
    if os.getuid() == 0:  # the server refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    initialise = [f"{programs[-1]}/initdb", "-D", folder / "data", "--username=genloss", "--auth=trust", "--encoding=UTF8"]
    subprocess.run(initialise, cwd=folder, check=True, capture_output=True, **user)
    server = subprocess.Popen(
        [f"{programs[-1]}/postgres", "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user,
    )  # fmt: skip

    def answers():
        asked = subprocess.run([f"{programs[-1]}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], cwd=folder)
        return asked.returncode == 0

    wait_until(answers, "PostgreSQL accepts connections")
    yield f"postgresql://genloss@127.0.0.1:{port}/postgres"
    server.send_signal(signal.SIGINT)
    server.wait(LIMIT_SECONDS)
    shutil.rmtree(folder)


@contextmanager
def _killed_service(**variables):
    """A service that is not asked to stop, but killed by the test."""
    running = Service(**variables)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait(LIMIT_SECONDS)


def _workers_of(running):
    """The worker processes of a service."""
    threads = Path(f"/proc/{running.process.pid}/task").glob("*/children")
    children = [child for thread in threads for child in thread.read_text().split()]
    return [int(one) for one in children if b"genloss.serve.jobs.worker" in Path(f"/proc/{one}/cmdline").read_bytes()]


def _kill(processes):
    for process in processes:
        os.kill(process, signal.SIGKILL)


def _never_began_again(epochs):
    """Whether the epochs follow each other; the last one before a kill may have been done twice."""
    return epochs[0] == 1 and all(after - before in (0, 1) for before, after in pairwise(epochs))


def _start(url):
    asked = {"pairs": "tiny", "training": LONG}
    return http.post(f"{url}/v1/training-jobs", json=asked, headers=HEADERS).json()["id"]


def test_after_kill_9_of_everything_the_job_goes_on_at_its_last_epoch(tmp_path, pairs_folder):
    variables = {"training_token": TOKEN, "jobs_folder": tmp_path / "jobs", "pairs_folder": pairs_folder}
    with _killed_service(**variables) as running:
        job = _start(running.url)
        wait_for_epoch(running.url, job, 5)
        workers = _workers_of(running)
        assert len(workers) == 1
        os.kill(running.process.pid, signal.SIGSTOP)  # it must not restart what is killed first
        _kill([*workers, *processes_of(job), running.process.pid])
    before = tower_epochs(tmp_path / "jobs", job)
    assert len(before) >= 5
    with service(**variables) as running:
        wait_for_epoch(running.url, job, len(before) + 3)
        assert http.get(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS).json()["state"] == "running"
        assert _never_began_again(tower_epochs(tmp_path / "jobs", job))
        http.delete(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS)
        wait_for(running.url, job, ["cancelled"])
    assert not processes_of(job)


def test_a_killed_worker_is_replaced_and_its_training_is_never_run_twice(tmp_path, pairs_folder):
    variables = {"training_token": TOKEN, "jobs_folder": tmp_path / "jobs", "pairs_folder": pairs_folder}
    with service(**variables) as running:
        job = _start(running.url)
        wait_for_epoch(running.url, job, 3)
        older = processes_of(job)
        _kill(_workers_of(running))
        wait_until(lambda: processes_of(job) and not set(older) & set(processes_of(job)), "another process trains")
        wait_for_epoch(running.url, job, len(tower_epochs(tmp_path / "jobs", job)) + 3)
        assert _never_began_again(tower_epochs(tmp_path / "jobs", job))
        http.delete(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS)
        wait_for(running.url, job, ["cancelled"])


def test_a_cancelled_job_goes_on_from_its_checkpoint_and_a_service_with_watchers_stops(tmp_path, pairs_folder):
    jobs = tmp_path / "jobs"
    with service(training_token=TOKEN, jobs_folder=jobs, pairs_folder=pairs_folder) as running:
        job = _start(running.url)
        wait_for_epoch(running.url, job, 3)
        http.delete(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS)
        wait_for(running.url, job, ["cancelled"])
        done = tower_epochs(jobs, job)
        assert http.post(f"{running.url}/v1/training-jobs/{job}/resume", headers=HEADERS).status_code == 202
        wait_for_epoch(running.url, job, len(done) + 2)
        assert _never_began_again(tower_epochs(jobs, job))
        with http.stream("GET", f"{running.url}/v1/training-jobs/{job}/events", headers=HEADERS):
            running.process.terminate()
            running.process.wait(LIMIT_SECONDS)  # a stream of events that nobody ends must not keep it
    assert not processes_of(job)


def test_the_queue_moves_to_postgresql_by_its_address_with_a_worker_of_its_own(tmp_path, pairs_folder, postgresql):
    variables = {
        "training_token": TOKEN, "jobs_folder": tmp_path / "jobs", "pairs_folder": pairs_folder, "jobs_url": postgresql,
        "jobs_worker": "separate",
    }  # fmt: skip
    environment = {**os.environ, **{f"GENLOSS_{name.upper()}": str(value) for name, value in variables.items()}}

    def start_worker():
        return subprocess.Popen([sys.executable, "-m", "genloss.cli", "work"], cwd=ROOT, env=environment)

    with _killed_service(**variables) as running:
        job = _start(running.url)
        assert wait_for(running.url, job, ["queued"])
        worker = start_worker()
        wait_for_epoch(running.url, job, 5)
        os.kill(running.process.pid, signal.SIGSTOP)
        _kill([worker.pid, *processes_of(job), running.process.pid])
        worker.wait(LIMIT_SECONDS)
    assert not (tmp_path / "jobs/queue.sqlite").exists()
    before = tower_epochs(tmp_path / "jobs", job)
    with service(**variables) as running:
        assert http.get(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS).json()["state"] == "running"
        worker = start_worker()
        wait_for_epoch(running.url, job, len(before) + 3)
        assert _never_began_again(tower_epochs(tmp_path / "jobs", job))
        worker.terminate()
        assert worker.wait(LIMIT_SECONDS) == 0
        assert not processes_of(job)  # stopped in order, and still to be done
        assert http.get(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS).json()["state"] == "running"
        http.delete(f"{running.url}/v1/training-jobs/{job}", headers=HEADERS)
        assert wait_for(running.url, job, ["cancelled"])
