"""Training jobs while the service runs: the queue's client, and a worker that is restarted when it dies."""

import asyncio
import logging
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from genloss.model.errors import ExtraMissingError, TrainingError
from genloss.serve.settings import Settings

if TYPE_CHECKING:  # needs the extra `jobs`
    from genloss.serve.jobs.training_jobs import Jobs

LOOK_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0

log = logging.getLogger("genloss.serve")


@asynccontextmanager
async def run_jobs(settings: Settings) -> AsyncIterator["Jobs | None"]:
    """Gives the jobs of the service, or None if training is off; also runs a worker if `jobs_worker` is "embedded".

    Raises:
        ExtraMissingError: a token is set, but the packages for training jobs are not installed.
        TrainingError: a token is set, but this system has no POSIX file locks.
    """
    if settings.training_token is None:
        yield None
        return
    jobs = load_jobs()(settings)
    keeping = asyncio.create_task(_keep_a_worker(settings)) if settings.jobs_worker == "embedded" else None
    try:
        yield jobs
    finally:
        if keeping is not None:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        jobs.close()


def load_jobs() -> "type[Jobs]":
    """Imports the class Jobs, which needs the extra `jobs`.

    Raises:
        ExtraMissingError: the extra is not installed.
        TrainingError: this system, such as Windows, has no POSIX file locks.
    """
    if find_spec("fcntl") is None:
        raise TrainingError("training jobs need a system with POSIX file locks; genloss train needs none")
    try:
        from genloss.serve.jobs.training_jobs import Jobs
    except ImportError as error:
        raise ExtraMissingError("GENLOSS_TRAINING_TOKEN", "serve,jobs", error) from error
    return Jobs


async def _keep_a_worker(settings: Settings) -> None:
    from genloss.serve.jobs.durable_queue import migrate, queue_url
    from genloss.serve.jobs.worker import start_worker, stop_worker

    worker: subprocess.Popen[bytes] | None = None
    wait = LOOK_SECONDS
    try:
        while True:
            try:
                await asyncio.to_thread(migrate, queue_url(settings))  # before client and worker need the tables
                worker = await asyncio.to_thread(start_worker, settings)
                while worker.poll() is None:
                    await asyncio.sleep(LOOK_SECONDS)
                    wait = LOOK_SECONDS
                log.error("the worker of the training jobs ended with exit code %d; starting another", worker.returncode)
            except Exception as error:  # any error of database or operating system; scoring goes on
                log.error("the worker of the training jobs cannot be started: %s", error)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
            await asyncio.sleep(wait)
    finally:
        if worker is not None and worker.poll() is None:
            await asyncio.shield(asyncio.to_thread(stop_worker, worker))
