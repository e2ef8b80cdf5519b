"""The worker: takes queued jobs and runs their steps, one after the other.

Every step can resume: make_pairs from its ledger, tune from its study and `genloss train` from its checkpoint. If a worker
is killed, the interrupted step runs again and loses at most an epoch.
"""

import json
import logging.config
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from dbos import DBOS

from genloss.serve.jobs.durable_queue import APPLICATION, APPLICATION_VERSION, QUEUE, WORKFLOW, queue_url
from genloss.serve.jobs.folder import end_group
from genloss.serve.jobs.tasks import GRACE_SECONDS, POLL_SECONDS, JobTasks, WorkerConfig
from genloss.serve.logs import logging_config
from genloss.serve.settings import Settings

log = logging.getLogger("genloss.serve")


def worker_config(settings: Settings) -> WorkerConfig:
    """The settings that a worker needs."""
    folders = str(settings.jobs_folder.absolute()), str(settings.pairs_folder.absolute())
    return WorkerConfig(queue_url(settings), *folders, settings.jobs_worker_name, settings.jobs_at_once, settings.log_level)


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    """Starts a worker process. It ends when its standard input closes, and so also when its parent dies."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "genloss.serve.jobs.worker"], stdin=subprocess.PIPE, start_new_session=True
    )
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(asdict(worker_config(settings))).encode() + b"\n")
    worker.stdin.flush()
    return worker


def stop_worker(worker: subprocess.Popen[bytes]) -> None:
    """Stops a worker; the next worker resumes its jobs."""
    assert worker.stdin is not None
    worker.stdin.close()
    try:
        worker.wait(timeout=GRACE_SECONDS + 4.0)
    except subprocess.TimeoutExpired:
        end_group(worker.pid, 0.0)
        worker.wait()


def work(config: WorkerConfig, stopping: threading.Event) -> None:
    """Runs jobs until `stopping` is set, then interrupts them and ends the process.

    The next worker of the same name resumes the interrupted jobs.
    """
    tasks = JobTasks(config, stopping)
    folder = Path(config.folder)
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": config.url,
            "application_version": APPLICATION_VERSION,
            "executor_id": config.name,
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": POLL_SECONDS,
        }
    )

    @DBOS.step(name="make pairs")
    def make_pairs(job: str) -> None:
        tasks.make_pairs(job)

    @DBOS.step(name="search")
    def search(job: str) -> None:
        tasks.search(job)

    @DBOS.step(name="train")
    def train(job: str) -> None:
        tasks.train(job)

    # Every time that a worker is killed counts as an attempt.
    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=10_000)
    def run_job(job: str) -> None:
        make_pairs(job)
        search(job)
        train(job)

    DBOS.launch()
    DBOS.register_queue(
        QUEUE, worker_concurrency=config.at_once, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
    )
    log.info("worker %s takes training jobs", config.name)
    stopping.wait()
    tasks.wait_until_stopped()
    # The threads of interrupted steps still wait, so the queue keeps their jobs as running.
    os._exit(0)


def main() -> None:
    """The process that start_worker starts: its configuration is the first line of standard input."""
    config = WorkerConfig(**json.loads(sys.stdin.readline()))
    logging.config.dictConfig(logging_config(config.log_level))
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())

    def watch_parent() -> None:
        sys.stdin.read()  # returns when the parent has closed it, or has died
        stopping.set()

    threading.Thread(target=watch_parent, daemon=True).start()
    work(config, stopping)


if __name__ == "__main__":
    main()
