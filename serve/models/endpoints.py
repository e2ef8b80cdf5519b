"""GET /v1/models and POST /v1/models/{id}/activate: lists models and switches between them without dropping a request."""

import asyncio
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathParameter

from genloss.model.errors import BundleError
from genloss.model.files import write_atomically
from genloss.model.scoring.bundle import load_bundle
from genloss.serve.http.problems import RequestError, describe
from genloss.serve.http.tokens import TrainingToken
from genloss.serve.models.schemas import Activation, Models, TrainedModel
from genloss.serve.models.self_test import describe_seen, self_test, wrong_names
from genloss.serve.scoring.serving import Serving, ServingModel
from genloss.serve.settings import Settings

if TYPE_CHECKING:  # needs the extra `jobs`
    from genloss.serve.jobs.training_jobs import Jobs

CHOICE = "serving.json"

log = logging.getLogger("genloss.serve")
router = APIRouter(prefix="/models", tags=["models"], dependencies=[Depends(TrainingToken())])
ModelId = Annotated[str, PathParameter(pattern="^[0-9a-f]{12}$", description="From GET /v1/models.")]


@dataclass(frozen=True)
class Choice:
    """The model that an operator has activated; survives restarts."""

    folder: Path
    serving: str
    previous: str | None


def read_choice(settings: Settings) -> Choice | None:
    """The model activated last; None if training is off, no model was activated, or the model can no longer be used."""
    if settings.training_token is None:
        return None
    try:
        stored = json.loads((settings.jobs_folder / CHOICE).read_text(encoding="utf-8"))
        choice = Choice(Path(stored["folder"]), stored["serving"], stored["previous"])
        if load_bundle(choice.folder).version != choice.serving:
            raise BundleError(f"{choice.folder} is no longer the model {choice.serving}")
        return choice
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, BundleError) as error:
        log.error("the model activated last cannot be used (%s); serving %s", error, settings.bundle)
        return None


@router.get("", summary="List models", responses=describe("token_missing", "token_wrong", "training_off"))
def list_models(request: Request) -> Models:
    """The model the service was started with and those of finished jobs, with their evaluation on held-out sources."""
    state = request.app.state
    jobs: Jobs = state.jobs
    return Models(
        serving=state.serving.current.version,
        previous=state.choice.previous if state.choice else None,
        models=[
            TrainedModel(
                id=bundle.version,
                serving=bundle.version == state.serving.current.version,
                job=job,
                corpus=bundle.description.get("corpus"),
                evaluation=bundle.description.get("evaluation"),
            )
            for job, bundle in jobs.models().values()
        ],
    )


@router.post(
    "/{id}/activate",
    summary="Let a model serve",
    responses=describe("token_missing", "token_wrong", "training_off", "model_unknown", "self_test_failed", "request_invalid"),
)
async def activate(
    request: Request,
    id: ModelId,
    force: Annotated[bool, Query(description="Let it serve although it does not rank every golden original first.")] = False,
) -> Activation:
    """Tests a model on golden images and lets it answer all requests from then on; running requests keep the old one.

    A model that ranks any golden original behind its damaged copy is refused; `self_test` of the problem says what it
    made of each, and `may_be_forced` that `force` would let it serve all the same.

    Activating the previous model is how to roll back. The choice survives a restart of the service.
    """
    state = request.app.state
    serving: Serving = state.serving
    settings: Settings = state.settings
    jobs: Jobs = state.jobs
    async with state.activating:
        _, bundle = (await asyncio.to_thread(jobs.models)).get(id, (None, None))
        if bundle is None:
            raise RequestError("model_unknown", f"there is no model {id}; GET /v1/models lists them")
        try:
            seen = await asyncio.to_thread(self_test, bundle.folder)
        except BundleError as error:
            raise RequestError("self_test_failed", str(error)) from error
        failed = wrong_names(seen)
        if failed and not force:
            detail = (
                f"{len(seen) - len(failed)} of {len(seen)} golden originals are ranked first; not that of {', '.join(failed)}"
            )
            raise RequestError("self_test_failed", detail, {**describe_seen(seen), "may_be_forced": True})
        older = serving.current.version
        if older != id:
            model = await asyncio.to_thread(ServingModel, bundle.folder, settings)
            choice = Choice(bundle.folder.absolute(), id, older)
            stored = {"folder": str(choice.folder), "serving": choice.serving, "previous": choice.previous}
            await asyncio.to_thread(write_atomically, settings.jobs_folder / CHOICE, json.dumps(stored).encode())
            serving.replace(model)
            state.choice = choice
            log.info("model %s serves from now on, before it %s", id, older)
        if failed:
            log.warning("model %s was forced to serve although it fails on golden images: %s", id, ", ".join(failed))
        previous = state.choice.previous if state.choice else None
        return Activation(serving=id, previous=previous, failed=failed, self_test=seen)
