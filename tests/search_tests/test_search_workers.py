"""Several workers on one study, killed at any moment; on SQLite, and on a real PostgreSQL server."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import optuna
import pg8000.native
import pytest
from optuna.trial import TrialState
from sqlalchemy.pool import NullPool

from genloss.search.study import settled_trials
from tests.fixtures import ROOT

pytestmark = pytest.mark.slow
# To start a worker and its trial, both of which import much, on a machine that is busy with other things.
START_SECONDS = 900


def _start(pairs, out, url, n_trials, log) -> subprocess.Popen:
    command = [
        sys.executable, "search/tune.py", "--pairs", str(pairs), "--out", str(out), "--storage", url, "--fraction", "0.5",
        "--budget-minutes", "0.05", "--trials", str(n_trials), "--max-latency", "99", "--max-size", "99", "--pruner", "none",
    ]  # fmt: skip
    with open(log, "a") as stream:
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=stream)


def _study(url) -> optuna.Study:
    # Connections are closed after each question, or strict warnings call them lost.
    storage = optuna.storages.RDBStorage(url, engine_kwargs={"poolclass": NullPool})
    return optuna.load_study(study_name="genloss", storage=storage)


def _wait(condition, seconds, what):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if condition():
                return
        except (KeyError, optuna.exceptions.StorageInternalError):  # the study is not there yet, or just being written
            pass
        time.sleep(0.2)
    pytest.fail(f"{what}: not within {seconds} s")


def _running(url) -> list[int]:
    return [trial.number for trial in _study(url).get_trials() if trial.state == TrialState.RUNNING]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_worker_loses_its_trial_only_and_leaves_no_zombie(small_pairs, tmp_path):
    url, log, n_trials = f"sqlite:///{tmp_path / 'study.sqlite'}", tmp_path / "log.txt", 3
    first = _start(small_pairs, tmp_path, url, n_trials, log)
    _wait(lambda: _running(url), START_SECONDS, "a trial runs")
    time.sleep(8)  # into the trial's process, whichever part of it that is
    children = [int(one) for one in Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()]
    assert children
    first.send_signal(signal.SIGKILL)
    first.wait()
    lost = _running(url)  # only now: nobody is left who could end or begin a trial
    assert len(lost) <= 1
    _wait(lambda: not any(map(_alive, children)), 300, "the trial's process ends with its study")
    settled_before = len(settled_trials(_study(url)))
    second = _start(small_pairs, tmp_path, url, n_trials, log)
    _wait(lambda: not set(lost) & set(_running(url)), START_SECONDS, "no zombies")
    assert second.wait(timeout=2 * START_SECONDS) == 0, log.read_text()
    study = _study(url)
    settled = settled_trials(study)
    assert len(settled) == n_trials >= settled_before
    assert all(trial.state == TrialState.COMPLETE for trial in settled), log.read_text()
    again = [trial for trial in study.get_trials() if trial.system_attrs.get("retry_history")]
    assert len(again) == len(lost)  # one kill loses one trial, and that one is run again
    for trial in again:
        assert trial.params == study.get_trials()[trial.system_attrs["retry_history"][-1]].params
    assert (tmp_path / "best.json").exists()


def test_two_workers_share_a_study_on_sqlite(small_pairs, tmp_path):
    url, log = f"sqlite:///{tmp_path / 'study.sqlite'}", tmp_path / "log.txt"
    workers = [_start(small_pairs, tmp_path, url, 4, log) for _ in range(2)]
    assert [worker.wait(timeout=2 * START_SECONDS) for worker in workers] == [0, 0], log.read_text()
    trials = _study(url).get_trials()
    # Both may take the last trial at the same moment.
    assert len(trials) in (4, 5)
    assert all(trial.state == TrialState.COMPLETE for trial in trials), log.read_text()
    assert sum(bool(trial.user_attrs.get("shipped")) for trial in trials) == 1
    assert len({str(trial.params) for trial in trials}) == len(trials)
    overlap = any(a.datetime_start < b.datetime_start < a.datetime_complete for a in trials for b in trials)
    assert overlap, "the workers took turns"


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory) -> Iterator[str]:
    """URL of a database on a server of its own, started as a user other than root, which PostgreSQL demands."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = tmp_path_factory.mktemp("postgresql")
    options = {}
    if os.getuid() == 0:
        entry = pwd.getpwnam("nobody")
        options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        folder = Path(tempfile.mkdtemp(prefix="genloss-postgresql-"))  # others may not enter pytest's folders
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    run = {"check": True, "capture_output": True, "cwd": "/", "timeout": 600, **options}
    subprocess.run([programs[-1] / "initdb", "-D", data, "-U", "genloss", "-A", "trust", "--no-sync"], **run)
    server = subprocess.Popen(
        [programs[-1] / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)],
        cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options,
    )  # fmt: skip
    try:
        ends = time.monotonic() + 300
        while True:
            try:
                pg8000.native.Connection("genloss", host="127.0.0.1", port=port, database="postgres").close()
                break
            except pg8000.exceptions.Error:
                assert time.monotonic() < ends, "the server does not start"
                time.sleep(0.2)
        yield f"postgresql://genloss@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown
        server.wait(timeout=300)
        shutil.rmtree(folder, ignore_errors=True)


def test_two_workers_share_a_study_on_postgresql_and_one_is_killed(small_pairs, tmp_path, postgresql):
    url = postgresql.replace("postgresql://", "postgresql+pg8000://")
    log = tmp_path / "log.txt"
    workers = [_start(small_pairs, tmp_path, postgresql, 4, log) for _ in range(2)]

    def stopped_at_a_trial():
        """Whether the first worker was at a trial when it was stopped: the second is at one at most."""
        workers[0].send_signal(signal.SIGSTOP)
        if len(_running(url)) == 2:
            return True
        workers[0].send_signal(signal.SIGCONT)
        return False

    _wait(lambda: len(_running(url)) == 2 and stopped_at_a_trial(), START_SECONDS, "both are at a trial")
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait()
    assert workers[1].wait(timeout=2 * START_SECONDS) == 0, log.read_text()
    trials = _study(url).get_trials()
    assert len(settled_trials(_study(url))) == 4
    assert [trial.state for trial in trials].count(TrialState.FAIL) == 1
    assert not _running(url)
