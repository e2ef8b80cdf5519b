"""Training jobs as clients see them, from the queue and the job folders."""

import hashlib
import json
import logging
import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from genloss.model.errors import BundleError
from genloss.model.scoring.bundle import Bundle, load_bundle
from genloss.serve.http.problems import RequestError
from genloss.serve.jobs.durable_queue import JobQueue, QueuedJob, queue_url
from genloss.serve.jobs.folder import JobFolder
from genloss.serve.jobs.options import completed
from genloss.serve.jobs.schemas import OVER, EpochMetrics, Job, JobDetails, JobProgress, TrainingOptions
from genloss.serve.settings import Settings

# The identifier of a job derives from its idempotency key, so that a repeated request finds the same job.
NAMESPACE = uuid.UUID("7c1f8d0e-5a2f-4d1c-9b57-6f1d8c3a1683")
EPOCHS_OF = {"the tower": "epochs", "the judge": "judge_epochs"}

log = logging.getLogger("genloss.serve")


class Jobs:
    """All jobs of a service. Methods may raise RequestError jobs_unavailable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.jobs_folder.absolute()
        self._queue = JobQueue(queue_url(settings))
        self._folder.mkdir(parents=True, exist_ok=True)

    @property
    def folder(self) -> Path:
        """The folder that holds the folders of all jobs."""
        return self._folder

    def submit(self, pairs: str | None, originals: BinaryIO | None, training: TrainingOptions, key: str | None) -> Job:
        """Creates and queues a job; if its key was used before, the earlier job is returned.

        Args:
            pairs: name of a pair set on the server, or None if originals are given.
            originals: a zip archive, or None if a pair set is given.
            training: options of the client.
            key: idempotency key of the client, or None.

        Raises:
            RequestError: pairs_unknown, parent_unknown, originals_invalid, key_reused, request_invalid.
        """
        if pairs is not None and pairs not in self.pair_sets():
            raise RequestError("pairs_unknown", f"there is no pair set {pairs!r} on the server; GET /v1/pair-sets lists them")
        _, parent = (None, None) if training.parent is None else self.models().get(training.parent, (None, None))
        if training.parent is not None and parent is None:
            raise RequestError("parent_unknown", f"there is no model {training.parent}; GET /v1/models lists them")
        complete = completed(training, parent)
        asked: dict[str, Any] = {"pairs": pairs, "n_originals": None, "training": training.model_dump()}
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
        if originals is not None:
            while data := originals.read(1 << 20):
                digest.update(data)
            originals.seek(0)
        asked |= {"request": digest.hexdigest(), "training": complete.model_dump()}
        job = str(uuid.uuid4() if key is None else uuid.uuid5(NAMESPACE, key))
        folder = JobFolder(self._folder, job)
        if not folder.create(asked, originals, self._settings.max_originals_bytes, parent):
            stored = folder.specification()
            if stored is None or stored["request"] != asked["request"]:
                raise RequestError("key_reused", "this idempotency key was used for another request")
        self._queue.add(job)
        return self.get(job)

    def pair_sets(self) -> list[str]:
        """Names of the pair sets in the pairs folder, at most three levels deep."""
        top = self._settings.pairs_folder.absolute()
        found = (path.parent.relative_to(top) for depth in range(1, 4) for path in top.glob("*/" * depth + "chains.jsonl"))
        return sorted(str(name) for name in found if not any(part.startswith(".") for part in name.parts))

    def page(self, states: Sequence[str], limit: int, offset: int) -> list[Job]:
        """Jobs in any of the states, the newest first; no state means all."""
        return [self._job(queued) for queued in self._queue.page(states, limit, offset)]

    def get(self, job: str) -> JobDetails:
        """Everything about one job.

        Raises:
            RequestError: job_unknown.
        """
        queued = self._queued(job)
        folder = JobFolder(self._folder, job)
        records, _ = folder.news()
        epochs = {
            (record["phase"], record["epoch"]): EpochMetrics.model_validate(record)
            for record in records
            if record["event"] == "epoch"
        }
        summary = self._job(queued, records)
        evaluation = _model_of(folder)[1] if summary.model else None
        return JobDetails(
            **summary.model_dump(),
            metrics=list(epochs.values()),
            found=folder.found_configuration(),
            evaluation=evaluation,
            log_tail=folder.log_tail(),
        )

    def state(self, job: str) -> str:
        """Only the state of a job, which is cheap to read.

        Raises:
            RequestError: job_unknown.
        """
        return self._state(self._queued(job))

    def cancel(self, job: str) -> Job:
        """Cancels a job; its process ends within seconds and its checkpoint stays.

        Raises:
            RequestError: job_unknown, job_over.
        """
        queued = self._queued(job)
        if queued.state in ("failed", "finished"):
            raise RequestError("job_over", f"the job has {queued.state}; there is nothing to cancel")
        self._queue.cancel(job)
        return self._job(self._queued(job))

    def resume(self, job: str) -> Job:
        """Queues a cancelled job again; it resumes from its checkpoint.

        Raises:
            RequestError: job_unknown, job_not_cancelled.
        """
        queued = self._queued(job)
        if self._state(queued) != "cancelled":
            raise RequestError("job_not_cancelled", f"the job is {self._state(queued)}; only a cancelled one is resumed")
        self._queue.resume(job)
        return self._job(self._queued(job))

    def news(self, job: str, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Progress records of a job from an offset on, and the offset for the next call."""
        return JobFolder(self._folder, job).news(offset)

    def models(self) -> dict[str, tuple[str | None, Bundle]]:
        """Job and bundle by model identifier, first the model of the settings (job None); broken bundles are left out."""
        found: dict[str, tuple[str | None, Bundle]] = {}
        for job, folder in ((None, self._settings.bundle), *self._bundles()):
            try:
                bundle = load_bundle(folder)
            except BundleError as error:
                log.warning("%s", error)
                continue
            found.setdefault(bundle.version, (job, bundle))
        return found

    def _bundles(self) -> Iterator[tuple[str, Path]]:
        for path in sorted(self._folder.glob("*/run/bundle/bundle.json")):
            if not path.parts[-4].startswith("."):
                yield path.parts[-4], path.parent

    def close(self) -> None:
        """Closes the connection to the database."""
        self._queue.close()

    def _queued(self, job: str) -> QueuedJob:
        found = self._queue.get(job)
        if found is None:
            raise RequestError("job_unknown", f"there is no training job {job}")
        return found

    def _state(self, queued: QueuedJob) -> str:
        if queued.state == "cancelled" and JobFolder(self._folder, queued.id).is_worked_on():
            return "cancelling"
        return queued.state

    def _job(self, queued: QueuedJob, records: list[dict[str, Any]] | None = None) -> Job:
        folder = JobFolder(self._folder, queued.id)
        asked = folder.specification() or {"pairs": None, "n_originals": None, "training": {}}
        training = TrainingOptions.model_validate(asked["training"])
        if records is None:
            records = [] if queued.state in OVER else folder.news()[0]
        return Job(
            id=queued.id,
            state=self._state(queued),  # type: ignore[arg-type]
            created_at=datetime.fromtimestamp(queued.created, UTC),
            started_at=None if queued.started is None else datetime.fromtimestamp(queued.started, UTC),
            ended_at=None if queued.ended is None else datetime.fromtimestamp(queued.ended, UTC),
            pairs=asked["pairs"],
            n_originals=asked["n_originals"],
            training=training,
            progress=_progress(records, training),
            error=queued.error,
            model=_model_of(folder)[0] if queued.state == "finished" else None,
        )


