"""Training jobs over HTTP: start, watch, cancel, resume."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from genloss.serve.http.problems import describe
from genloss.serve.http.tokens import TrainingToken
from genloss.serve.jobs.schemas import OVER, Job, JobDetails, PairSets, State, TrainingOptions, TrainingRequest
from genloss.serve.jobs.schemas import Jobs as JobPage

if TYPE_CHECKING:  # needs the extra `jobs`
    from genloss.serve.jobs.training_jobs import Jobs

ORIGINALS_PATH = "/v1/training-jobs/from-originals"
EVENT_SECONDS = 0.5
QUIET_SECONDS = 15.0  # without an event, after which a comment keeps the connection open

CODES = ("token_missing", "token_wrong", "training_off", "jobs_unavailable", "request_invalid")
router = APIRouter(tags=["training"], dependencies=[Depends(TrainingToken())])
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="Sending the same request again with the same key starts nothing new."),
]


def _jobs(request: Request) -> "Jobs":
    jobs: Jobs = request.app.state.jobs
    return jobs


@router.get("/pair-sets", summary="List pair sets", responses=describe(*CODES[:3]))
def pair_sets(request: Request) -> PairSets:
    """Pair sets on the server that a job can be trained on, as make_pairs has written them."""
    return PairSets(pair_sets=_jobs(request).pair_sets())


@router.post(
    "/training-jobs", status_code=202, summary="Train on a pair set",
    responses=describe(
        *CODES, "pairs_unknown", "parent_unknown", "key_reused", "request_malformed", "overloaded", "body_too_large",
        "body_timeout",
    ),
)  # fmt: skip
def start(request: Request, response: Response, asked: TrainingRequest, idempotency_key: IdempotencyKey = None) -> Job:
    """Queues a training, from scratch, from a parent, or after a search for the best configuration.

    One job runs at a time unless the operator says otherwise.
    """
    job = _jobs(request).submit(asked.pairs, None, asked.training, idempotency_key)
    response.headers["Location"] = f"/v1/training-jobs/{job.id}"
    return Job.model_validate(job.model_dump(include=set(Job.model_fields)))


@router.post(
    "/training-jobs/from-originals", status_code=202, summary="Train on uploaded originals",
    responses=describe(*CODES, "originals_invalid", "parent_unknown", "key_reused", "body_too_large", "body_timeout"),
    openapi_extra={
        "requestBody": {
            "required": True, "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)  # fmt: skip
async def start_from_originals(
    request: Request,
    response: Response,
    training: Annotated[TrainingOptions, Query()],
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Queues a training on a zip archive of pictures: pairs are made from them first.

    The pictures should be as good as they can be had; they are kept in the jobs folder.
    """
    jobs = _jobs(request)
    # In the jobs folder, since the system's folder for temporary files may lie in memory.
    with tempfile.TemporaryFile(dir=jobs.folder) as archive:
        async for chunk in request.stream():
            await asyncio.to_thread(archive.write, chunk)
        archive.seek(0)
        job = await asyncio.to_thread(jobs.submit, None, archive, training, idempotency_key)
    response.headers["Location"] = f"/v1/training-jobs/{job.id}"
    return Job.model_validate(job.model_dump(include=set(Job.model_fields)))


@router.get("/training-jobs", summary="List jobs", responses=describe(*CODES))
def list_jobs(
    request: Request,
    state: Annotated[list[State] | None, Query(description="Only jobs in these states.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> JobPage:
    """Jobs, the newest first."""
    wanted = sorted({"cancelled" if one == "cancelling" else one for one in state or ()})
    return JobPage(jobs=_jobs(request).page(wanted, limit, offset))


@router.get("/training-jobs/{id}", summary="Look at a job", responses=describe(*CODES, "job_unknown"))
def get(request: Request, id: UUID) -> JobDetails:
    """State, progress, learning curves, and the end of the log."""
    return _jobs(request).get(str(id))


@router.delete("/training-jobs/{id}", summary="Cancel a job", responses=describe(*CODES, "job_unknown", "job_over"))
def cancel(request: Request, id: UUID) -> Job:
    """Ends the job's process within five seconds; its checkpoint stays, so that it can be resumed."""
    return _jobs(request).cancel(str(id))


@router.post(
    "/training-jobs/{id}/resume", status_code=202, summary="Go on with a cancelled job",
    responses=describe(*CODES, "job_unknown", "job_not_cancelled", "overloaded"),
)  # fmt: skip
def resume(request: Request, id: UUID) -> Job:
    """Queues a cancelled job again; it goes on from its last checkpoint."""
    return _jobs(request).resume(str(id))


@router.get(
    "/training-jobs/{id}/events", summary="Watch a job", response_class=StreamingResponse,
    responses=describe(*CODES, "job_unknown")
    | {200: {"description": "Server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def events(
    request: Request,
    id: UUID,
    last_event_id: Annotated[int, Header(ge=0, le=2**53, description="Where an earlier stream was left.")] = 0,
) -> StreamingResponse:
    """Server-sent events until the job is over.

    `state` comes at once and at every change, `step` at most once a second in every phase, `epoch` after every epoch
    of tower and judge with the points of the learning curves. The identifier of an event says where to go on.
    """
    state = await asyncio.to_thread(_jobs(request).state, str(id))
    stream = _events(request, str(id), state, last_event_id)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(request: Request, job: str, state: str, offset: int) -> AsyncIterator[bytes]:
    jobs = _jobs(request)
    is_stopping = getattr(request.app.state, "is_stopping", lambda: False)
    yield _event("state", {"state": state})
    quiet = 0.0
    while True:
        over = state in OVER
        records, offset = await asyncio.to_thread(jobs.news, job, offset)
        for index, record in enumerate(records):
            # Only the last event of a batch has an identifier: a client that saw less gets the whole batch again.
            yield _event(record["event"], record, offset if index + 1 == len(records) else None)
        if over or is_stopping():
            return
        quiet = 0.0 if records else quiet + EVENT_SECONDS
        if quiet > QUIET_SECONDS:
            quiet = 0.0
            yield b": waiting\n\n"
        await asyncio.sleep(EVENT_SECONDS)
        now = await asyncio.to_thread(jobs.state, job)
        if now != state:
            state = now
            yield _event("state", {"state": state})


def _event(name: str, data: dict[str, Any], identifier: int | None = None) -> bytes:
    lines = [f"event: {name}", f"data: {json.dumps(data)}"]
    if identifier is not None:
        lines.insert(0, f"id: {identifier}")
    return ("\n".join(lines) + "\n\n").encode()
