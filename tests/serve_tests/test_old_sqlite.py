"""An SQLite that is too old for the queue of training jobs is named, before any job is lost in it."""

import sqlite3
from types import SimpleNamespace

import pytest

from genloss.serve.http.problems import RequestError
from genloss.serve.jobs import durable_queue


@pytest.mark.parametrize("python", [(3, 12, 0), (3, 13, 1)])
def test_an_old_sqlite_is_said_and_nothing_is_made(monkeypatch, tmp_path, python):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")
    monkeypatch.setattr(durable_queue, "sys", SimpleNamespace(version_info=python))
    with pytest.raises(RequestError, match=r"SQLite 3\.42 or newer .* has 3\.40\.1; set GENLOSS_JOBS_URL") as refused:
        durable_queue.JobQueue(f"sqlite:///{tmp_path}/jobs/queue.sqlite").add("a-job")
    assert refused.value.code == "jobs_unavailable"
    assert list(tmp_path.iterdir()) == []
