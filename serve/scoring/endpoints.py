"""POST /score and POST /rank."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Query, Request

from genloss.model.errors import ImageError
from genloss.model.images.facts import describe_facts
from genloss.model.scoring.workers import TimedScore
from genloss.serve.http.problems import RequestError, describe
from genloss.serve.http.uploads import Upload, read_picture, read_versions
from genloss.serve.scoring.pictures import IMAGE_CODES, PICTURE_BODY, REQUEST_CODES, VERSIONS_BODY, score_one
from genloss.serve.scoring.places import describe_places
from genloss.serve.scoring.schemas import ONE_PICTURE, REASONS, SURE, FailedPicture, RankAnswer, ScoreAnswer, Timing
from genloss.serve.scoring.serving import ServingModel

router = APIRouter(tags=["scoring"])


@router.post(
    "/score",
    summary="Score one picture",
    responses=describe(*REQUEST_CODES, *IMAGE_CODES),
    openapi_extra={"requestBody": PICTURE_BODY},
)
async def score(
    request: Request,
    reasons: Annotated[bool, Query(description=REASONS)] = False,
) -> ScoreAnswer:
    """The generation loss of one file, sent as a form or as the raw body. Lower is closer to the original.

    Scores compare versions of the same picture only. The file's first bytes say what it is; names and
    content types play no part.
    """
    started = time.perf_counter()
    picture = await read_picture(request)
    with request.app.state.serving.use() as model:
        scored = await score_one(request, model, picture.data, reasons)
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
    openapi_extra={"requestBody": VERSIONS_BODY},
)
async def rank(
    request: Request,
    reasons: Annotated[bool, Query(description="Say what speaks for or against each; false is several times faster.")] = True,
    sure: Annotated[
        float | None,
        Query(ge=0.5, le=1, description=SURE),
    ] = None,
    one_picture: Annotated[bool, Query(description=ONE_PICTURE)] = False,
) -> RankAnswer:
    """Orders 2 to 64 versions of one picture, the closest to the original first.

    Every two versions are compared side by side, which is right more often than their single scores, so
    neighbours may stand in another order than their scores say. Laid on each other they also show which one was
    made from which (`descent`). Files that show different pictures are ranked picture by picture, and never across;
    files with equal pixels share a place. Files that cannot be scored are listed under `failed`; the others are
    ranked as long as two are left.
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
        positions, names = [index for index, _ in scored], [upload.name for upload in uploads]
        files = [uploads[index].data for index in positions]
        ranked = await model.rank([result.score for _, result in scored], files, one_picture)
        seconds = sum({uploads[index].data: result.seconds for index, result in scored}.values())
        return RankAnswer(
            ranking=describe_places(ranked, positions, names, sure),
            n_pictures=max(version.picture for version in ranked),
            failed=failed,
            model_version=model.version,
            timing=Timing(scoring_seconds=seconds, total_seconds=time.perf_counter() - started),
        )


async def _score_all(
    request: Request, model: ServingModel, uploads: list[Upload], reasons: bool
) -> list[TimedScore | ImageError]:
    """Results in upload order. Equal files are scored once.

    At most `workers` files are scored at once, so that other requests get their turn.
    """
    turns = asyncio.Semaphore(request.app.state.settings.workers)

    async def one(data: bytes) -> TimedScore | ImageError:
        async with turns:
            try:
                return await score_one(request, model, data, reasons, with_fingerprint=True)
            except ImageError as error:
                return error

    contents = list(dict.fromkeys(upload.data for upload in uploads))
    results = dict(zip(contents, await asyncio.gather(*map(one, contents)), strict=True))
    return [results[upload.data] for upload in uploads]
