"""POST /score and POST /rank."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from genloss.model.errors import ImageError
from genloss.model.images.facts import describe_facts
from genloss.model.scoring.ranker import RankedVersion, may_be_discarded
from genloss.model.scoring.workers import TimedScore
from genloss.serve.http.metrics import Metrics
from genloss.serve.http.problems import RequestError, describe
from genloss.serve.http.uploads import MAX_VERSIONS, Upload, read_picture, read_versions
from genloss.serve.scoring.schemas import FailedPicture, RankAnswer, RankedPicture, ScoreAnswer, Timing
from genloss.serve.scoring.serving import ServingModel

IMAGE_CODES = (
    "file_empty", "unsupported_format", "image_truncated", "image_corrupt", "image_too_small", "image_too_large", "too_complex",
    "metadata_too_large", "decode_timeout", "decode_crashed",
)  # fmt: skip
REQUEST_CODES = (
    "request_malformed",
    "request_invalid",
    "token_missing",
    "token_wrong",
    "body_timeout",
    "body_too_large",
    "overloaded",
)

router = APIRouter(tags=["scoring"])


def _form(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    properties = {name: {**schema, "description": description}}
    return {"schema": {"type": "object", "required": [name], "properties": properties}}


_FILE = {"type": "string", "format": "binary"}
_PICTURE_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": _form("file", _FILE, "JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF"),
        "application/octet-stream": {"schema": _FILE},
        "image/*": {"schema": _FILE},
    },
}
_VERSIONS_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": _form(
            "files", {"type": "array", "items": _FILE, "minItems": 2, "maxItems": MAX_VERSIONS}, "versions of one picture"
        )
    },
}


@router.post(
    "/score",
    summary="Score one picture",
    responses=describe(*REQUEST_CODES, *IMAGE_CODES),
    openapi_extra={"requestBody": _PICTURE_BODY},
)
async def score(
    request: Request,
    reasons: Annotated[bool, Query(description="Also say what speaks for or against it; takes several times as long.")] = False,
) -> ScoreAnswer:
    """The generation loss of one file, sent as a form or as the raw body. Lower is closer to the original.

    Scores compare versions of the same picture only. The file's first bytes say what it is; names and
    content types play no part.
    """
    started = time.perf_counter()
    picture = await read_picture(request)
    with request.app.state.serving.use() as model:
        scored = await _score_one(request, model, picture, reasons)
        return ScoreAnswer(
            generation_loss=scored.score.generation_loss,
            facts=scored.score.facts,
            claims=describe_facts(scored.score.facts),
            reasons=scored.score.reasons,
            model_version=model.version,
            timing=Timing(scoring_seconds=scored.seconds, total_seconds=time.perf_counter() - started),
        )


@router.post(
    "/rank",
    summary="Order versions of one picture",
    responses=describe(*REQUEST_CODES, "too_few_versions"),
    openapi_extra={"requestBody": _VERSIONS_BODY},
)
async def rank(
    request: Request,
    reasons: Annotated[bool, Query(description="Say what speaks for or against each; false is several times faster.")] = True,
    sure: Annotated[
        float | None,
        Query(ge=0.5, le=1, description="Also say which versions may be discarded: those worse than the first at these odds."),
    ] = None,
) -> RankAnswer:
    """Orders 2 to 64 versions of one picture, the closest to the original first.

    Every two versions are compared side by side, which is right more often than their single scores, so
    neighbours may stand in another order than their scores say. Files that show different pictures are ranked
    picture by picture, and never across; files with equal pixels share a place. Files that cannot be scored
    are listed under `failed`; the others are ranked as long as two are left.
    """
    started = time.perf_counter()
    uploads = await read_versions(request)
    with request.app.state.serving.use() as model:
        results = await _score_all(request, model, uploads, reasons)
        scored = [(index, result) for index, result in enumerate(results) if isinstance(result, TimedScore)]
        failed = [
            FailedPicture(index=index, filename=uploads[index].name, code=result.code, detail=str(result))
            for index, result in enumerate(results)
            if isinstance(result, ImageError)
        ]
        if len(scored) < 2:
            raise RequestError(
                "too_few_versions",
                f"{len(failed)} of {len(uploads)} files cannot be scored; a ranking takes at least 2 that can",
                {"failed": [one.model_dump() for one in failed]},
            )
        ranked = await model.rank([result.score for _, result in scored])
        seconds = sum(result.seconds for _, result in scored)
        return RankAnswer(
            ranking=[_place(version, uploads, [index for index, _ in scored], sure) for version in ranked],
            n_pictures=max(version.picture for version in ranked),
            failed=failed,
            model_version=model.version,
            timing=Timing(scoring_seconds=seconds, total_seconds=time.perf_counter() - started),
        )


def _place(version: RankedVersion, uploads: list[Upload], uploaded: list[int], sure: float | None) -> RankedPicture:
    """One place of the answer.

    Args:
        uploads: all of the request.
        uploaded: position among them of every scored version.
        sure: odds at which a version may be discarded.
    """
    return RankedPicture(
        picture=version.picture,
        place=version.place,
        index=uploaded[version.index],
        filename=uploads[uploaded[version.index]].name,
        same_as=None if version.same_as is None else uploaded[version.same_as],
        same=version.same,
        generation_loss=version.score.generation_loss,
        probability_closer_than_next=version.probability_closer_than_next,
        probability_worse_than_first=version.probability_worse_than_first,
        too_close_to_call=version.too_close_to_call,
        may_be_discarded=None if sure is None else may_be_discarded(version, sure),
        facts=version.score.facts,
        claims=describe_facts(version.score.facts),
        reasons=version.score.reasons,
    )


async def _score_all(
    request: Request, model: ServingModel, uploads: list[Upload], reasons: bool
) -> list[TimedScore | ImageError]:
    """Results in upload order; never more at once than there are workers, so that others get their turn."""
    turns = asyncio.Semaphore(request.app.state.settings.workers)

    async def one(upload: Upload) -> TimedScore | ImageError:
        async with turns:
            try:
                return await _score_one(request, model, upload, reasons, with_fingerprint=True)
            except ImageError as error:
                return error

    return await asyncio.gather(*(one(upload) for upload in uploads))


async def _score_one(
    request: Request, model: ServingModel, upload: Upload, reasons: bool, with_fingerprint: bool = False
) -> TimedScore:
    metrics: Metrics = request.app.state.metrics
    try:
        scored = await model.score(upload.data, reasons, with_fingerprint)
    except ImageError as error:
        metrics.decode_failures.labels(error.code).inc()
        raise
    metrics.model_seconds.labels(reasons).observe(scored.seconds)
    return scored
