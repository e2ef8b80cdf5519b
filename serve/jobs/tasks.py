"""The steps of a job as processes of their own: make_pairs, tune and `genloss train`, which a cancellation ends."""

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
# A process that was interrupted may finish writing its checkpoint; it is killed after this. Writes are atomic.
GRACE_SECONDS = 2.5

log = logging.getLogger("genloss.serve")


class JobFailedError(GenerationLossError):
    """A process of a job ended with an error; its message is the last line the process printed."""

    code = "training_failed"


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker needs to know: where queue and jobs are, its name, how many jobs at once, and how much to log."""

    url: str
    folder: str
    pairs_folder: str
    name: str
    at_once: int
    log_level: str


class JobTasks:
    """The processes of the jobs of one worker."""

    def __init__(self, config: WorkerConfig, stopping: threading.Event) -> None:
        self._config = config
        self._stopping = stopping
        self._running = 0
        self._changed = threading.Condition()

    def make_pairs(self, job: str) -> None:
        """Turns the job's own originals into pairs, where it has brought some."""
        folder, specification = self._open(job)
        if specification["pairs"] is None:
            options = {"--images": folder.originals, "--out": folder.pairs, "--chains": specification["training"]["chains"]}
            self._run(job, folder, "genloss.datagen.make_pairs", options)

    def search(self, job: str) -> None:
        """Looks for the best configuration, where the job asks for that."""
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
        """Returns once every running process has ended."""
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
        """Runs a program of ours to its end.

        Raises:
            JobFailedError: it ended with an error.
            DBOSWorkflowCancelledError: the job was cancelled and the process ended for that.
        """
        # Scoring on the same machine goes first.
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
            threading.Event().wait()  # neither done nor failed: the next worker goes on
        if code < 0:
            raise JobFailedError(f"the process was ended by {signal.Signals(-code).name}")
        if code:
            last = next((line for line in reversed(folder.log_tail()) if line.strip()), f"ended with exit code {code}")
            raise JobFailedError(last.strip())

    def _wait(self, job: str, process: "subprocess.Popen[bytes]") -> tuple[int, bool]:
        """Waits for a process, and ends it when the job is cancelled or the worker stops; exit code, and if cancelled."""
        cancelled = False
        while process.poll() is None:
            try:
                process.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                cancelled = self._is_cancelled(job)
                if cancelled or self._stopping.is_set():
                    end_group(process.pid, GRACE_SECONDS, lambda: process.poll() is not None)
        end_group(process.pid, 0.0)  # helpers it may have left
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
