"""Endpoints for operators: GET /livez, /readyz and /metrics."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from genloss.serve.http.problems import RequestError, describe
from genloss.serve.scoring.serving import ServingModel

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """The service can score."""

    status: Literal["ready"] = "ready"
    model_version: str = Field(examples=["3f1c0a9be27d"])


@router.get("/livez", summary="Is the process alive?")
@router.head("/livez", include_in_schema=False)
async def livez() -> Alive:
    """Answers as long as the event loop turns; when it does not, restart the process."""
    return Alive()


@router.get("/readyz", summary="Can it score?", responses=describe("not_ready"))
@router.head("/readyz", include_in_schema=False)
async def readyz(request: Request) -> Ready:
    """Whether requests should be sent here. Being busy does not count: those it cannot take get 429 at once."""
    model: ServingModel = request.app.state.serving.current
    if not model.is_ready:
        raise RequestError("not_ready", "the workers do not run")
    return Ready(model_version=model.version)


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
@router.head("/metrics", include_in_schema=False, response_class=Response)
async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
