"""Runs each step of a job as a process: make_pairs, tune and `genloss train`; a cancellation ends the process."""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS
from dbos import error as dbos_error

from genloss.model.errors import GenerationLossError
from genloss.serve.jobs.folder import FOUND, JobFolder, end_group
from genloss.serve.jobs.options import OF_SEARCH

POLL_SECONDS = 0.5
# Time for an interrupted process to finish its checkpoint; then it is killed. Writes are atomic.
GRACE_SECONDS = 2.5

log = logging.getLogger("genloss.serve")


class JobFailedError(GenerationLossError):
    """A process of a job ended with an error; its message is the last line the process printed."""

    code = "training_failed"


@dataclass(frozen=True)
class WorkerConfig:
    """Configuration of a worker.

    Attributes:
        url: of the queue's database.
        folder, pairs_folder: folders of the jobs and of the pair sets.
        name: after a restart, a worker resumes the jobs of its name.
        at_once: most jobs at the same time.
        log_level: as for logging_config.
    """

    url: str
    folder: str
    pairs_folder: str
    name: str
    at_once: int
    log_level: str


class JobTasks:
    """Runs the processes of one worker's jobs."""

    def __init__(self, config: WorkerConfig, stopping: threading.Event) -> None:
        self._config = config
        self._stopping = stopping
        self._running = 0
        self._changed = threading.Condition()

    def make_pairs(self, job: str) -> None:
        """Makes pairs from the uploaded originals; does nothing if the job uses a pair set."""
        folder, specification = self._open(job)
        if specification["pairs"] is None:
            options = {"--images": folder.originals, "--out": folder.pairs, "--chains": specification["training"]["chains"]}
            self._run(job, folder, "genloss.datagen.make_pairs", options)

    def search(self, job: str) -> None:
        """Searches for the best configuration, if the job asks for a search."""
        folder, specification = self._open(job)
        training = specification["training"]
        if training["search_trials"]:
            options = {
                "--pairs": self._pairs(folder, specification), "--out": folder.search, "--trials": training["search_trials"],
                "--budget-minutes": training["search_minutes"], "--fraction": training["search_fraction"],
                "--seed": training["seed"],
            }  # fmt: skip
            self._run(job, folder, "genloss.search.tune", options)

    def train(self, job: str) -> None:
        """Trains until the run folder holds a bundle."""
        folder, specification = self._open(job)
        training = specification["training"]
        options: dict[str, object] = {"--pairs": self._pairs(folder, specification), "--out": folder.run}
        told = ["epochs", "seed", "judge_epochs", "corpus"]
        if training["search_trials"]:
            options["--config"] = folder.search / FOUND
        else:
            told += OF_SEARCH
        if training["parent"] is not None:
            options["--parent"] = folder.parent
        options |= {f"--{option.replace('_', '-')}": training[option] for option in told}
        self._run(job, folder, "genloss.cli", options, "train")

    def wait_until_stopped(self) -> None:
        """Waits until every running process has ended, at most GRACE_SECONDS + 3 s."""
        with self._changed:
            self._changed.wait_for(lambda: self._running == 0, timeout=GRACE_SECONDS + 3.0)

    def _pairs(self, folder: JobFolder, specification: dict) -> Path:
        name = specification["pairs"]
        return folder.pairs if name is None else Path(self._config.pairs_folder) / name

    def _open(self, job: str) -> tuple[JobFolder, dict]:
        folder = JobFolder(Path(self._config.folder), job)
        specification = folder.specification()
        if specification is None:
            raise JobFailedError("the job's folder is gone")
        return folder, specification

    def _run(self, job: str, folder: JobFolder, module: str, options: dict[str, object], *words: str) -> None:
        """Runs a module of genloss as a process and waits for its end.

        Raises:
            JobFailedError: it ended with an error.
            DBOSWorkflowCancelledError: the job was cancelled; the process has ended.
        """
        # Low priority: scoring on the same machine goes first.
        command = ["nice", "-n", "10", sys.executable, "-m", module, *words]
        command += [f"{name}={value}" for name, value in options.items()]
        with folder.only_worker() as lock, open(folder.log, "ab") as output, self._counted():
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, pass_fds=(lock,)
            )
            folder.note_process(lock, process.pid)
            code, cancelled = self._wait(job, process)
        if cancelled:
            raise dbos_error.DBOSWorkflowCancelledError(f"{job} was cancelled")
        if self._stopping.is_set() and code:
            threading.Event().wait()  # neither done nor failed: the next worker resumes the job
        if code < 0:
            raise JobFailedError(f"the process was ended by {signal.Signals(-code).name}")
        if code:
            last = next((line for line in reversed(folder.log_tail()) if line.strip()), f"ended with exit code {code}")
            raise JobFailedError(last.strip())

    def _wait(self, job: str, process: "subprocess.Popen[bytes]") -> tuple[int, bool]:
        """Waits for a process, and ends it if the job is cancelled or the worker stops.

        Returns:
            The exit code, and whether the job was cancelled.
        """
        cancelled = False
        while process.poll() is None:
            try:
                process.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                cancelled = self._is_cancelled(job)
                if cancelled or self._stopping.is_set():
                    end_group(process.pid, GRACE_SECONDS, lambda: process.poll() is not None)
        end_group(process.pid, 0.0)  # kills child processes that are left
        return process.wait(), cancelled

    def _is_cancelled(self, job: str) -> bool:
        status = DBOS.get_workflow_status(job)
        return status is not None and status.status == "CANCELLED"

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()
