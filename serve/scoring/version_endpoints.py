"""POST /v1/versions, /v1/rankings and /v1/preview: send every file once, rank it as often as you like."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from genloss.model.images.facts import describe_facts
from genloss.model.scoring.scorer import Score
from genloss.serve.http.problems import RequestError, describe
from genloss.serve.http.uploads import read_picture
from genloss.serve.scoring.kept import KeptVersion, KeptVersions, version_id
from genloss.serve.scoring.pictures import IMAGE_CODES, PICTURE_BODY, REQUEST_CODES, draw_one, score_one
from genloss.serve.scoring.places import describe_places
from genloss.serve.scoring.schemas import REASONS, RankAnswer, RankingRequest, Timing, VersionAnswer
from genloss.serve.scoring.serving import ServingModel

PREVIEW_PX = 2048  # the longest side
_PNG = {"type": "string", "format": "binary"}

router = APIRouter(tags=["scoring"])


@router.post(
    "/versions",
    summary="Score one picture and keep its score",
    responses=describe(*REQUEST_CODES, *IMAGE_CODES),
    openapi_extra={"requestBody": PICTURE_BODY},
)
async def keep_version(request: Request, reasons: Annotated[bool, Query(description=REASONS)] = False) -> VersionAnswer:
    """Scores one file, sent as a form or as the raw body, and keeps what a ranking needs of it for a while.

    The `id` depends on the model and the file's bytes alone. The file and its score (about 20 kB: measurements, a
    thumbnail, digests, reasons) stay in memory, never on disk, until they were not used for GENLOSS_KEPT_SECONDS, or
    until others that were used since fill GENLOSS_KEPT_VERSIONS or GENLOSS_KEPT_BYTES.
    """
    started = time.perf_counter()
    data = (await read_picture(request)).data
    with request.app.state.serving.use() as model:
        id = await asyncio.to_thread(version_id, model.version, data)
        score, seconds = await _find_or_score(request, model, id, data, reasons)
        return VersionAnswer(
            id=id,
            generation_loss=score.generation_loss,
            facts=score.facts,
            claims=describe_facts(score.facts),
            reasons=score.reasons if reasons else None,
            model_version=model.version,
            timing=Timing(scoring_seconds=seconds, total_seconds=time.perf_counter() - started),
        )


@router.post(
    "/rankings",
    summary="Order versions that were sent before",
    responses=describe(*REQUEST_CODES, "version_unknown"),
)
async def rank_versions(request: Request, asked: RankingRequest) -> RankAnswer:
    """Orders 1 to 64 kept versions as /v1/rank orders files; `index` is the position in the list, `filename` is empty.

    Where identifiers are not known, or were given by another model, `unknown` of the problem lists them: send
    these files to /v1/versions again. Reasons are there for versions that were sent with `reasons=true`.
    Files are laid on each other as in /v1/rank, which is why they are kept.
    """
    started = time.perf_counter()
    kept: KeptVersions = request.app.state.kept
    with request.app.state.serving.use() as model:
        versions, unknown = kept.find_all(asked.versions, model.version)
        if unknown:
            detail = f"{len(unknown)} of these versions were not sent to this model, or too long ago; send them again"
            raise RequestError("version_unknown", detail, {"unknown": unknown})
        scores, files = [version.score for version in versions], [version.data for version in versions]
        ranked = await model.rank(scores, files, asked.one_picture, request.app.state.findings)
        positions, names = range(len(versions)), [""] * len(versions)
        return RankAnswer(
            ranking=describe_places(ranked, positions, names, asked.sure),
            n_pictures=max(version.picture for version in ranked),
            failed=[],
            model_version=model.version,
            timing=Timing(scoring_seconds=0.0, total_seconds=time.perf_counter() - started),
        )


@router.post(
    "/preview",
    summary="Draw one picture as PNG",
    response_class=Response,
    responses=describe(*REQUEST_CODES, *IMAGE_CODES)
    | {200: {"description": "What genloss sees of it.", "content": {"image/png": {"schema": _PNG}}}},
    openapi_extra={"requestBody": PICTURE_BODY},
)
async def preview(request: Request) -> Response:
    """What genloss sees of a file: its first frame over white, turned as its EXIF orientation says.

    Larger pictures are shrunk to 2048 pixels on the longest side. For formats that a client cannot draw itself.
    """
    data = (await read_picture(request)).data
    with request.app.state.serving.use() as model:
        png = await draw_one(request, model, data, PREVIEW_PX)
    return Response(png, media_type="image/png", headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


async def _find_or_score(request: Request, model: ServingModel, id: str, data: bytes, reasons: bool) -> tuple[Score, float]:
    """The kept score, or a new score if none is kept or its reasons are missing; and the seconds that scoring took."""
    kept: KeptVersions = request.app.state.kept
    found = kept.find(id, model.version)
    if found is not None and (found.score.reasons is not None or not reasons):
        return found.score, 0.0
    scored = await score_one(request, model, data, reasons, with_fingerprint=True)
    kept.keep(id, model.version, KeptVersion(scored.score, data))
    return scored.score, scored.seconds
