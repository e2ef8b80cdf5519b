"""The durable queue of training jobs: a thin layer over DBOS, on SQLite or PostgreSQL."""

import logging
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS, DBOSClient
from dbos import WorkflowStatus as DBOSStatus
from sqlalchemy.exc import SQLAlchemyError

from genloss.serve.http.problems import RequestError
from genloss.serve.settings import Settings

QUEUE = "training"
WORKFLOW = "train"
APPLICATION = "genloss"
# Only workers of the same version get a job. Increase it if an older worker could not run a new job.
APPLICATION_VERSION = "1"
LEAST_SQLITE = (3, 42)  # where Python is 3.12 or newer

STATES = {
    "queued": ("ENQUEUED", "DELAYED"),
    "running": ("PENDING",),
    "cancelled": ("CANCELLED",),
    "failed": ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"),
    "finished": ("SUCCESS",),
}


@dataclass(frozen=True)
class QueuedJob:
    """A job as the queue stores it; times in seconds since 1970."""

    id: str
    state: str
    created: float
    started: float | None
    ended: float | None
    error: str | None


def queue_url(settings: Settings) -> str:
    """URL of the queue's database: that of the settings, else a SQLite file in the jobs folder."""
    if settings.jobs_url is not None:
        return settings.jobs_url.get_secret_value()
    return f"sqlite:///{settings.jobs_folder.absolute()}/queue.sqlite"


class JobQueue:
    """Adds, lists and cancels jobs; connects when first used, so that scoring does not depend on the database.

    All methods may raise RequestError jobs_unavailable.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: DBOSClient | None = None
        self._connecting = threading.Lock()

    def add(self, job: str) -> None:
        """Queues a job; a job that is already in the queue stays as it is."""
        options = {
            "workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": job, "app_version": APPLICATION_VERSION,
        }  # fmt: skip
        with _available():
            self._connected().enqueue(options, job)  # type: ignore[arg-type]

    def get(self, job: str) -> QueuedJob | None:
        """The job, or None if the queue has no such job."""
        with _available():
            found = self._connected().list_workflows(workflow_ids=[job], name=WORKFLOW, load_input=False)
        return _queued_job(found[0]) if found else None

    def page(self, states: Sequence[str], limit: int, offset: int) -> list[QueuedJob]:
        """Jobs in any of the states, the newest first; no state means all."""
        wanted = [status for state in states for status in STATES[state]]
        with _available():
            found = self._connected().list_workflows(
                name=WORKFLOW, status=wanted or None, limit=limit, offset=offset, sort_desc=True, load_input=False
            )
        return [_queued_job(status) for status in found]

    def cancel(self, job: str) -> None:
        """Marks a job as cancelled; its worker notices within a second."""
        with _available():
            self._connected().cancel_workflow(job)

    def resume(self, job: str) -> None:
        """Queues a cancelled job again."""
        with _available():
            self._connected().resume_workflow(job, queue_name=QUEUE)

    def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            self._client.destroy()
            self._client = None

    def _connected(self) -> DBOSClient:
        with self._connecting:
            if self._client is None:
                _check_sqlite(self._url)
                migrate(self._url)
                self._client = DBOSClient(
                    system_database_url=self._url, application_name=APPLICATION, retry_connection_errors=False
                )
            return self._client


def migrate(url: str) -> None:
    """Creates or updates the tables of the queue."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    DBOS.migrate(url)


def _check_sqlite(url: str) -> None:
    """Refuses an SQLite that DBOS cannot work with: from Python 3.12 on, it asks for the time in milliseconds."""
    if url.startswith("sqlite:") and sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise RequestError(
            "jobs_unavailable",
            f"training jobs need SQLite {'.'.join(map(str, LEAST_SQLITE))} or newer with this Python, which has "
            f"{sqlite3.sqlite_version}; set GENLOSS_JOBS_URL to a PostgreSQL database, or use Python 3.11",
        )


@contextmanager
def _available() -> Iterator[None]:
    """Turns errors of the database into jobs_unavailable."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise RequestError("jobs_unavailable", "the database of the training jobs cannot be reached") from error


def _queued_job(status: DBOSStatus) -> QueuedJob:
    state = next(state for state, names in STATES.items() if status.status in names)
    return QueuedJob(
        id=status.workflow_id,
        state=state,
        created=_seconds(status.created_at) or 0.0,
        started=_seconds(status.dequeued_at),
        ended=_seconds(status.completed_at),
        error=None if status.error is None else str(status.error),
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
