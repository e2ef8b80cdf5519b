"""The application of a review: the page, groups with their pictures, decisions, and the plan at the end."""

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict

from genloss.archive.decisions import DecisionKind
from genloss.archive.report_drawing import PICTURES
from genloss.archive.report_groups import Descents, group_record
from genloss.archive.report_web import icon, page_of, script_of, style_of
from genloss.archive.review import Review, Standing
from genloss.model.errors import GenerationLossError
from genloss.serve.http.pages import HEADERS
from genloss.serve.review.guard import Guard
from genloss.serve.review.pictures import GroupPictures

_PICTURE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}-(small|large|[0-9a-f]{16})\.webp")
MOST_BODY_BYTES = 4096

Finish = Callable[[], dict[str, Any]]


class DecisionRequest(BaseModel):
    """A decision about one member of a group."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: int
    place: int
    kind: DecisionKind


def create_review_app(
    review: Review, pictures: GroupPictures, descents: Descents, finish: Finish, token: str, port: int
) -> FastAPI:  # fmt: skip
    """The application; all it does with the catalog happens in the thread of its event loop.

    Args:
        review: of a plan.
        pictures: of its groups.
        descents: what is known of where contents came from.
        finish: writes the plan, and says where it is and what to type next.
        token: part of every address.
        port: where it listens.
    """
    app = FastAPI(title="genloss review", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_middleware(Guard, token=token, port=port)
    base = f"/{token}"
    files = {
        "": (page_of("review", {}), "text/html"), "review.js": (script_of("review"), "text/javascript"),
        "review.css": (style_of("review"), "text/css"), "icon.svg": (icon(), "image/svg+xml"),
    }  # fmt: skip

    @app.exception_handler(GenerationLossError)
    async def say_error(request: Request, error: GenerationLossError) -> Response:
        return JSONResponse({"code": error.code, "detail": str(error)}, 409, HEADERS)

    @app.get(base + "/queue")
    async def queue() -> Response:
        """All groups in the plan's order, without their members."""
        found = [{**_progress(standing), "uncertainty": uncertain} for standing, uncertain in review.queue()]
        return JSONResponse({"groups": found}, headers=HEADERS)

    @app.get(base + "/groups/{number}")
    async def group(number: int, ahead: int | None = None) -> Response:
        """One group with its pictures; those of the group `ahead` are drawn meanwhile."""
        standing = review.standing(number)
        await pictures.begin(standing.group)
        if ahead in review.groups:
            pictures.begin(review.groups[ahead])
        record = group_record(standing.group, pictures.drawings, descents)
        for member in record["members"]:
            del member["url"]  # no browser follows it from here
        return JSONResponse({**record, **_progress(standing)}, headers=HEADERS)

    @app.get(base + "/pictures/{name:path}")
    async def picture(name: str) -> Response:
        """A picture that was drawn for a group."""
        path = pictures.drawings.folder / PICTURES / name
        if not _PICTURE.fullmatch(name) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, headers={**HEADERS, "Cache-Control": "private, max-age=3600"}, media_type="image/webp")

    @app.post(base + "/decisions")
    async def decide(decision: DecisionRequest) -> Response:
        """Saves a decision at once."""
        return JSONResponse(_progress(review.decide(decision.group, decision.kind, decision.place)), headers=HEADERS)

    @app.post(base + "/undo")
    async def undo() -> Response:
        """Takes the last decision back; `group` is null where there is none."""
        number = review.undo()
        found = None if number is None else _progress(review.standing(number))
        return JSONResponse({"group": found}, headers=HEADERS)

    @app.post(base + "/finish")
    async def end() -> Response:
        """Writes the plan with all decisions, and ends the review."""
        return JSONResponse(finish(), headers=HEADERS)

    @app.get(base + "/")
    @app.get(base + "/{name}")
    async def file(name: str = "") -> Response:
        """The page, its script and its style sheet."""
        if name not in files:
            raise HTTPException(404)
        text, media_type = files[name]
        return Response(text, headers=HEADERS, media_type=media_type)

    return app


def _progress(standing: Standing) -> dict[str, Any]:
    return {
        "number": standing.group.number, "state": standing.state, "decided": list(standing.decided),
        "fates": list(standing.fates),
    }  # fmt: skip
