"""POST /v1/alignments: how one kept version lies on another, for programs that show both."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from genloss.model.errors import ImageError
from genloss.model.pairs.registration import Registration
from genloss.serve.http.metrics import Metrics
from genloss.serve.http.problems import RequestError, describe
from genloss.serve.scoring.kept import KeptVersions
from genloss.serve.scoring.pictures import REQUEST_CODES

_IDS: list[Any] = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", f"{16:064x}"]
_PLACEMENT: dict[str, Any] = {
    "turn": 1, "scale_x": 0.5, "scale_y": 0.5, "shift_x_px": -32.0, "shift_y_px": 0.0,
    "width_px": 480, "height_px": 640, "onto_width_px": 256, "onto_height_px": 240,
}  # fmt: skip
_ALIGNED: dict[str, Any] = {
    "placement": _PLACEMENT, "likeness": 0.9731, "model_version": "3f1c0a9be27d", "total_seconds": 0.0421,
}  # fmt: skip

router = APIRouter(tags=["scoring"])


class AlignmentRequest(BaseModel):
    """Which two kept versions to lay on each other."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"versions": _IDS}]})

    versions: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(
        min_length=2, max_length=2, description="Identifiers from POST /v1/versions: of the first version, and of the second."
    )


class PlacementAsSeen(BaseModel):
    """Where the first version's pixels lie in the second, both turned as their EXIF orientations say.

    x' = scale_x * x + shift_x_px of the turned first version, and so for y.
    """

    turn: int = Field(ge=0, le=7, description="Quarter turns counter-clockwise; from 4 on after mirroring left to right.")
    scale_x: float = Field(gt=0, description="Pixels of the second for each pixel of the turned first.")
    scale_y: float = Field(gt=0)
    shift_x_px: float = Field(description="Where the turned first one's left edge lies, in pixels of the second.")
    shift_y_px: float
    width_px: int = Field(gt=0, description="Of the first version, before the turn.")
    height_px: int = Field(gt=0)
    onto_width_px: int = Field(gt=0, description="Of the second version.")
    onto_height_px: int = Field(gt=0)


class AlignmentAnswer(BaseModel):
    """How one version lies on another."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ALIGNED]})

    placement: PlacementAsSeen | None = Field(description="Null where the two do not show the same picture, or nothing tells.")
    likeness: float | None = Field(
        ge=-1, le=1, description="Correlation of their details where they overlap; null without a placement."
    )
    model_version: str
    total_seconds: float = Field(ge=0, description="From the parsed request to the answer, waiting included.")


@router.post(
    "/alignments",
    summary="Lay one version on another",
    responses=describe(*REQUEST_CODES, "version_unknown", "decode_timeout", "decode_crashed"),
)
async def align_versions(request: Request, asked: AlignmentRequest) -> AlignmentAnswer:
    """Looks for the turn, scale and shift that lay the first kept version on the second; no file is sent again.

    Where identifiers are not known, or were given by another model, `unknown` of the problem lists them: send these
    files to /v1/versions again.
    """
    started = time.perf_counter()
    kept: KeptVersions = request.app.state.kept
    metrics: Metrics = request.app.state.metrics
    with request.app.state.serving.use() as model:
        versions, unknown = kept.find_all(asked.versions, model.version)
        if unknown:
            detail = f"{len(unknown)} of these versions were not sent to this model, or too long ago; send them again"
            raise RequestError("version_unknown", detail, {"unknown": unknown})
        try:
            found = await model.align(versions[0].data, versions[1].data)
        except ImageError as error:
            metrics.decode_failures.labels(error.code).inc()
            raise
        return AlignmentAnswer(
            placement=None if found is None else _describe(found),
            likeness=None if found is None else found.likeness,
            model_version=model.version,
            total_seconds=time.perf_counter() - started,
        )


def _describe(found: Registration) -> PlacementAsSeen:
    placement = found.placement
    (height, width), (onto_height, onto_width) = placement.source, placement.target
    return PlacementAsSeen(
        turn=placement.turn, scale_x=placement.scale_x, scale_y=placement.scale_y,
        shift_x_px=placement.shift_x_px, shift_y_px=placement.shift_y_px,
        width_px=width, height_px=height, onto_width_px=onto_width, onto_height_px=onto_height,
    )  # fmt: skip