def _progress(records: list[dict[str, Any]], training: TrainingOptions) -> JobProgress | None:
    phases = [record for record in records if "phase" in record]
    if not phases:
        return None
    phase = phases[-1]["phase"]
    step: dict[str, Any] = next(
        (record for record in reversed(phases) if record["event"] == "step" and record["phase"] == phase), {}
    )
    epochs = {record["epoch"] for record in phases if record["event"] == "epoch" and record["phase"] == phase}
    return JobProgress(
        phase=phase,
        **{key: step.get(key) for key in ("step", "steps", "loss", "pair_accuracy", "seconds_left")},
        epoch=max(epochs, default=0) if phase in EPOCHS_OF else None,
        epochs=getattr(training, EPOCHS_OF[phase]) if phase in EPOCHS_OF else None,
    )


def _model_of(folder: JobFolder) -> tuple[str | None, dict[str, Any] | None]:
    """Identifier and evaluation of a job's bundle; (None, None) if the bundle is missing or broken."""
    try:
        return describe_bundle(folder.bundle, os.stat(folder.bundle / "bundle.json").st_mtime_ns)
    except (OSError, BundleError):
        return None, None


@lru_cache(maxsize=256)
def describe_bundle(folder: Path, changed: int) -> tuple[str, dict[str, Any]]:
    """Identifier and evaluation of a bundle, cached.

    Args:
        folder: of the bundle.
        changed: time of the last change in ns; a new value reads the bundle again.

    Raises:
        BundleError: as load_bundle.
    """
    bundle = load_bundle(folder)
    return bundle.version, bundle.description.get("evaluation", {})
